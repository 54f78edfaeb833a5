"""The text console: log in, run a command, read what it says."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from harness.lab.lab import Lab
from harness.user.console import Result
from harness.user.person import Person


@given("I am logged in on the text console")
@when("I log in on the text console")
def log_in(person: Person, lab: Lab) -> None:
    person.console.log_in(lab.setup.user, lab.setup.password)


@when("I log in on the text screen")
def log_in_on_text_screen(person: Person, lab: Lab) -> None:
    person.log_in_on_text_screen(lab.setup.user, lab.setup.password)


@when("I log out of the text console")
def log_out(person: Person) -> None:
    person.console.log_out()


@then("the text console asks for a login")
def asks_for_login(person: Person) -> None:
    person.console.wait_for_login()


@given(parsers.parse('I run "{command}"'), target_fixture="result")
@when(parsers.parse('I run "{command}"'), target_fixture="result")
def run(person: Person, command: str) -> Result:
    return person.console.run(command).must_succeed(command)


@when(parsers.parse('I try "{command}"'), target_fixture="result")
def attempt(person: Person, command: str) -> Result:
    return person.console.run(command)


@then("it is refused")
def is_refused(result: Result) -> None:
    assert result.code != 0, f"it went through and said:\n{result.out}"


@then(parsers.parse('the output is "{text}"'))
def output_is(result: Result, text: str) -> None:
    assert result.out.strip() == text


@then(parsers.parse('the output says "{text}"'))
def output_says(result: Result, text: str) -> None:
    assert text in result.out


@then(parsers.parse('the output does not say "{text}"'))
def output_does_not_say(result: Result, text: str) -> None:
    assert text not in result.out
