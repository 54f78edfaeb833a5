"""Drives that are plugged into a running machine: files of this host that it sees as USB sticks or discs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from harness import tool
from harness.machine import veracrypt

Kind = Literal["stick", "disc"]


@dataclass(frozen=True, slots=True)
class Drive:
    """A USB drive.

    Attributes:
        image: its content; raw.
        kind: a `stick` can be written to, a `disc` cannot.
        target: libvirt's name for it, unique in the machine; the guest chooses its own.
    """

    image: Path
    kind: Kind = "stick"
    target: str = "sdz"

    def xml(self) -> str:
        """The device as libvirt takes it."""
        disk = ElementTree.Element("disk", type="file", device="disk" if self.kind == "stick" else "cdrom")
        ElementTree.SubElement(disk, "driver", name="qemu", type="raw")
        ElementTree.SubElement(disk, "source", file=str(self.image))
        target = ElementTree.SubElement(disk, "target", dev=self.target, bus="usb")
        if self.kind == "stick":
            target.set("removable", "on")
        else:
            ElementTree.SubElement(disk, "readonly")
        return ElementTree.tostring(disk, encoding="unicode")

    def content(self) -> bytes:
        """What is on it now, as far as the guest has written it."""
        return self.image.read_bytes()


_STICK_BYTES = 64 << 20
_VOLUME_BYTES = 4 << 20
_LABEL = "STICK"


def empty_stick(image: Path, size: int = _STICK_BYTES) -> Drive:
    """A new stick without anything on it: `size` bytes of zeros."""
    with image.open("wb") as file:
        file.truncate(size)
    return Drive(image)


def unreadable_stick(image: Path) -> Drive:
    """A stick with bytes on it that are no file system."""
    drive = empty_stick(image)
    with image.open("r+b") as file:
        file.write(b"\xde\xad\xbe\xef" * 65536)
    return drive


def stick_with(image: Path, files: Mapping[str, bytes]) -> Drive:
    """A stick as it comes from a shop: a FAT file system, here called STICK, with `files` in its root folder.

    Raises:
        HostError: mkfs.vfat or mcopy is missing or fails.
    """
    drive = empty_stick(image)
    _fill(image, files)
    return drive


def veracrypt_stick(image: Path, passphrase: str, files: Mapping[str, bytes]) -> Drive:
    """A stick that is a VeraCrypt volume; in it `files` in the root folder of a FAT file system.

    Raises:
        HostError: mkfs.vfat or mcopy is missing or fails.
    """
    drive = empty_stick(image, _VOLUME_BYTES)
    _fill(image, files)
    image.write_bytes(veracrypt.encrypt(image.read_bytes(), passphrase))
    return drive


def luks_stick(image: Path, passphrase: str, files: Mapping[str, bytes]) -> Drive:
    """A stick that is a LUKS volume; in it `files` in the root folder of a FAT file system.

    QEMU's own LUKS driver writes it, because cryptsetup cannot fill a volume without the kernel's help. The
    passphrase is stretched as little as the driver allows: it opens quickly in an emulated machine too.

    Raises:
        HostError: mkfs.vfat, mcopy or qemu-img is missing or fails.
    """
    plain = image.with_name(f"{image.name}.plain")
    try:
        empty_stick(plain)
        _fill(plain, files)
        tool.run(
            [
                *("qemu-img", "convert", "-f", "raw", "-O", "luks"),
                *("--object", f"secret,id=passphrase,data={passphrase.replace(',', ',,')}"),
                *("-o", "key-secret=passphrase,iter-time=1", plain, image),
            ]
        )
    finally:
        plain.unlink(missing_ok=True)
    return Drive(image)


def _fill(image: Path, files: Mapping[str, bytes]) -> None:
    """Make a FAT file system in all of `image`."""
    tool.run(["mkfs.vfat", "-n", _LABEL, image])
    for name, data in files.items():
        tool.run(["mcopy", "-i", image, "-", f"::{name}"], stdin=data)


def disc_with(image: Path, files: Mapping[str, bytes]) -> Drive:
    """An optical disc, called DISC, with `files`, in a drive of its own.

    Raises:
        HostError: xorriso is missing or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        tool.run(["xorriso", "-as", "mkisofs", "-quiet", "-J", "-r", "-V", "DISC", "-o", image, folder])
    return Drive(image, "disc")
