"""A bootable ISO around a live system: isolinux for BIOS, GRUB for UEFI, one file for disc and stick."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness import tool

_ISOLINUX = Path("/usr/lib/ISOLINUX")
_SYSLINUX = Path("/usr/lib/syslinux/modules/bios")
_EFI_MODULES = (
    "part_gpt part_msdos fat iso9660 linux normal configfile search search_fs_file test all_video gfxterm"
)
_EFI_CONFIG = """\
search --no-floppy --set=root --file /live/vmlinuz
set prefix=($root)/boot/grub
configfile $prefix/grub.cfg
"""
_VOLUME = "TOMOGRAPH"


def write_iso(tree: Path, iso: Path, *, boot: Path, title: str, command_line: str, epoch: int) -> None:
    """Make `iso` of `tree`, which is added to.

    Args:
        tree: holds `live/vmlinuz`, `live/initrd.img` and `live/filesystem.squashfs`.
        iso: the file to write.
        boot: folder with the templates `isolinux.cfg` and `grub.cfg`.
        title: what the boot menu calls the system.
        command_line: what the default entry tells the kernel.
        epoch: the moment, in seconds since 1970, that stands for the time of building.

    Raises:
        HostError: a boot loader or a tool is missing, or xorriso failed.
    """
    tool.require("xorriso", "grub-mkstandalone", "mformat", "mcopy", "mmd")
    times = {"SOURCE_DATE_EPOCH": str(epoch)}
    isolinux, grub = tree / "isolinux", tree / "boot" / "grub"
    isolinux.mkdir()
    grub.mkdir(parents=True)
    shutil.copy(_ISOLINUX / "isolinux.bin", isolinux)
    shutil.copy(_SYSLINUX / "ldlinux.c32", isolinux)
    for template, folder in ((boot / "isolinux.cfg", isolinux), (boot / "grub.cfg", grub)):
        text = template.read_text().replace("@TITLE@", title).replace("@COMMAND_LINE@", command_line)
        (folder / template.name).write_text(text)
    _write_efi_image(grub / "efi.img", times)
    tool.run(
        [
            *("xorriso", "-as", "mkisofs", "-quiet", "-r", "-J", "-V", _VOLUME, "-o", iso),
            *("-isohybrid-mbr", _ISOLINUX / "isohdpfx.bin"),
            *("-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat"),
            *("-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"),
            *("-eltorito-alt-boot", "-e", "boot/grub/efi.img", "-no-emul-boot", "-isohybrid-gpt-basdat"),
            tree,
        ],
        env=times,
    )


def _write_efi_image(image: Path, times: dict[str, str]) -> None:
    """A FAT file system with a GRUB that looks for the ISO's own grub.cfg."""
    config, loader = image.with_name("efi.cfg"), image.with_name("bootx64.efi")
    config.write_text(_EFI_CONFIG)
    tool.run(
        [
            *("grub-mkstandalone", "-O", "x86_64-efi", f"--modules={_EFI_MODULES}"),
            # Themes, fonts and translations would only make the image larger.
            *("--locales=", "--fonts=", "--themes=", f"--install-modules={_EFI_MODULES}"),
            *("-o", loader, f"boot/grub/grub.cfg={config}"),
        ],
        env=times,
    )
    kilobytes = loader.stat().st_size // 1024 + 512
    tool.run(["mformat", "-C", "-i", image, "-T", str(kilobytes * 2), "-N", "54544d47", "::"], env=times)
    tool.run(["mmd", "-i", image, "::EFI", "::EFI/BOOT"], env=times)
    tool.run(["mcopy", "-i", image, loader, "::EFI/BOOT/BOOTX64.EFI"], env=times)
    config.unlink()
    loader.unlink()
