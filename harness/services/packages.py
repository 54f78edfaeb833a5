"""A Debian package repository in the simplest form that apt takes: packages and their index in one folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from harness.errors import HostError

_CONTROL = """\
Package: {name}
Version: {version}
Architecture: all
Maintainer: Carol <carol@example.org>
Description: says where it is
 Made for one scenario.
"""


def repository(folder: Path, name: str, version: str, program: str) -> dict[str, bytes]:
    """A repository with one package, which installs /usr/bin/NAME.

    Args:
        folder: an empty folder to work in.
        name: the package's name.
        version: its version.
        program: a shell script.

    Returns:
        The repository's files: name → content.

    Raises:
        HostError: dpkg-deb or apt-ftparchive is missing or fails.
    """
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(_CONTROL.format(name=name, version=version))
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / name).write_text(f"#!/bin/sh\n{program}\n")
    (tree / "usr" / "bin" / name).chmod(0o755)
    pool = folder / "pool"
    pool.mkdir()
    _run(
        "dpkg-deb", "--root-owner-group", "--build", str(tree), f"{pool}/{name}_{version}_all.deb", at=folder
    )
    index = _run("apt-ftparchive", "packages", ".", at=pool)
    (pool / "Packages").write_bytes(index)
    release = _run("apt-ftparchive", "release", ".", at=pool)
    files = {file.name: file.read_bytes() for file in pool.iterdir()}
    return {**files, "Release": release}


def _run(*command: str, at: Path) -> bytes:
    try:
        done = subprocess.run(command, cwd=at, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise HostError(f"{command[0]} is not on the PATH", hint="make setup") from error
    if done.returncode != 0:
        raise HostError(f"{command[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
