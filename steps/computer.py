"""The computer itself: on, off, ready."""

from __future__ import annotations

import shlex

from pytest_bdd import parsers, then, when

from harness.guest.agent import Agent
from harness.lab.lab import Lab


@when("the computer is switched on")
def switch_on(lab: Lab) -> None:
    lab.switch_on()


@then("the system is ready for its user")
def is_ready(lab: Lab) -> None:
    lab.get_ready()


@when("I press the power button")
def press_power_button(lab: Lab) -> None:
    lab.machine.press_power_button()


@then("the computer switches itself off")
def switches_off(lab: Lab) -> None:
    assert (meant := lab.wait_for_end()) == "poweroff", f"it is off, and meant to {meant}"


@then("the computer restarts")
def restarts(lab: Lab) -> None:
    assert (meant := lab.wait_for_end()) == "reboot", f"it is off, and meant to {meant}"


@when(parsers.parse('the clock moves on to "{moment}"'), target_fixture="clock_moved")
def move_clock(agent: Agent, lab: Lab, moment: str) -> str:
    """Where the journal stood before what is due by then was done."""
    before = lab.journal.cursor()
    moved = agent.shell(f"date --set {shlex.quote(moment)}")
    assert moved.code == 0, f"the clock does not move: {moved.err.decode(errors='replace')}"
    return before


@then(parsers.parse('the journal then says "{text}"'))
def journal_says(lab: Lab, clock_moved: str, text: str) -> None:
    for last in lab.deadline(120).attempts():
        said = lab.journal.since(clock_moved).decode(errors="replace")
        if text in said:
            return
        assert not last, f"the journal does not say {text!r}, but:\n{said}"


@then("nothing is being started any more")
def nothing_is_being_started(agent: Agent, lab: Lab) -> None:
    for last in lab.deadline(120).attempts():
        jobs = agent.shell("systemctl list-jobs --no-legend").out.decode(errors="replace").strip()
        if not jobs:
            return
        assert not last, f"systemd still has jobs:\n{jobs}"
