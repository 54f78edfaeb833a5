"""What must be refused: the attempt by a person's means, and TOMOYO's own word that it was TOMOYO.

One text serves twice. Under a policy the attempt has to fail and the audit has to show the denial. While
TOMOYO learns the scenario is its own control: the attempt has to succeed and the audit has to show that very
access, so a sentence that names a wrong access, and an attempt that something else prevents, fail there.
"""

from __future__ import annotations

import pytest
from pytest_bdd import given, parsers, then

from harness.lab import refusal
from harness.lab.lab import Lab
from harness.lab.life import Life
from harness.user.console import Result
from harness.user.expectation import NotSeen
from steps import documents


@given(parsers.parse('the program "{path}"'))
def program(lab: Lab, path: str) -> None:
    lab.home.put_program(path)


@given(parsers.parse('the file "{path}" that says "{text}"'))
def text_file(lab: Lab, path: str, text: str) -> None:
    lab.home.put(path, f"{text}\n".encode())


@given(parsers.parse('the file "{path}" of another user that says "{text}", open to all'))
def file_of_another_user(lab: Lab, path: str, text: str) -> None:
    lab.home.put_for_all(path, f"{text}\n".encode())


@given(parsers.parse('the PDF document "{path}" of another user that says "{text}", open to all'))
def pdf_of_another_user(lab: Lab, path: str, text: str) -> None:
    lab.home.put_for_all(path, documents.pdf(text))


@then(parsers.parse('TOMOYO refuses "{access}" to "{program}"'))
def refuses(lab: Lab, life: Life, request: pytest.FixtureRequest, access: str, program: str) -> None:
    result: Result = request.getfixturevalue("result")
    refusal.check(lab, life, access, program, succeeded=result.code == 0)


@then(parsers.parse('since TOMOYO refuses "{access}" to "{program}", I do not see "{text}"'))
def refuses_to_show(lab: Lab, life: Life, access: str, program: str, text: str) -> None:
    refusal.wait_until_asked(lab, life, access, program)
    try:
        lab.person.see(text)
        succeeded = True
    except NotSeen:
        succeeded = False
    refusal.check(lab, life, access, program, succeeded=succeeded)


@then(
    parsers.parse(
        'since TOMOYO refuses "{access}" to "{program}", the file "{path}" does not contain "{text}"'
    )
)
def refuses_to_write(  # noqa: PLR0917 - a parameter for each part of the sentence
    lab: Lab, life: Life, access: str, program: str, path: str, text: str
) -> None:
    refusal.wait_until_asked(lab, life, access, program)
    try:
        lab.home.wait_for(path, lambda content: text.encode() in content, f"contains {text!r}")
        succeeded = True
    except AssertionError:
        succeeded = False
    refusal.check(lab, life, access, program, succeeded=succeeded)
