from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from harness.image.bootable import write_iso
from harness.image.liveiso import LiveIso
from harness.image.recipe import Recipe

EPOCH = 1_760_000_000


def written(tree: Path, iso: Path) -> Path:
    boot = Recipe("console", "trixie").folder / "boot"
    write_iso(tree, iso, boot=boot, title="Live", command_line="boot=live quiet", epoch=EPOCH)
    return iso


def test_boots_under_bios_and_uefi(live_tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(live_tree / "isolinux")
    iso = written(live_tree, tmp_path / "out.iso")
    report = subprocess.run(
        ["xorriso", "-indev", iso, "-report_el_torito", "plain"], check=True, capture_output=True, text=True
    ).stdout
    platforms = [line.split()[6] for line in report.splitlines() if line.startswith("El Torito boot img")]
    assert platforms == ["BIOS", "UEFI"]
    live = LiveIso.read(iso)
    assert live.entry.command_line == "boot=live quiet"
    assert live.entry.label == "live"


def test_grub_and_isolinux_start_the_same(live_tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(live_tree / "isolinux")
    by_isolinux = LiveIso.read(written(live_tree, tmp_path / "out.iso")).entry
    shutil.rmtree(live_tree / "boot")
    shutil.rmtree(live_tree / "isolinux")
    written(live_tree, tmp_path / "again.iso")
    (live_tree / "isolinux/isolinux.cfg").unlink()
    tree_only = tmp_path / "grub-only.iso"
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-r", "-o", tree_only, live_tree],
        check=True,
        capture_output=True,
    )
    by_grub = LiveIso.read(tree_only).entry
    assert by_grub.source == "/boot/grub/grub.cfg"
    assert (by_grub.kernel, by_grub.initrds, by_grub.command_line) == (
        by_isolinux.kernel,
        by_isolinux.initrds,
        by_isolinux.command_line,
    )
