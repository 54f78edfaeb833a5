from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

import pytest

from harness.image.recipe import Recipe, parse_list

FLAVOURS, SUITES = ("console", "desktop"), ("trixie", "bookworm")
ALL = [Recipe(*which) for which in itertools.product(FLAVOURS, SUITES, (False, True))]


def test_parse_list() -> None:
    assert parse_list("# head\n\nnano\n  git   # why\n") == ["nano", "git"]


def test_every_recipe_has_a_digest_of_its_own() -> None:
    assert len({recipe.digest for recipe in ALL}) == len(ALL)


def test_the_digest_follows_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "reference"
    shutil.copytree(Recipe("console", "trixie").folder, copy)
    monkeypatch.setattr(Recipe, "folder", copy)
    recipe = Recipe("console", "trixie")
    seen = [recipe.digest]
    for changed in ("packages/base.list", "hooks/base", "files/base/etc/hostname", "boot/grub.cfg"):
        with (copy / changed).open("a") as file:
            file.write("more\n")
        seen.append(recipe.digest)
    assert len(set(seen)) == len(seen)
    with (copy / "packages/desktop.list").open("a") as file:
        file.write("more\n")
    assert recipe.digest == seen[-1], "a console does not change with the desktop's packages"


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: recipe.name)
def test_an_image_knows_nothing_of_the_harness(recipe: Recipe) -> None:
    assert "qemu-guest-agent" not in recipe.packages
    assert ("tomoyo-tools" in recipe.packages) == recipe.with_tomoyo
    assert ("security=tomoyo" in recipe.command_line) == recipe.with_tomoyo


def test_flavours_and_suites() -> None:
    console, desktop = Recipe("console", "trixie"), Recipe("desktop", "trixie")
    assert set(console.packages) < set(desktop.packages)
    assert "gdm3" in desktop.packages
    assert "gnome-console" in desktop.packages
    assert "gnome-console" not in Recipe("desktop", "bookworm").packages


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: recipe.name)
def test_no_package_is_asked_for_twice(recipe: Recipe) -> None:
    for path in (recipe.folder / "packages").iterdir():
        listed = parse_list(path.read_text())
        assert len(listed) == len(set(listed)), path.name


def test_hooks_can_be_run() -> None:
    assert all(os.access(hook, os.X_OK) for recipe in ALL for hook in recipe.hooks)
