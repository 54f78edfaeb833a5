"""Bytes onto the disk so that a crash leaves the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from harness.errors import HostError

# A quota or a file size limit ends a run like a full disk does.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_IN_THE_WAY = frozenset({errno.EISDIR, errno.ENOTDIR, errno.EEXIST})


def replace(path: Path, data: bytes) -> None:
    """Write `data` to `path` as a whole: to a temporary file beside it, flushed, then renamed.

    Raises:
        HostError: the disk is full, the folder cannot be written, or a folder has that name; `path` is as it
            was before.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise _not_written(path, len(data), error) from error


def append(path: Path, data: bytes) -> None:
    """Append `data` in a single write, so that lines of several processes do not mix.

    Raises:
        HostError: as `replace`; what a short write left behind is cut off again.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            written = os.write(descriptor, data)
            if written < len(data):
                # Only the last bytes can be ours: a neighbour's line after them would be lost with the cut.
                end = os.lseek(descriptor, 0, os.SEEK_CUR)
                if end == os.fstat(descriptor).st_size:
                    os.ftruncate(descriptor, end - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _not_written(path, len(data), error) from error


def _not_written(path: Path, size: int, error: OSError) -> HostError:
    kept = sorted(entry.name for entry in path.parent.glob("[!.]*")) if path.parent.is_dir() else []
    reason = error.strerror or str(error)
    if error.errno in _IN_THE_WAY:
        return HostError(
            f"{path} is not saved ({size} bytes): {reason}",
            expected="the name of a file, new or to be replaced, in a folder",
            hint="name another place, or move away what has that name",
        )
    return HostError(
        f"{path} is not saved ({size} bytes): {reason}",
        expected=f"room in {path.parent}; saved there before and kept: {', '.join(kept) or 'nothing'}",
        hint="free some space and continue with --resume"
        if error.errno in _FULL
        else "make the folder writable and continue with --resume",
    )
