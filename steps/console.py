"""The text console: log in, run a command, read what it says."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from harness.lab.lab import Lab
from harness.user.console import Result
from harness.user.person import Person
from steps.sentence import Sentence

_COMMAND = '"{command...}"[ as {role:administrator}][ with the password "{password}"]'


@given(Sentence("I (am logged|log) in on the text {place:console|screen}"))
@when(Sentence("I (am logged|log) in on the text {place:console|screen}"))
def log_in(person: Person, lab: Lab, place: str) -> None:
    log_in_there = {"console": person.console.log_in, "screen": person.log_in_on_text_screen}[place]
    log_in_there(lab.setup.user, lab.setup.password)


@when("I log out of the text console")
def log_out(person: Person) -> None:
    person.console.log_out()


@then("the text console asks for a login")
def asks_for_login(person: Person) -> None:
    person.console.wait_for_login()


@given(Sentence(f"I run {_COMMAND}"), target_fixture="result")
@when(Sentence(f"I run {_COMMAND}"), target_fixture="result")
def run(person: Person, lab: Lab, command: str, role: str, password: str) -> Result:
    return attempt(person, lab, command, role, password).must_succeed(command)


@when(Sentence(f"I try {_COMMAND}"), target_fixture="result")
def attempt(person: Person, lab: Lab, command: str, role: str, password: str) -> Result:
    answers = {}
    if role:
        command = f"sudo {command}"
        answers[f"password for {lab.setup.user}:"] = lab.setup.password
    if password:
        # Also of a host whose key nobody knows yet.
        answers |= {"password:": password, "(yes/no/[fingerprint])?": "yes"}
    return person.console.run(command, answers=answers)


@then("it is refused")
def is_refused(result: Result) -> None:
    assert result.code != 0, f"it went through and said:\n{result.out}"


@then(parsers.parse('the output is "{text}"'))
def output_is(result: Result, text: str) -> None:
    assert result.out.strip() == text


@then(Sentence('the output (says|{lacks:does not say}) "{text...}"'))
def output_says(result: Result, lacks: str, text: str) -> None:
    if lacks:
        assert text not in result.out
    else:
        assert text in result.out
