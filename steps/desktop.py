"""The desktop: open, look, click, type."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import parsers, then, when

from harness.user.person import Person
from harness.user.picture import Picture
from harness.user.reference import FOLDER, Reference
from harness.user.writing import Erase

_LONG_WORK = 180.0
"""Seconds on a person's machine."""


@when(parsers.parse('I open "{program}" from the overview'))
def open_from_overview(person: Person, program: str) -> None:
    person.open_from_overview(program)


@when(parsers.parse('I open "{program}" from the menu "{category}"'))
def open_from_menu(person: Person, program: str, category: str) -> None:
    person.open_from_menu(program, category)


@when(parsers.parse('I press "{keys}"'))
def press(person: Person, keys: str) -> None:
    person.press(keys)


@when(parsers.parse('I click "{text}"'))
def click(person: Person, text: str) -> None:
    person.click(text)


@when(parsers.parse('I click "{text}" with the right button'))
def right_click(person: Person, text: str) -> None:
    person.right_click(text)


@when(parsers.parse('I click the icon "{name}"'))
def click_icon(person: Person, request: pytest.FixtureRequest, name: str) -> None:
    person.click_picture(_picture(request, name))


@when(parsers.parse('I open the folder "{name}"'))
@when(parsers.parse('I open the file "{name}"'))
def open_item(person: Person, name: str) -> None:
    person.double_click(name)


@when(parsers.parse('I type "{text}"'))
def type_into_the_field(person: Person, text: str) -> None:
    person.type(text)


@when(parsers.parse('I type the secret "{text}"'))
def type_secret(person: Person, text: str) -> None:
    person.type_secret(text)


@when(parsers.parse('I write "{text}"'))
def write(person: Person, text: str) -> None:
    person.type(text, erase=Erase.LINE)


@when(parsers.parse('I type the command "{command}"'))
def type_command(person: Person, command: str) -> None:
    person.type(command, erase=Erase.SHELL_LINE)
    person.press("Return")


@when(parsers.parse('I go to the address "{address}"'))
def go_to_address(person: Person, address: str) -> None:
    person.press("ctrl-l")
    person.type(address)
    person.press("Return")


@then(parsers.parse('I see the icon "{name}"'))
def see_icon(person: Person, request: pytest.FixtureRequest, name: str) -> None:
    person.screen.wait_for_picture(_picture(request, name))


@then(parsers.parse('I see "{text}"'))
def see(person: Person, text: str) -> None:
    person.see(text)


@then(parsers.parse('I see "{text}" in the end'))
def see_in_the_end(person: Person, text: str) -> None:
    person.see(text, within=_LONG_WORK)


@then(parsers.parse('I see "{text}" no more'))
def see_no_more(person: Person, text: str) -> None:
    person.see_no(text)


def _picture(request: pytest.FixtureRequest, name: str) -> Picture:
    """The reference picture, out of the folder of the features that are run."""
    return Reference.load(Path(request.path).parent / FOLDER, name).picture
