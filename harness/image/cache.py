"""The cache of images and overlays: entries are folders, made once, complete or not there at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from harness.errors import HostError
from harness.progress import Progress, silent

_CHUNK = 1 << 22


def root() -> Path:
    """Where everything is kept: `$TOMOGRAPH_CACHE`, else the user's cache directory."""
    chosen = os.environ.get("TOMOGRAPH_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("tomograph")


@contextmanager
def locked(name: str, progress: Progress = silent) -> Iterator[None]:
    """Hold the lock `name` against other processes; waits for whoever has it.

    The lock is a flock: the kernel drops it when its holder dies, so none is ever stale.
    """
    path = root() / "locks" / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise HostError(
            f"{path} cannot be written: {error.strerror}",
            hint="set TOMOGRAPH_CACHE to a directory that can be written and has room",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that makes {name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def entry(
    kind: str, key: str, make: Callable[[Path], None], progress: Progress = silent, *, fresh: bool = False
) -> Path:
    """The folder `kind/key` of the cache; `make` fills it when it is not there yet, or anew if `fresh`.

    `make` gets an empty folder beside the final place, which is renamed into it only when `make`
    returned: a crash leaves no half entry, and what it did leave is removed by the next one to try.
    """
    final = root() / kind / key
    if final.is_dir() and not fresh:
        return final
    with locked(f"{kind}-{key}", progress):
        if final.is_dir() and not fresh:
            return final
        partial = final.with_name(f".{key}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            make(partial)
            if final.is_dir():
                shutil.rmtree(final)
            partial.rename(final)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return final


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file; remembered for as long as its size and time stay."""
    state = path.stat()
    seen = {"size": state.st_size, "mtime_ns": state.st_mtime_ns}
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    memo = root() / "sha256" / f"{name}.json"
    try:
        known = json.loads(memo.read_text())
        if known["seen"] == seen:
            return str(known["sha256"])
    except (OSError, ValueError, KeyError):
        pass  # not seen before, or an unreadable note: reading the file again is always right
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    memo.parent.mkdir(parents=True, exist_ok=True)
    fresh = memo.with_suffix(f".{digest.hexdigest()[:8]}")
    fresh.write_text(json.dumps({"path": str(path), "seen": seen, "sha256": digest.hexdigest()}))
    fresh.replace(memo)
    return digest.hexdigest()
