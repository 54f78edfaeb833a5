from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ImageError
from harness.image.squashfs import Squashfs


@pytest.fixture
def squashfs(live_tree: Path) -> Squashfs:
    return Squashfs(live_tree / "live/filesystem.squashfs")


def test_read_follows_links(squashfs: Squashfs) -> None:
    assert squashfs.read("etc/os-release").startswith(b"ID=debian")


def test_a_name_is_no_pattern(squashfs: Squashfs) -> None:
    assert squashfs.read("etc/odd [name]") == b"odd\n"
    assert not squashfs.exists("etc/*")


def test_names(squashfs: Squashfs) -> None:
    names = squashfs.names()
    assert "var/lib/dpkg/status" in names
    assert "sbin" in names
    assert names == sorted(names)


def test_directories(squashfs: Squashfs) -> None:
    directories = squashfs.directories()
    assert {"etc", "usr/sbin", "var/lib/dpkg"} <= directories
    assert not directories & {"sbin", "etc/odd [name]"}


def test_exists(squashfs: Squashfs) -> None:
    assert squashfs.exists("etc")
    assert not squashfs.exists("usr/sbin/qemu-ga")


def test_absent_file(squashfs: Squashfs) -> None:
    with pytest.raises(ImageError, match="etc/absent"):
        squashfs.read("etc/absent")
