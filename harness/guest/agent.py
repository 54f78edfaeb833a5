"""The guest agent: how the harness runs its own commands in a machine, and gets their output out.

What the agent runs stays in the agent's TOMOYO domain, which learns nothing (see the overlay's policy), so
observing adds no rule. For the same reason nothing that belongs to a task is ever started here.

Protocol: https://qemu.readthedocs.io/en/latest/interop/qemu-ga-ref.html. Bulk data takes a virtio port of
its own, since the agent would wrap it in base64 and JSON and limits it to 16 MiB.
"""

from __future__ import annotations

import base64
import json
import secrets
import shlex
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.machine.driver import libvirt, libvirt_qemu
from harness.machine.machine import Machine

_BULK_PORT = "/dev/virtio-ports/org.tomograph.bulk"
_CALL_SECONDS = 10.0
_COMMAND_SECONDS = 30.0
_STATE_SECONDS = 20.0
_QEMU_ENDS = "End of file from agent socket"
"""libvirt's words when QEMU goes; it knows of the machine's end a moment later."""
_SILENCE = 10.0
_SCRIPT_LOOKED_AFTER = 1.0
_OUTPUT_RESTS = 10.0
_BULK_LIMIT = 512 << 20
_WRITE_CHUNK = 32 << 10  # a guest-file-write of 1 MiB makes the agent disconnect
_ONCE = ("guest-exec", "guest-file-write")
"""What is done a second time when it is asked for again."""
_NOT_NOW = (
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE,
    libvirt.VIR_ERR_AGENT_UNSYNCED,
    libvirt.VIR_ERR_OPERATION_INVALID,
    libvirt.VIR_ERR_OPERATION_TIMEOUT,
    libvirt.VIR_ERR_SYSTEM_ERROR,  # the socket was reset: QEMU may be ending just now
)


@dataclass(frozen=True, slots=True)
class Result:
    """How a guest command ended: its exit code (or 128 + signal) and what it printed."""

    code: int
    out: bytes
    err: bytes


class Agent:
    """The agent of a machine that was just started or restored; make a new one after each restore.

    Attributes:
        has_answered: whether it ever did: a machine that boots has none for a while.
    """

    def __init__(self, machine: Machine) -> None:
        self.has_answered = False
        self._machine = machine
        self._bulk: socket.socket | None = None
        self._gone: GuestError | None = None

    def close(self) -> None:
        """Close the bulk port's socket."""
        if self._bulk is not None:
            self._bulk.close()
            self._bulk = None

    def deadline(self, seconds: float) -> Deadline:
        """A deadline stretched as this machine is slow."""
        return Deadline.after(seconds, scale=self._machine.time_scale)

    def wait_until_ready(self, deadline: Deadline) -> None:
        """Wait until the agent answers.

        Raises:
            GuestError: the machine died, or the agent is silent at the deadline.
        """
        self._call("guest-ping", deadline, silence=deadline.seconds)

    def run(self, *argv: str, deadline: Deadline | None = None) -> Result:
        """Run the program `argv` in the agent's domain and wait for its end.

        Raises:
            GuestError: the agent went away, or the program ran past the deadline.
        """
        deadline = deadline or self.deadline(_COMMAND_SECONDS)
        started = self._call(
            "guest-exec", deadline, {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
        )
        for _ in deadline.attempts(first=0.02, longest=0.3):
            if (ended := self._ended(started["pid"], deadline)) is not None:
                return ended
        raise GuestError(
            f"{shlex.join(argv)[:200]} still runs in the guest after {deadline.seconds:.0f} s",
            expected="that it ends",
            hint="look at the journal in the record: the guest may be overloaded or hang",
        )

    def shell(self, script: str, *, deadline: Deadline | None = None) -> Result:
        """Run a POSIX shell script; see `run`."""
        return self.run("/bin/sh", "-c", script, deadline=deadline)

    def comes_true(self, script: str, deadline: Deadline | None = None) -> bool:
        """Run a shell script until it succeeds; whether it ever did before the deadline (20 s, stretched)."""
        deadline = deadline or self.deadline(_STATE_SECONDS)
        return any(self.shell(script).code == 0 for _ in deadline.attempts())

    def read(self, script: str, *, deadline: Deadline | None = None) -> bytes:
        """What a shell script prints, of any size, through the bulk port.

        Raises:
            GuestError: the script failed (its last words are in the error), or as `run`.
        """
        deadline = deadline or self.deadline(_COMMAND_SECONDS)
        end = secrets.token_hex(16)
        port = self._connect_bulk()
        wrapped = f"exec 3>{_BULK_PORT} || exit 97; ( {script}\n) >&3; s=$?; printf %s {end} >&3; exit $s"
        started = self._call(
            "guest-exec", deadline, {"path": "/bin/sh", "arg": ["-c", wrapped], "capture-output": True}
        )
        data = bytearray()
        ended: Result | None = None
        look = Deadline.after(_SCRIPT_LOOKED_AFTER)
        for last in deadline.attempts(first=0.005, longest=0.1):
            came = _receive(port, data)
            if came and data.endswith(end.encode()):
                break
            # What a script has sent may still be on its way through QEMU when the script has ended.
            if last or (ended is not None and not came and look.expired):
                raise GuestError(
                    f"the guest did not send the output of {script[:200]!r} (of {deadline.seconds:.0f} s "
                    f"{deadline.remaining:.0f} were left); {len(data)} bytes came, the script {_told(ended)}",
                    expected=f"a writable {_BULK_PORT} in the guest",
                )
            self._machine.must_live()
            if ended is None and look.expired:
                ended = self._ended(started["pid"], deadline)
            if came or look.expired:
                look = Deadline.after(_SCRIPT_LOOKED_AFTER if ended is None else _OUTPUT_RESTS)
        for _ in deadline.attempts(first=0.01, longest=0.2):
            if (ended := ended or self._ended(started["pid"], deadline)) is not None:
                break
        if ended is None or ended.code != 0:
            raise GuestError(f"a command of the harness failed in the guest: {script[:200]!r} {_told(ended)}")
        return bytes(data[: -len(end)])

    def clock(self) -> datetime:
        """The guest's time in UTC. After a restore it goes on from the moment of the save."""
        nanoseconds = self._call("guest-get-time", self.deadline(_COMMAND_SECONDS))
        return datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC)

    def write_file(self, path: str, data: bytes, *, deadline: Deadline | None = None) -> None:
        """Write a file in the guest, replacing it."""
        deadline = deadline or self.deadline(_COMMAND_SECONDS)
        handle = self._call("guest-file-open", deadline, {"path": path, "mode": "w"})
        for start in range(0, len(data), _WRITE_CHUNK):
            chunk = base64.b64encode(data[start : start + _WRITE_CHUNK]).decode()
            self._call("guest-file-write", deadline, {"handle": handle, "buf-b64": chunk})
        self._call("guest-file-close", deadline, {"handle": handle})

    def _ended(self, pid: int, deadline: Deadline) -> Result | None:
        """How a program that the agent has started ended; None while it runs."""
        status = self._call("guest-exec-status", deadline, {"pid": pid})
        if not status["exited"]:
            return None
        code = status.get("exitcode", 128 + status.get("signal", 0))
        return Result(code, _decoded(status, "out-data"), _decoded(status, "err-data"))

    def _connect_bulk(self) -> socket.socket:
        if self._bulk is None:
            self._bulk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._bulk.connect(str(self._machine.sockets.bulk))
            self._bulk.setblocking(False)  # noqa: FBT003 - the standard library's signature
        _receive(self._bulk, bytearray())  # what an earlier, broken read has left
        return self._bulk

    def _call(
        self,
        command: str,
        deadline: Deadline,
        arguments: dict[str, Any] | None = None,
        *,
        silence: float = 0.0,
    ) -> Any:
        """One call; asked again while the agent is not connected, as it is for a moment after a restore.

        An agent that has been silent for `silence` seconds (default: ten, stretched) is gone for good:
        the calls after that fail at once, instead of each waiting for its own deadline.
        """
        if self._gone is not None:
            raise self._gone
        scale = self._machine.time_scale
        silence = silence or _SILENCE * scale
        patience = Deadline.after(min(deadline.remaining, silence))
        message = json.dumps({"execute": command, **({"arguments": arguments} if arguments else {})})
        for last in patience.attempts():
            asked = Deadline.after(_CALL_SECONDS, scale=scale)
            try:
                answer = libvirt_qemu.qemuAgentCommand(self._machine.domain, message, int(asked.seconds), 0)
                self.has_answered = True
                return json.loads(answer)["return"]
            except libvirt.libvirtError as error:
                self._machine.must_live()
                if error.get_error_code() not in _NOT_NOW and _QEMU_ENDS not in str(error):
                    raise GuestError(f"the guest agent refused {command}: {error}") from error
                # libvirt gives one code to an agent that is not connected and to one that took the command
                # and has not answered in time; the time tells them apart.
                taken = asked.expired and command in _ONCE
                if last or taken:
                    silent = GuestError(
                        f"the agent does not answer {command} in {patience.seconds:.0f} s ({error})",
                        expected="qemu-guest-agent running in the guest",
                        hint="the scenario's journal and console.log tell what became of qemu-ga",
                    )
                    if last and patience.seconds >= silence:
                        self._gone = silent
                    raise silent from error
        raise AssertionError("the last attempt returns or raises")


def _told(ended: Result | None) -> str:
    if ended is None:
        return "still runs"
    said = ended.err.decode(errors="replace").strip()
    return f"ended ({ended.code}): {said}" if said else f"ended ({ended.code})"


def _decoded(status: dict[str, Any], key: str) -> bytes:
    return base64.b64decode(status.get(key, ""))


def _receive(port: socket.socket, into: bytearray) -> bool:
    """Append what has arrived; whether anything has."""
    before = len(into)
    while len(into) < _BULK_LIMIT:
        try:
            chunk = port.recv(1 << 20)
        except BlockingIOError:
            break
        if not chunk:
            break
        into += chunk
    return len(into) > before
