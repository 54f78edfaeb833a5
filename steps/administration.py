"""The administrator: a person who has chosen an administration password, as Tails' Welcome Screen offers."""

from __future__ import annotations

from pytest_bdd import given, parsers, when

from harness.guest.agent import Agent
from harness.lab.lab import Lab
from harness.user.console import Result
from harness.user.person import Person

_RIGHT = "/etc/sudoers.d/administration"


@given("an administration password is set")
def administration_password(agent: Agent, lab: Lab) -> None:
    made = agent.shell(f"umask 337 && echo '{lab.setup.user} ALL=(ALL:ALL) ALL' > {_RIGHT}")
    assert made.code == 0, f"{_RIGHT} cannot be made: {made.err.decode(errors='replace')}"


@when(parsers.parse('I run "{command}" as administrator'), target_fixture="result")
def run_as_administrator(person: Person, lab: Lab, command: str) -> Result:
    result = _as_administrator(person, lab, command)
    assert result.code == 0, f"{command} ended with status {result.code} and said:\n{result.out}"
    return result


@when(parsers.parse('I try "{command}" as administrator'), target_fixture="result")
def try_as_administrator(person: Person, lab: Lab, command: str) -> Result:
    return _as_administrator(person, lab, command)


def _as_administrator(person: Person, lab: Lab, command: str) -> Result:
    """What `command` does in an administrator's shell; the shell's own words keep to that shell's domain."""
    question = f"password for {lab.setup.user}:"
    return person.console.run(f"sudo sh -c '{command}'", answers={question: lab.setup.password})
