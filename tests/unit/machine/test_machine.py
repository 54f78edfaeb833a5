"""How a machine ends, as libvirt tells it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError, HostError
from harness.machine.domain import console_log
from harness.machine.driver import libvirt
from harness.machine.machine import Machine


class Domain:
    """Goes through states, and stays in the last."""

    def __init__(self, *states: int) -> None:
        self.states = list(states)
        self.destroyed = False

    def state(self) -> tuple[int, int]:
        return (self.states.pop(0) if len(self.states) > 1 else self.states[0]), 0

    def info(self) -> list[int]:
        raise libvirt.libvirtError("it has ended")

    def destroy(self) -> None:
        self.destroyed = True


def machine(tmp_path: Path, *states: int, console: str = "") -> tuple[Machine, Domain]:
    definition = SimpleNamespace(name="m", accelerator=SimpleNamespace(time_scale=1.0))
    made = Machine(cast("Any", SimpleNamespace(folder=tmp_path)), cast("Any", definition))
    made.folder.mkdir()
    console_log(made.folder).write_text(console)
    domain = Domain(*states)
    made._domain = cast("Any", domain)
    return made, domain


def test_a_machine_that_switches_itself_off_is_waited_for(tmp_path: Path) -> None:
    off, _ = machine(tmp_path, libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_SHUTOFF)
    off.wait_until_off(Deadline.after(5))
    assert not off.is_running()


@pytest.mark.parametrize(
    ("state", "console", "why"),
    [
        (libvirt.VIR_DOMAIN_CRASHED, "", "its kernel panicked"),
        (libvirt.VIR_DOMAIN_RUNNING, "Kernel panic - not syncing: Attempted to kill init!\n", "kill init"),
        (libvirt.VIR_DOMAIN_SHUTOFF, "Kernel panic - not syncing: Attempted to kill init!\n", "kill init"),
        (libvirt.VIR_DOMAIN_PAUSED, "", "disk is full"),
    ],
)
def test_another_end_is_not_taken_for_that(tmp_path: Path, state: int, console: str, why: str) -> None:
    ended, domain = machine(tmp_path, state, console=console)
    with pytest.raises(GuestError, match=why):
        ended.wait_until_off(Deadline.after(5))
    ended.stop()
    assert domain.destroyed, "or libvirt refuses the next machine of that name"


def test_one_that_goes_on_is_told_of(tmp_path: Path) -> None:
    on, _ = machine(tmp_path, libvirt.VIR_DOMAIN_RUNNING, console="Stopping sshd\n")
    with pytest.raises(GuestError, match="still runs") as told:
        on.wait_until_off(Deadline.after(0))
    assert "Stopping sshd" in str(told.value)


def test_a_machine_that_does_not_end_is_ended_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck, domain = machine(tmp_path, libvirt.VIR_DOMAIN_RUNNING)

    def refuse() -> NoReturn:
        raise libvirt.libvirtError("Failed to terminate process 77 with SIGKILL")

    with monkeypatch.context() as busy:
        busy.setattr(domain, "destroy", refuse)
        with pytest.raises(HostError, match="does not end: Failed to terminate"):
            stuck.stop()
    stuck.stop()
    assert domain.destroyed
