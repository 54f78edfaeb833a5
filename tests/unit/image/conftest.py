"""A live ISO of a few kilobytes, made by the real tools, and a cache of the test's own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

KERNEL = b"MZ kernel"
INITRD = b"070701 initrd"
STATUS = """\
Package: gdm3
Status: install ok installed
Version: 48.0-2

Package: gone
Status: deinstall ok config-files
Version: 1

Package: bash
Status: install ok installed
Version: 5.2-1
"""
ISOLINUX = (
    "default live\nlabel live\n kernel /live/vmlinuz\n append initrd=/live/initrd.img boot=live splash\n"
)

MakeTree = Callable[[], Path]
MakeIso = Callable[[Path], Path]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def live_tree(tmp_path: Path) -> Path:
    """The content of a live ISO; tests change it before they make the ISO."""
    root, tree = tmp_path / "root", tmp_path / "tree"
    for folder in ("etc", "usr/sbin", "var/lib/dpkg"):
        (root / folder).mkdir(parents=True)
    (root / "sbin").symlink_to("usr/sbin")
    (root / "usr/os-release").write_text("ID=debian\nVERSION_CODENAME=trixie\n")
    (root / "etc/os-release").symlink_to("../usr/os-release")
    (root / "etc/debian_version").write_text("13.1\n")
    (root / "etc/odd [name]").write_text("odd\n")
    (root / "var/lib/dpkg/status").write_text(STATUS)
    (tree / "live").mkdir(parents=True)
    (tree / "isolinux").mkdir()
    run("mksquashfs", root, tree / "live/filesystem.squashfs", "-comp", "zstd", "-quiet", "-no-progress")
    (tree / "live/vmlinuz").write_bytes(KERNEL)
    (tree / "live/initrd.img").write_bytes(INITRD)
    (tree / "isolinux/isolinux.cfg").write_text(ISOLINUX)
    return tree


@pytest.fixture
def make_iso(tmp_path: Path) -> MakeIso:
    def make(tree: Path) -> Path:
        iso = tmp_path / "live.iso"
        run("xorriso", "-as", "mkisofs", "-quiet", "-r", "-J", "-V", "LIVE", "-o", iso, tree)
        return iso

    return make


@pytest.fixture
def iso(live_tree: Path, make_iso: MakeIso) -> Path:
    return make_iso(live_tree)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)
