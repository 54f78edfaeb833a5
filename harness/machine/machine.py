"""One virtual machine: switched on, saved, restored, looked at, switched off."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import GuestError, HostError
from harness.machine import sound_card
from harness.machine.domain import Definition, Sockets, console_log, shutdown_file
from harness.machine.drive import Drive
from harness.machine.driver import libvirt
from harness.machine.host import Host, qemu_processes, reap_at_end

_PANIC = re.compile(rb"Kernel panic - not syncing: [^\r\n]*")
_GONE = (libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_OPERATION_INVALID)
_OFF = (None, libvirt.VIR_DOMAIN_SHUTDOWN, libvirt.VIR_DOMAIN_SHUTOFF)
_STUCK = (libvirt.VIR_DOMAIN_CRASHED, libvirt.VIR_DOMAIN_PAUSED)


@dataclass(frozen=True, slots=True)
class Death:
    """That a machine runs no more, and what is known about why."""

    why: str
    last_words: str

    def error(self) -> GuestError:
        """The death as an exception."""
        hint = "the scenario's console.log has the whole story"
        return GuestError(
            f"the machine is gone: {self.why}"
            + (f"\nlast on its console:\n{self.last_words}" if self.last_words else ""),
            expected="a running machine",
            hint=hint,
        )


class Machine:
    """A machine under its definition; at most one at a time runs under it."""

    def __init__(self, host: Host, definition: Definition) -> None:
        self.definition = definition
        self._host = host
        self.folder = host.folder / definition.name
        self._domain: libvirt.virDomain | None = None
        self._used = 0.0  # processor time of those that ran under it before

    @property
    def sockets(self) -> Sockets:
        """Where the running machine listens."""
        return Sockets.in_folder(self.folder)

    @property
    def time_scale(self) -> float:
        """By how much this machine is slower than a person's computer, roughly."""
        return self.definition.accelerator.time_scale

    @property
    def domain(self) -> libvirt.virDomain:
        """The handle that libvirt gives.

        Raises:
            GuestError: the machine is not switched on.
        """
        if self._domain is None:
            raise GuestError("the machine is not switched on", hint="start() or restore() it first")
        return self._domain

    def start(self) -> None:
        """Switch the machine on. What ran before under this definition is ended."""
        self._fresh_folder()
        try:
            self._domain = self._host.connection.createXML(self.definition.xml(self.folder))
        except libvirt.libvirtError as error:
            raise HostError(
                f"QEMU does not start: {error}",
                expected="a running machine",
                hint="`tomograph doctor` tells what this host lacks",
            ) from error
        reap_at_end(self.folder)

    def save(self, memory: Path) -> None:
        """Write the machine's memory to the file `memory`; the machine runs no more afterwards."""
        used = self.cpu_seconds()
        try:
            self.domain.save(str(memory))
        except libvirt.libvirtError as error:
            memory.unlink(missing_ok=True)
            raise HostError(
                f"the machine's memory cannot be saved to {memory}: {error}",
                expected=f"{self.definition.spec.memory} MiB of room at most",
                hint="df -h shows the room left; `tomograph doctor` shows what the cache holds",
            ) from error
        self._domain, self._used = None, used

    def restore(self, memory: Path) -> None:
        """Go on from the file `memory`. What ran before under this definition is ended."""
        self._fresh_folder()
        connection = self._host.connection
        try:
            connection.restoreFlags(str(memory), self.definition.xml(self.folder), 0)
            self._domain = connection.lookupByName(self.definition.name)
        except libvirt.libvirtError as error:
            raise HostError(
                f"the memory image {memory} cannot be restored: {error}",
                expected="a memory image of this definition",
                hint=f"remove {memory.parent}; the checkpoint is then made anew",
            ) from error
        reap_at_end(self.folder)

    def stop(self) -> None:
        """Pull the plug. A machine that is off stays off.

        Raises:
            HostError: it does not end; the next try is for the same machine.
        """
        if self._domain is None:
            return
        used = 0.0
        with contextlib.suppress(libvirt.libvirtError):
            used = _cpu_seconds(self._domain)
        try:
            self._domain.destroy()
        except libvirt.libvirtError as error:
            if error.get_error_code() not in _GONE:
                raise HostError(
                    f"the machine does not end: {error}",
                    expected="QEMU to end when it is killed",
                    hint="a disk that does not answer keeps it; `ps` shows it in the state D",
                ) from error
        self._domain, self._used = None, self._used + used

    def dump(self, path: Path) -> None:
        """Write what is in the machine's memory to the file `path`; the machine goes on afterwards."""
        try:
            self.domain.coreDumpWithFormat(
                str(path), libvirt.VIR_DOMAIN_CORE_DUMP_FORMAT_RAW, libvirt.VIR_DUMP_MEMORY_ONLY
            )
        except libvirt.libvirtError as error:
            path.unlink(missing_ok=True)
            raise HostError(
                f"the machine's memory cannot be written to {path}: {error}",
                expected=f"{self.definition.spec.memory} MiB of room",
            ) from error

    def press_power_button(self) -> None:
        """What the button does is the guest's affair."""
        with self._asking("press the power button"):
            self.domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)

    def wait_until_off(self, deadline: Deadline) -> None:
        """Wait until the machine has switched itself off.

        Raises:
            GuestError: it still runs at the deadline, or came to a stop in another way.
        """
        for last in deadline.attempts():
            state = self._state()
            if self._panic() is not None or state in _STUCK:
                self.must_live()
            if state in _OFF:
                self.stop()
                return
            if last:
                raise GuestError(
                    f"the machine still runs after {deadline.seconds:.0f} s",
                    expected="that it switches itself off",
                    hint=f"last on its console:\n{self.last_words()}",
                )

    def is_running(self) -> bool:
        """Whether QEMU runs the machine, be its kernel alive or not."""
        return bool(self._state() == libvirt.VIR_DOMAIN_RUNNING)

    def death(self) -> Death | None:
        """Why the machine runs no more, or None while it does."""
        panic, state = self._panic(), self._state()
        if panic is not None:
            return Death(panic, self.last_words())
        match state:
            case libvirt.VIR_DOMAIN_RUNNING:
                return None
            case libvirt.VIR_DOMAIN_CRASHED:
                why = "its kernel panicked"
            case libvirt.VIR_DOMAIN_PAUSED:
                why = "QEMU has paused it, as it does when the host's disk is full"
            case _:
                why = "QEMU ended (killed, crashed, or the guest switched itself off)"
        return Death(why, self.last_words())

    def _panic(self) -> str | None:
        """What the kernel said when it panicked."""
        panic = _PANIC.search(self.console_tail())
        return panic.group().decode(errors="replace") if panic is not None else None

    def _state(self) -> int | None:
        """The state as libvirt numbers them; None when there is no machine any more."""
        if self._domain is None:
            return None
        try:
            return int(self._domain.state()[0])
        except libvirt.libvirtError as error:
            if error.get_error_code() in _GONE:
                return None
            raise HostError(f"libvirt does not tell the machine's state: {error}") from error

    def must_live(self) -> None:
        """Raise a GuestError when the machine runs no more."""
        death = self.death()
        if death is not None:
            raise death.error()

    def cpu_seconds(self) -> float:
        """The processor time in seconds that the machine has used: its idleness, seen from outside.

        It grows over all that is done with the machine: saved and restored, off and on again.

        Raises:
            GuestError: the machine has ended by itself, and nobody knows what it used.
        """
        if self._domain is None:
            return self._used
        try:
            return self._used + _cpu_seconds(self._domain)
        except libvirt.libvirtError as error:
            self.must_live()
            raise HostError(f"libvirt does not tell the machine's processor time: {error}") from error

    def plug_in(self, drive: Drive) -> None:
        """Plug a drive into the running machine."""
        with self._asking(f"plug in {drive.image.name}"):
            self.domain.attachDeviceFlags(drive.xml(), libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def pull_out(self, drive: Drive) -> None:
        """Pull a drive out, whether the guest uses it or not."""
        with self._asking(f"pull out {drive.image.name}"):
            self.domain.detachDeviceFlags(drive.xml(), libvirt.VIR_DOMAIN_AFFECT_LIVE)

    def plug_in_sound_card(self) -> None:
        """Give the running machine a sound card; it is gone when the machine is restored."""
        with self._asking("plug in a sound card"):
            sound_card.plug_in(self.domain)

    def pid(self) -> int:
        """The QEMU process that runs the machine."""
        for pid in qemu_processes(self.folder):
            return pid
        self.must_live()
        raise HostError(
            f"no process of this host runs the machine in {self.folder}",
            expected="QEMU on this host",
            hint="a machine of a remote libvirt has no network to enter",
        )

    def console_tail(self, size: int = 65536) -> bytes:
        """The last `size` bytes of the serial line since the machine was started or restored."""
        try:
            with console_log(self.folder).open("rb") as log:
                log.seek(0, 2)
                log.seek(max(0, log.tell() - size))
                return log.read()
        except FileNotFoundError:
            return b""

    def last_words(self) -> str:
        """The last lines on the serial line, for an error's text."""
        lines = self.console_tail(4096).decode(errors="replace").splitlines()
        return "\n".join(line for line in lines if line.strip())[-2000:] if lines else ""

    def shutdown_bytes(self) -> bytes:
        """What the guest wrote at its very end, empty when it has not."""
        try:
            return shutdown_file(self.folder).read_bytes()
        except FileNotFoundError:
            return b""

    @contextlib.contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Around what libvirt is asked to do to a machine that runs; it may just have ended."""
        try:
            yield
        except libvirt.libvirtError as error:
            self.must_live()
            raise HostError(f"libvirt cannot {what}: {error}") from error

    def _fresh_folder(self) -> None:
        self.stop()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for file in self.folder.iterdir():
            file.unlink()


def _cpu_seconds(domain: libvirt.virDomain) -> float:
    """Of its QEMU, since that was started."""
    return float(domain.info()[4]) / 1e9
