"""Builds the console image for real, twice; minutes long, so run by hand: `pytest tests/build`."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.image import reference
from harness.image.liveiso import LiveIso


@pytest.mark.timeout(3600)
def test_the_same_recipe_gives_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path))
    lists = []
    for fresh in (False, True):
        iso = reference.build("console", "trixie", fresh=fresh, progress=print)
        lists.append({end: iso.with_suffix(end).read_text() for end in (".files", ".packages")})
        assert not LiveIso.read(iso).root.exists("usr/sbin/qemu-ga")
    assert lists[0] == lists[1]
