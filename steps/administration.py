"""The administrator: a person who has chosen an administration password, as Tails' Welcome Screen offers."""

from __future__ import annotations

import contextlib

from pytest_bdd import given, parsers, when

from harness.errors import GuestError
from harness.guest.agent import Agent
from harness.lab.lab import Lab
from harness.user.person import Person
from steps import console

_RIGHT = "/etc/sudoers.d/administration"


@given("an administration password is set")
def administration_password(agent: Agent, lab: Lab) -> None:
    made = agent.shell(f"umask 337 && echo '{lab.setup.user} ALL=(ALL:ALL) ALL' > {_RIGHT}")
    assert made.code == 0, f"{_RIGHT} cannot be made: {made.err.decode(errors='replace')}"


@when(parsers.parse('I end the computer\'s work by "{command}" as administrator'))
def end_by_command(person: Person, lab: Lab, command: str) -> None:
    # The console goes with the system, mostly before the command has ended, and the agent soon after.
    with contextlib.suppress(GuestError):
        console.run(person, lab, command, role="administrator", password="")
    lab.wait_for_end()
