"""Running the host's programs: their output, and a clear error when one is missing or fails."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import HostError

PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
"""Who is not root has no /usr/sbin in it, where mkfs is, and dovecot."""
_LINES_SHOWN = 12


def require(*names: str) -> None:
    """Raise HostError when one of the programs `names` is not on PATH."""
    missing = [name for name in names if shutil.which(name, path=PATH) is None]
    if missing:
        raise HostError(
            f"not installed on this host: {', '.join(missing)}",
            hint="run `make setup`: it installs the packages of ci/packages.txt",
        )


def run(
    command: Sequence[str | Path],
    *,
    stdin: bytes | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> bytes:
    """Run `command` to its end and return its standard output.

    Args:
        command: the program and its arguments; no shell is involved.
        stdin: what it reads; nothing by default.
        cwd: where it runs.
        env: variables in addition to this process's own.

    Raises:
        HostError: it is not installed, or ended with a status other than 0; carries its last words.
    """
    require(str(command[0]))
    done = subprocess.run(
        command,
        input=stdin if stdin is not None else b"",
        cwd=cwd,
        env={**os.environ, "PATH": PATH, **(env or {})},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise failure(command, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout


def failure(command: Sequence[str | Path], status: int, words: str) -> HostError:
    """The error for `command` that ended with `status` after saying `words`."""
    last = "\n".join(f"  {line}" for line in words.strip().splitlines()[-_LINES_SHOWN:])
    return HostError(f"{Path(command[0]).name} ended with status {status}:\n{last}", expected="status 0")
