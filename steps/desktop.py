"""The desktop: open, look, click, type."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import parsers, then, when

from harness.user.person import Person
from harness.user.picture import Picture
from harness.user.reference import FOLDER, Reference
from harness.user.writing import Erase
from steps.sentence import Sentence

_LONG_WORK = 180.0
"""Seconds on a person's machine."""


@when(Sentence('I open "{program}" from the (overview|menu "{category}")'))
def open_program(person: Person, program: str, category: str) -> None:
    if category:
        person.open_from_menu(program, category)
    else:
        person.open_from_overview(program)


@when(Sentence('I open the {kind:file|folder} "{name}"'))
def open_item(person: Person, kind: str, name: str) -> None:
    if kind == "folder":
        person.double_click(name)
    else:
        # While Files makes its small pictures, the second of two clicks may meet an icon drawn anew.
        person.click(name)
        person.press("Return")


@when(parsers.parse('I press "{keys}"'))
def press(person: Person, keys: str) -> None:
    person.press(keys)


@when(Sentence('I click ("{text...}"[ with the {right:right} button]|the icon "{icon}")'))
def click(person: Person, request: pytest.FixtureRequest, text: str, right: str, icon: str) -> None:
    if icon:
        person.click_picture(_picture(request, icon))
    elif right:
        person.right_click(text)
    else:
        person.click(text)


@when(Sentence('I type [the {what:secret|command} ]"{text...}"'))
def type_into_the_field(person: Person, what: str, text: str) -> None:
    match what:
        case "secret":
            person.type_secret(text)
        case "command":
            person.type(text, erase=Erase.SHELL_LINE)
            person.press("Return")
        case _:
            person.type(text)


@when(parsers.parse('I write "{text}"'))
def write(person: Person, text: str) -> None:
    person.type(text, erase=Erase.LINE)


@when(parsers.parse('I go to the address "{address}"'))
def go_to_address(person: Person, address: str) -> None:
    person.press("ctrl-l")
    person.type(address)
    person.press("Return")


@then(Sentence('I see ("{text...}"[ {late:in the end}]|the icon "{icon}")'))
def see(person: Person, request: pytest.FixtureRequest, text: str, late: str, icon: str) -> None:
    if icon:
        person.screen.wait_for_picture(_picture(request, icon))
    else:
        person.see(text, within=_LONG_WORK if late else None)


@then(parsers.parse('I see "{text}" no more'))
def see_no_more(person: Person, text: str) -> None:
    person.see_no(text)


def _picture(request: pytest.FixtureRequest, name: str) -> Picture:
    """The reference picture, out of the folder of the features that are run."""
    return Reference.load(Path(request.path).parent / FOLDER, name).picture
