from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.image import cache


def test_an_entry_is_made_once(own_cache: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "content").write_text("x")

    first = cache.entry("kind", "key", make)
    assert first == own_cache / "kind" / "key"
    assert (first / "content").read_text() == "x"
    assert cache.entry("kind", "key", make) == first
    assert len(made) == 1


def test_a_failure_leaves_nothing(own_cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cache.entry("kind", "key", fail)
    assert list((own_cache / "kind").iterdir()) == []


def test_what_a_crash_left_is_not_taken_over(own_cache: Path) -> None:
    left = own_cache / "kind" / ".key.partial"
    left.mkdir(parents=True)
    (left / "half").write_text("x")
    made = cache.entry("kind", "key", lambda folder: (folder / "whole").touch())
    assert [path.name for path in made.iterdir()] == ["whole"]
    assert not left.exists()


def test_two_at_once_make_one(own_cache: Path) -> None:
    inside, go_on, waits = threading.Event(), threading.Event(), threading.Event()
    made = []

    def slow(folder: Path) -> None:
        made.append(folder)
        inside.set()
        assert go_on.wait(10)

    first = threading.Thread(target=cache.entry, args=("kind", "key", slow))
    second = threading.Thread(target=cache.entry, args=("kind", "key", slow, lambda _line: waits.set()))
    first.start()
    assert inside.wait(10)
    second.start()
    assert waits.wait(10), "the second one must say that it waits"
    go_on.set()
    first.join()
    second.join()
    assert len(made) == 1


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path / "file"))
    with pytest.raises(HostError, match="cannot be written") as caught:
        cache.entry("kind", "key", lambda _folder: None)
    assert "TOMOGRAPH_CACHE" in str(caught.value)


def test_sha256_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"one")
    first = cache.sha256(path)
    assert first == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    before = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.sha256(path) == first
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert cache.sha256(path) != first


def test_a_damaged_note_of_a_sum_is_made_anew(tmp_path: Path, own_cache: Path) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"one")
    first = cache.sha256(path)
    (note,) = (own_cache / "sha256").iterdir()
    note.write_text("{")
    assert cache.sha256(path) == first
