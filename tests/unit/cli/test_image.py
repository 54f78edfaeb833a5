from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from harness.cli import run
from harness.image import reference

WORDS = ("path", "sha256", "label", "kernel", "command line under the harness")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path / "cache"))


def test_inspect_of_what_is_no_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["image", "inspect", str(tmp_path / "absent.iso")]) == 2
    assert "no such image" in capsys.readouterr().err


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_inspect(small_iso: Path, capsys: pytest.CaptureFixture[str], form: list[str]) -> None:
    assert run(["image", "inspect", str(small_iso), *form]) == 0
    out = capsys.readouterr().out
    if form:
        facts = json.loads(out)
        assert facts["suite"] == "trixie"
        assert facts["command_line"] == "boot=live"
        assert "security=tomoyo" in facts["command_line_under_the_harness"]
    else:
        assert all(any(line.startswith(word) for line in out.splitlines()) for word in WORDS)


@pytest.fixture
def small_iso(tmp_path: Path) -> Path:
    root, tree = tmp_path / "root", tmp_path / "tree"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").write_text("VERSION_CODENAME=trixie\n")
    for name in ("live", "isolinux"):
        (tree / name).mkdir(parents=True)
    for name in ("vmlinuz", "initrd.img"):
        (tree / "live" / name).write_text(name)
    (tree / "isolinux/isolinux.cfg").write_text(
        "label live\nkernel /live/vmlinuz\nappend initrd=/live/initrd.img boot=live\n"
    )
    squash = ["mksquashfs", root, tree / "live/filesystem.squashfs", "-quiet", "-no-progress"]
    subprocess.run(squash, check=True, capture_output=True)
    iso = tmp_path / "small.iso"
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-r", "-o", iso, tree], check=True, capture_output=True
    )
    return iso


def test_build_says_where_the_image_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = {}

    def build(flavour, suite, *, with_tomoyo, fresh, progress):
        seen.update(flavour=flavour, suite=suite, with_tomoyo=with_tomoyo, fresh=fresh)
        progress("[    0 s] package lists of bookworm")
        return tmp_path / "x.iso"

    monkeypatch.setattr(reference, "build", build)
    assert run(["image", "build", "--flavour", "console", "--suite", "bookworm", "--with-tomoyo"]) == 0
    out = capsys.readouterr()
    assert out.out == f"{tmp_path / 'x.iso'}\n"
    assert "[    0 s] package lists of bookworm" in out.err
    assert seen == {"flavour": "console", "suite": "bookworm", "with_tomoyo": True, "fresh": False}


def test_build_of_an_unknown_suite(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["image", "build", "--suite", "sid"]) == 2
    assert "sid" in capsys.readouterr().err
