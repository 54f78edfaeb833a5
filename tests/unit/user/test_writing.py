import pytest

from harness.user.expectation import NotSeen, Patience
from harness.user.fakes import FakeMachine
from harness.user.keyboard import Keyboard
from harness.user.reading import Tesseract
from harness.user.screen import Screen
from harness.user.writing import Erase, type_and_check


def write(machine: FakeMachine, text: str, reader: Tesseract, patience: Patience, erase: Erase) -> None:
    keyboard, screen = Keyboard(machine, patience), Screen(machine, reader, patience)
    type_and_check(text, keyboard=keyboard, screen=screen, erase=erase)


def test_what_arrives_is_typed_once(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine()
    write(machine, "Text Editor", tesseract, instant, Erase.FIELD)
    assert machine.text == "Text Editor"
    assert (ord("a"), True) not in machine.keys


@pytest.mark.parametrize("loses", [{1}, {2, 3}, {11}])
def test_lost_keys_are_noticed_and_the_text_typed_again(
    tesseract: Tesseract, instant: Patience, loses: set[int]
) -> None:
    machine = FakeMachine()
    machine.loses = frozenset(loses)
    write(machine, "Text Editor", tesseract, instant, Erase.FIELD)
    assert machine.text == "Text Editor"
    assert (ord("a"), True) in machine.keys


def test_the_line_of_a_shell_is_erased_and_no_other(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine("amnesia said:\n")
    machine.loses = frozenset({3})
    write(machine, "hello", tesseract, instant, Erase.SHELL_LINE)
    assert machine.text == "amnesia said:\nhello"


def test_text_that_never_arrives_fails_the_scenario(tesseract: Tesseract, instant: Patience) -> None:
    machine = FakeMachine()
    machine.loses = frozenset(range(1, 100, 4))
    with pytest.raises(NotSeen, match="the typed text 'writer'"):
        write(machine, "writer", tesseract, instant, Erase.FIELD)
