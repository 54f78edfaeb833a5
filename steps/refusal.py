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


@given(parsers.parse('the program "{path}"'))
def program(lab: Lab, path: str) -> None:
    lab.home.put_program(path)


@given(parsers.parse('the file "{path}" that says "{text}"'))
def text_file(lab: Lab, path: str, text: str) -> None:
    lab.home.put(path, f"{text}\n".encode())


@given(parsers.parse('the file "{path}" of another user that says "{text}", open to all'))
def file_of_another_user(lab: Lab, path: str, text: str) -> None:
    lab.home.put_for_all(path, f"{text}\n".encode())


@then(parsers.parse('TOMOYO refuses "{access}" to "{program}"'))
def refuses(lab: Lab, life: Life, request: pytest.FixtureRequest, access: str, program: str) -> None:
    result: Result = request.getfixturevalue("result")
    refusal.check(lab, life, access, program, succeeded=result.code == 0)
