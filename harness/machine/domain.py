"""From a description of a machine to the XML that libvirt takes."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jinja2

from harness.machine.accelerator import Accelerator, emulator_version
from harness.machine.enclosure import launcher

_TEMPLATE = "domain.xml.j2"


@dataclass(frozen=True, slots=True)
class Boot:
    """What a machine boots: files that stand as long as the machine or a checkpoint of it is in use."""

    kernel: Path
    initrd: Path
    command_line: str
    medium: Path


@dataclass(frozen=True, slots=True)
class Spec:
    """The hardware of a machine; memory in MiB, the screen in pixels."""

    memory: int = 4096
    vcpus: int = 2
    width: int = 1024
    height: int = 768


@dataclass(frozen=True, slots=True)
class Sockets:
    """The UNIX sockets of a running machine, all in one private folder."""

    serial: Path
    vnc: Path
    agent: Path
    bulk: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Sockets:
        """The sockets' places in `folder`."""
        return cls(folder / "serial", folder / "vnc", folder / "agent", folder / "bulk")


@dataclass(frozen=True, slots=True)
class Definition:
    """All that makes a machine what it is; two equal definitions can take each other's memory image."""

    name: str
    spec: Spec
    boot: Boot
    accelerator: Accelerator

    @property
    def uuid(self) -> uuid.UUID:
        """Follows from the name, since libvirt restores a machine only under its old UUID."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"tomograph:{self.name}")

    def xml(self, folder: Path) -> str:
        """The domain's XML with sockets and logs in `folder`."""
        environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
        template = environment.from_string((resources.files("vm") / _TEMPLATE).read_text())
        return template.render(
            name=self.name,
            uuid=self.uuid,
            spec=self.spec,
            launcher=launcher(),
            boot=self.boot,
            accelerator=self.accelerator,
            sockets=Sockets.in_folder(folder),
            console_log=console_log(folder),
            shutdown_file=shutdown_file(folder),
            starts=next_half_hour(time.time()),
        )

    def key(self) -> str:
        """A short name for the hardware (not for what boots on it): part of a checkpoint's key.

        Another QEMU makes other hardware: it need not take the memory image that an older one wrote.
        """
        template = (resources.files("vm") / _TEMPLATE).read_bytes()
        parts = (
            self.name,
            self.spec,
            self.accelerator.name,
            self.accelerator.cpu_model,
            launcher().parent.name,
            emulator_version(),
        )
        return hashlib.sha256(template + repr(parts).encode()).hexdigest()[:16]


def next_half_hour(now: float) -> int:
    """When the clock of a machine begins that is switched on `now`; both in seconds since 1970.

    Debian's cron does the jobs of every hour at 17 minutes past, and at the full hour a day or more may
    begin. A boot that meets them asks for what no other boot does, and so do all tasks behind it. From half
    past there is time for a boot and the longest task.
    """
    return (int(now) + 1800) // 3600 * 3600 + 1800


def console_log(folder: Path) -> Path:
    """Where everything is kept that the machine wrote to its serial line."""
    return folder / "console.log"


def shutdown_file(folder: Path) -> Path:
    """What the guest writes at its very end arrives here."""
    return folder / "shutdown"
