"""What can be tried of the builder without a build; `tests/build/` builds for real."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.image import reference
from harness.image.apt import PackageRoot, Source
from harness.image.recipe import Recipe


def test_a_cached_image_is_not_built_again(own_cache: Path) -> None:
    recipe = Recipe("console", "trixie")
    folder = own_cache / "image" / f"{recipe.name}-{recipe.digest}"
    folder.mkdir(parents=True)
    (folder / "console-trixie.iso").write_bytes(b"iso")
    said: list[str] = []
    assert reference.build("console", "trixie", progress=said.append) == folder / "console-trixie.iso"
    assert said == []


def test_a_builder_that_fails_says_why_and_leaves_nothing(
    own_cache: Path, monkeypatch, tmp_path: Path
) -> None:
    nowhere = Source(f"copy:{tmp_path}/nowhere", "./", (), ("trusted=yes",))
    monkeypatch.setattr("harness.image.apt.host_sources", lambda _suite: (nowhere,))
    monkeypatch.setattr(PackageRoot, "update", lambda _self: None)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    with pytest.raises(HostError, match="mmdebstrap ended with status"):
        reference.build("console", "trixie")
    assert list((own_cache / "image").iterdir()) == []


def test_who_may_build(monkeypatch: pytest.MonkeyPatch) -> None:
    works: set[str] = set()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(reference.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(reference, "_succeeds", lambda *command: command[0] in works)
    with pytest.raises(HostError, match="neither map user ids"):
        reference._privilege()
    works.add("sudo")
    assert reference._privilege()[:2] == ("sudo", "-n")
    works.add("unshare")
    assert reference._privilege() == ()
