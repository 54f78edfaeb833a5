"""Calls of the agent: what is asked again, and what must not be."""

from __future__ import annotations

import json
import re
import socket
import threading
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest import agent as module
from harness.guest.agent import Agent
from harness.machine.driver import libvirt


class Unresponsive(libvirt.libvirtError):  # type: ignore[misc]
    def get_error_code(self) -> int:
        return int(libvirt.VIR_ERR_AGENT_UNRESPONSIVE)


class Qemu:
    """Answers after some calls that fail, each of them after a while."""

    def __init__(self, *, failing: int, late: bool) -> None:
        self.failing = failing
        self.late = late
        self.asked: list[str] = []

    def qemuAgentCommand(self, _domain: object, message: str, _seconds: int, _flags: int) -> str:  # noqa: N802
        self.asked.append(json.loads(message)["execute"])
        if len(self.asked) > self.failing:
            return json.dumps({"return": {"pid": 7, "exited": True, "exitcode": 0}})
        if self.late:
            for _ in Deadline.after(module._CALL_SECONDS).attempts():
                pass
        raise Unresponsive("guest agent is not responding")


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Agent:
    monkeypatch.setattr(module, "_CALL_SECONDS", 0.1)
    machine = SimpleNamespace(time_scale=1.0, domain=None, must_live=lambda: None)
    return Agent(cast("Any", machine))


def test_an_agent_that_is_not_connected_yet_is_asked_again(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    qemu = Qemu(failing=2, late=False)
    monkeypatch.setattr(module, "libvirt_qemu", qemu)
    assert agent.run("/bin/true").code == 0
    assert qemu.asked == ["guest-exec"] * 3 + ["guest-exec-status"]


def test_a_command_that_it_has_taken_is_not_given_a_second_time(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    qemu = Qemu(failing=1, late=True)
    monkeypatch.setattr(module, "libvirt_qemu", qemu)
    with pytest.raises(GuestError, match="does not answer guest-exec"):
        agent.run("/bin/mail", "a letter")
    assert qemu.asked == ["guest-exec"]
    assert agent.run("/bin/true").code == 0, "a late answer is no reason to give the agent up"


def test_the_end_of_qemu_is_told_as_the_machines(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ending(libvirt.libvirtError):  # type: ignore[misc]
        def get_error_code(self) -> int:
            return int(libvirt.VIR_ERR_INTERNAL_ERROR)

    def command(*_: object) -> NoReturn:
        calls.append(1)
        raise Ending("internal error: End of file from agent socket")

    def must_live() -> None:
        if len(calls) > 1:  # libvirt has noticed by now
            raise GuestError("the machine is gone: QEMU ended")

    calls: list[int] = []
    monkeypatch.setattr(module, "libvirt_qemu", SimpleNamespace(qemuAgentCommand=command))
    monkeypatch.setattr(agent._machine, "must_live", must_live)
    with pytest.raises(GuestError, match="QEMU ended"):
        agent.clock()


def test_only_an_agent_that_was_silent_for_long_is_given_up(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.3)
    qemu = Qemu(failing=99, late=False)
    monkeypatch.setattr(module, "libvirt_qemu", qemu)
    with pytest.raises(GuestError, match="does not answer guest-ping"):
        agent._call("guest-ping", Deadline.after(0.05))
    asked = len(qemu.asked)
    with pytest.raises(GuestError):
        agent._call("guest-ping", Deadline.after(9))
    assert len(qemu.asked) > asked
    asked = len(qemu.asked)
    with pytest.raises(GuestError):
        agent._call("guest-ping", Deadline.after(9))
    assert len(qemu.asked) == asked, "gone for good"


class Port:
    """The bulk port, and a script that has ended before all that it sent has come."""

    def __init__(self, code: int, *parts: bytes) -> None:
        self.code = code
        self.parts = parts
        self.ours, self.guests = socket.socketpair()
        self.ours.setblocking(False)

    def qemuAgentCommand(self, _domain: object, message: str, _seconds: int, _flags: int) -> str:  # noqa: N802
        asked = json.loads(message)
        if asked["execute"] == "guest-exec":
            end = asked["arguments"]["arg"][1].rpartition("printf %s ")[2].partition(" ")[0]
            threading.Thread(target=self.send, args=(end.encode(),), daemon=True).start()
        return json.dumps({"return": {"pid": 7, "exited": True, "exitcode": self.code}})

    def send(self, end: bytes) -> None:
        for part in self.parts:
            for _ in Deadline.after(0.3).attempts():
                pass
            self.guests.sendall(part)
        if self.parts:
            self.guests.sendall(end)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SCRIPT_LOOKED_AFTER", 0.05)
    monkeypatch.setattr(module, "_OUTPUT_RESTS", 2.0)


def reading(agent: Agent, monkeypatch: pytest.MonkeyPatch, port: Port) -> bytes:
    monkeypatch.setattr(module, "libvirt_qemu", port)
    agent._bulk = port.ours
    with port.ours, port.guests:
        return agent.read("cat policy", deadline=Deadline.after(20))


@pytest.mark.usefixtures("hasty")
def test_what_comes_after_the_scripts_end_is_read_to_its_own(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        reading(agent, monkeypatch, Port(0, b"<kernel>\n", b"file read /a\n")) == b"<kernel>\nfile read /a\n"
    )


@pytest.mark.usefixtures("hasty")
def test_a_script_that_cannot_send_is_not_waited_for(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        GuestError, match=r"did not send the output of 'cat policy'.*the script ended \(97\)"
    ) as told:
        reading(agent, monkeypatch, Port(97))
    left = re.search(r"of 20 s (\d+) were left", str(told.value))
    assert left is not None
    assert int(left[1]) > 5


@pytest.mark.usefixtures("hasty")
def test_a_script_that_fails_after_its_output_is_an_error(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(GuestError, match=r"failed in the guest: 'cat policy' ended \(3\)"):
        reading(agent, monkeypatch, Port(3, b"half"))
