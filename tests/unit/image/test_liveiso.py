from __future__ import annotations

import subprocess
from pathlib import Path

import pycdlib
import pytest

from harness.errors import ImageError
from harness.image.liveiso import LiveIso


def test_reads_what_boots(iso: Path) -> None:
    live = LiveIso.read(iso)
    assert live.label == "LIVE"
    assert live.entry.kernel == "/live/vmlinuz"
    assert live.entry.command_line == "boot=live splash"
    assert live.kernel() == b"MZ kernel"
    assert live.initrd() == b"070701 initrd"


def test_reads_the_root_inside(iso: Path) -> None:
    live = LiveIso.read(iso)
    assert live.suite == "trixie"
    assert live.packages == {"gdm3", "bash"}
    assert live.root.is_link("sbin")
    assert not live.is_tails


def test_paths_are_written_as_tomoyo_writes_them(iso: Path) -> None:
    paths = LiveIso.read(iso).paths()
    assert {"/usr/", "/usr/sbin/", "/sbin", r"/etc/odd\040[name]", "/var/lib/dpkg/status"} <= paths
    assert not paths & {"/usr", "/sbin/", "/"}


def test_never_writes_to_the_image(iso: Path) -> None:
    iso.chmod(0o444)
    before = iso.read_bytes()
    live = LiveIso.read(iso)
    live.kernel()
    live.root.names()
    assert iso.read_bytes() == before


def test_initrds_in_several_parts_are_laid_end_to_end(live_tree, make_iso) -> None:
    (live_tree / "live/more").write_bytes(b" and more")
    config = live_tree / "isolinux/isolinux.cfg"
    config.write_text(config.read_text().replace("initrd.img", "initrd.img,/live/more"))
    assert LiveIso.read(make_iso(live_tree)).initrd() == b"070701 initrd and more"


def test_suite_of_a_derivative_comes_from_debian_version(tmp_path, live_tree, make_iso) -> None:
    root = tmp_path / "root"
    (root / "usr/os-release").write_text('ID="tails"\nVERSION="7.0"\n')
    squashfs = live_tree / "live/filesystem.squashfs"
    squashfs.unlink()
    subprocess.run(["mksquashfs", root, squashfs, "-quiet", "-no-progress"], check=True, capture_output=True)
    assert LiveIso.read(make_iso(live_tree)).suite == "trixie"


def test_plain_iso_9660_names(tmp_path: Path, live_tree: Path) -> None:
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3)
    for folder in ("/LIVE", "/ISOLINUX"):
        iso.add_directory(folder)
    for name in ("live/vmlinuz", "live/initrd.img", "live/filesystem.squashfs", "isolinux/isolinux.cfg"):
        plain = f"/{name.upper()}" + ("" if "." in name else ".")
        iso.add_file(str(live_tree / name), f"{plain};1")
    iso.write(str(tmp_path / "plain.iso"))
    iso.close()
    live = LiveIso.read(tmp_path / "plain.iso")
    assert live.kernel() == b"MZ kernel"
    assert live.suite == "trixie"


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such image"):
        LiveIso.read(tmp_path / "absent.iso")


@pytest.mark.parametrize("content", [b"", b"not an ISO", b"\0" * 100_000])
def test_not_an_iso(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.iso"
    path.write_bytes(content)
    with pytest.raises(ImageError, match="is not an ISO"):
        LiveIso.read(path)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("isolinux/isolinux.cfg", "no boot loader"),
        ("live/vmlinuz", "boots what is not there: /live/vmlinuz"),
        ("live/initrd.img", "boots what is not there: /live/initrd.img"),
        ("live/filesystem.squashfs", "no squashfs in /live"),
    ],
)
def test_an_iso_without_a_live_system(live_tree, make_iso, missing: str, said: str) -> None:
    (live_tree / missing).unlink()
    with pytest.raises(ImageError, match="without a live kernel") as caught:
        LiveIso.read(make_iso(live_tree))
    assert said in str(caught.value)


def test_a_damaged_squashfs(live_tree, make_iso) -> None:
    (live_tree / "live/filesystem.squashfs").write_bytes(b"hsqs" + bytes(5000))
    live = LiveIso.read(make_iso(live_tree))
    with pytest.raises(ImageError, match="cannot be read"):
        _ = live.root
