"""A Debian package repository in the simplest form that apt takes: packages and their index in one folder."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from harness import tool

_CONTROL = """\
Package: {name}
Version: {version}
Architecture: all
Maintainer: Carol <carol@example.org>
Description: says where it is
 Made for one scenario.
"""


def repository(folder: Path, name: str, version: str, program: str, *, now: datetime) -> dict[str, bytes]:
    """A repository with one package, which installs /usr/bin/NAME.

    Args:
        folder: an empty folder to work in.
        name: the package's name.
        version: its version.
        program: a shell script.
        now: the guest's time in UTC; apt takes no repository that comes from the future.

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
    package = pool / f"{name}_{version}_all.deb"
    tool.run(["dpkg-deb", "--root-owner-group", "--build", tree, package])
    index = tool.run(["apt-ftparchive", "packages", "."], cwd=pool)
    (pool / "Packages").write_bytes(index)
    date = f"APT::FTPArchive::Release::Date={format_datetime(now)}"
    release = tool.run(["apt-ftparchive", "-o", date, "release", "."], cwd=pool)
    files = {file.name: file.read_bytes() for file in pool.iterdir()}
    return {**files, "Release": release}
