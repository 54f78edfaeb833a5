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
from steps.sentence import Sentence


@given(parsers.parse('the program "{path}"'))
def program(lab: Lab, path: str) -> None:
    lab.home.put_program(path)


@then(
    Sentence(
        'TOMOYO refuses "{access}" to "{program}"'
        '[, so (I do not see|the file "{path}" does not say) "{text...}"]'
    )
)
def refuses(  # noqa: PLR0917 - a parameter for each part of the sentence
    lab: Lab,
    life: Life,
    request: pytest.FixtureRequest,
    access: str,
    program: str,
    path: str,
    text: str,
) -> None:
    if text:
        refusal.wait_until_asked(lab, life, access, program)
        succeeded = _is_written(lab, path, text) if path else _is_shown(lab, text)
    else:
        result: Result = request.getfixturevalue("result")
        succeeded = result.code == 0
    refusal.check(lab, life, access, program, succeeded=succeeded)


def _is_shown(lab: Lab, text: str) -> bool:
    try:
        lab.person.see(text, within=refusal.looks(lab))
    except NotSeen:
        return False
    return True


def _is_written(lab: Lab, path: str, text: str) -> bool:
    try:
        wanted = f"says {text!r}"
        lab.home.wait_for(path, lambda content: text.encode() in content, wanted, refusal.looks(lab))
    except AssertionError:
        return False
    return True
