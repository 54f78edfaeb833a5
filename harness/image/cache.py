"""The cache of images and overlays: entries are folders, made once, complete or not there at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from harness.errors import HostError

Progress = Callable[[str], None]
"""Takes one line about what is being done now."""


def silent(_line: str) -> None:
    """The progress of somebody who does not want to know."""


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


def entry(kind: str, key: str, make: Callable[[Path], None], progress: Progress = silent) -> Path:
    """The folder `kind/key` of the cache; `make` fills it when it is not there yet.

    `make` gets an empty folder beside the final place, which is renamed into it only when `make`
    returned: a crash leaves no half entry, and what it did leave is removed by the next one to try.
    """
    final = root() / kind / key
    if final.is_dir():
        return final
    with locked(f"{kind}-{key}", progress):
        if final.is_dir():
            return final
        partial = final.with_name(f".{key}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            make(partial)
            partial.rename(final)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return final
