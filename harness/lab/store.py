"""Saved checkpoints on disk, kept between runs.

A checkpoint is worth keeping only for the same image, overlay, command line, hardware and way of getting
there; its key is made of all of them. Making one takes minutes, so of several workers one makes it while
the others wait for its lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from harness.guest.tomoyo import SavedPolicy

_BOOTING = "boot.lock"
_MEMORY = "memory"
_INFO = "info.json"
_POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of a saved checkpoint beside its memory.

    Attributes:
        name: the checkpoint's name.
        policy: the name of its dated policy folder.
        journal_cursor: where the guest's journal stood.
        ready_seconds: how long it took to get there from its parent.
        save_seconds: how long its memory took to save.
        stages: what was reached after how many seconds.
        made: when, in the host's time, UTC.
    """

    name: str
    policy: str
    journal_cursor: str
    ready_seconds: float
    save_seconds: float
    made: str
    kernel: str = ""
    tomoyo: str = ""
    stages: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint on disk."""

    folder: Path
    info: Info
    baseline: SavedPolicy

    @property
    def memory(self) -> Path:
        """The machine's memory as libvirt saved it."""
        return self.folder / _MEMORY


class Store:
    """The folder of all saved checkpoints, at most `keep` of them."""

    def __init__(self, folder: Path, *, keep: int = 10) -> None:
        self.folder = folder
        self._keep = keep

    @staticmethod
    def key(*parts: str) -> str:
        """A checkpoint's folder name, made of everything that it depends on."""
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]

    def find(self, key: str) -> Saved | None:
        """The checkpoint saved under `key`, marked as just used."""
        folder = self.folder / key
        try:
            raw = json.loads((folder / _INFO).read_text())
        except FileNotFoundError:
            return None
        info = Info(**{**raw, "stages": [(seconds, text) for seconds, text in raw["stages"]]})
        files = {file.name: file.read_bytes() for file in (folder / _POLICY).iterdir()}
        _mark_used(folder)
        return Saved(folder, info, SavedPolicy(info.policy, files))

    @contextlib.contextmanager
    def making(self, key: str) -> Iterator[Path | None]:
        """A new folder to put a checkpoint's memory in, or None when another process made it meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{key}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (self.folder / key / _INFO).exists():
                yield None
                return
            partial = self.folder / f"{key}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                yield partial
            finally:
                shutil.rmtree(partial, ignore_errors=True)

    @contextlib.contextmanager
    def booting(self) -> Iterator[None]:
        """The turn to boot a machine, which one process of this user has at a time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _BOOTING).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def is_booting(self) -> bool:
        """Whether some process has the turn to boot."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _BOOTING).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def keep(self, partial: Path, info: Info, baseline: SavedPolicy) -> None:
        """Make the checkpoint in `partial` (its memory is there) a saved one; forget the least used."""
        (partial / _POLICY).mkdir()
        for name, content in baseline.files.items():
            (partial / _POLICY / name).write_bytes(content)
        (partial / _INFO).write_text(json.dumps(asdict(info), indent=1) + "\n")
        _mark_used(partial)
        final = partial.with_suffix("")
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        self._forget_least_used()

    def keep_task(self, key: str, name: str, record: Path) -> None:
        """Keep a copy of a task's record with the checkpoint that it led to, as long as that is kept."""
        partial = self.folder / f"{key}.{name}"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(record, partial)
        final = self.folder / key / name
        shutil.rmtree(final, ignore_errors=True)
        try:
            partial.rename(final)
        except FileNotFoundError:  # the checkpoint has been forgotten meanwhile
            shutil.rmtree(partial, ignore_errors=True)

    def task(self, key: str, name: str) -> Path | None:
        """The record of that name kept with the checkpoint `key`; None where there is none."""
        folder = self.folder / key / name
        return folder if folder.is_dir() else None

    def saved(self) -> list[tuple[Path, int, datetime]]:
        """All saved checkpoints: folder, size in bytes, last use; the latest first."""
        found = []
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            # What has more to its name than a key is a copy in the making, or what is left of one.
            if "." not in folder.name and (folder / _INFO).exists():
                size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
                found.append((folder, size, datetime.fromtimestamp(folder.stat().st_mtime).astimezone()))
        return sorted(found, key=lambda entry: entry[2], reverse=True)

    def memory_file(self, partial: Path) -> Path:
        """Where the memory of a checkpoint in the making belongs."""
        return partial / _MEMORY

    def _forget_least_used(self) -> None:
        for folder, _size, _used in self.saved()[self._keep :]:
            shutil.rmtree(folder, ignore_errors=True)


def _mark_used(folder: Path) -> None:
    # The clock that a file system stamps with stands still for some milliseconds; two uses need two times.
    now = time.time_ns()
    os.utime(folder, ns=(now, now))
