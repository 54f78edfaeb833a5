"""What a host needs in order to learn, looked at one by one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from harness.errors import HostError
from harness.image import cache
from harness.lab.store import Store
from harness.machine import enclosure
from harness.machine.host import EMBEDDED, Host, private_base
from harness.tool import PATH

State = Literal["ok", "slow", "missing"]

_TOOLS = {
    "qemu-system-x86_64": "runs the machines",
    "qemu-img": "makes drives that are encrypted",
    "nsenter": "lets servers into a machine's network",
    "mkfs.vfat": "makes the sticks that scenarios plug in",
    "dovecot": "the mailboxes of scenarios",
    "prosody": "the chat server of scenarios",
    "mcabber": "whom a scenario chats with",
    "tor": "the private tor network of scenarios",
    "mmdebstrap": "builds the reference image",
    "mksquashfs": "builds the reference image",
    "unsquashfs": "reads a live image's root",
    "xorriso": "writes the reference image",
    "mcopy": "makes the reference image's UEFI partition",
    "apt-get": "finds what an overlay has to bring",
    "apt-ftparchive": "lists the packages of an overlay",
    "cpio": "packs the overlay",
}
_GIB = 1 << 30
_ROOM_WANTED = 12 * _GIB
_MEMORY_WANTED = 6 * _GIB
_QUICK_QEMU = 10
_SET_UP = "make setup"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok`, `slow` (works, but not well) or `missing`."""

    state: State
    what: str
    seen: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """For a program."""
        return asdict(self)


def examine() -> Iterator[Finding]:
    """All findings; nothing is changed, nothing is booted."""
    yield from _tools()
    yield _libvirt()
    yield _language_data()
    yield _network()
    yield _accelerator()
    yield _memory()
    yield from _room()


def _tools() -> Iterator[Finding]:
    for tool, purpose in _TOOLS.items():
        found = shutil.which(tool, path=PATH)
        if found:
            yield Finding("ok", tool, found)
        else:
            yield Finding("missing", tool, f"not on the PATH ({purpose})", _SET_UP)


def _libvirt() -> Finding:
    try:
        with Host.open(EMBEDDED, capabilities_cache=cache.root() / "capabilities") as host:
            number = host.connection.getVersion()
    except HostError as error:
        return Finding("missing", "libvirt", error.seen, _SET_UP)
    return _driven(number)


def _driven(number: int) -> Finding:
    """What libvirt drives: QEMU's version, as libvirt counts it."""
    major, minor = number // 1_000_000, number // 1000 % 1000
    seen = f"{EMBEDDED} with QEMU {major}.{minor}"
    if major < _QUICK_QEMU:
        return Finding(
            "slow",
            "libvirt",
            f"{seen}: without KVM a machine boots in up to twice the time of {_QUICK_QEMU}",
            f"{_SET_UP}; on Debian 12 it takes QEMU from bookworm-backports",
        )
    return Finding("ok", "libvirt", seen)


def _language_data() -> Finding:
    for folder in Path("/usr/share/tesseract-ocr").glob("*/tessdata/eng.traineddata"):
        return Finding("ok", "tesseract", str(folder))
    return Finding("missing", "tesseract", "no English language data: the screen cannot be read", _SET_UP)


def _network() -> Finding:
    try:
        enclosure.must_work()
    except HostError as error:
        return Finding("missing", "network", error.seen, error.hint)
    return Finding("ok", "network", "a machine gets a namespace of its own, without a way out of the host")


def _accelerator() -> Finding:
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        return Finding("ok", "KVM", "/dev/kvm opens; whether it works, a run finds out by a trial boot")
    return Finding("slow", "KVM", "/dev/kvm does not open: machines run under TCG, five to ten times slower")


def _memory() -> Finding:
    available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    seen = f"{available / _GIB:.0f} GiB, {os.cpu_count()} processors"
    if available < _MEMORY_WANTED:
        return Finding("slow", "memory", seen, "a desktop machine takes 4 GiB: --memory, one worker")
    return Finding("ok", "memory", seen)


def _room() -> Iterator[Finding]:
    folder = cache.root()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    saved = Store(folder / "checkpoints").saved()
    kept = sum(size for _folder, size, _used in saved) / _GIB
    seen = f"{folder}: {free / _GIB:.0f} GiB free; {len(saved)} checkpoints kept, {kept:.1f} GiB"
    if free < _ROOM_WANTED:
        hint = (
            f"an image, its build and checkpoints take {_ROOM_WANTED // _GIB} GiB; TOMOGRAPH_CACHE moves it"
        )
        yield Finding("slow", "cache", seen, hint)
    else:
        yield Finding("ok", "cache", seen)
    yield Finding("ok", "sockets", str(private_base()))
