"""The administrator: a person who has chosen an administration password, as Tails' Welcome Screen offers."""

from __future__ import annotations

import contextlib

from pytest_bdd import given, parsers, when

from harness.errors import GuestError
from harness.guest.agent import Agent
from harness.lab.lab import Lab
from harness.user.console import Result
from harness.user.person import Person
from steps.computer import switches_off

_RIGHT = "/etc/sudoers.d/administration"


@given("an administration password is set")
def administration_password(agent: Agent, lab: Lab) -> None:
    made = agent.shell(f"umask 337 && echo '{lab.setup.user} ALL=(ALL:ALL) ALL' > {_RIGHT}")
    assert made.code == 0, f"{_RIGHT} cannot be made: {made.err.decode(errors='replace')}"


@when(parsers.parse('I run "{command}" as administrator'), target_fixture="result")
def run_as_administrator(person: Person, lab: Lab, command: str) -> Result:
    return _sudo(person, lab, command).must_succeed(command)


@when(parsers.parse('I end the computer\'s work by "{command}" as administrator'))
def end_by_command(person: Person, lab: Lab, command: str) -> None:
    # The console goes with the system, mostly before the command has ended, and the agent soon after.
    with contextlib.suppress(GuestError):
        _sudo(person, lab, command).must_succeed(command)
    switches_off(lab)


@when(parsers.parse('I try to run "{command}" as administrator'), target_fixture="result")
def try_as_administrator(person: Person, lab: Lab, command: str) -> Result:
    return _sudo(person, lab, command)


@when(parsers.parse('I run "{command}" in an administrator\'s shell'), target_fixture="result")
def run_in_shell(person: Person, lab: Lab, command: str) -> Result:
    return _sudo(person, lab, f"sh -c '{command}'").must_succeed(command)


@when(parsers.parse('I try "{command}" in an administrator\'s shell'), target_fixture="result")
def try_in_shell(person: Person, lab: Lab, command: str) -> Result:
    return _sudo(person, lab, f"sh -c '{command}'")


def _sudo(person: Person, lab: Lab, command: str) -> Result:
    question = f"password for {lab.setup.user}:"
    return person.console.run(f"sudo {command}", answers={question: lab.setup.password})
