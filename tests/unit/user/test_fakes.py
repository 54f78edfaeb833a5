"""Each fake keeps the contract of the real thing: the same checks, against both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.user.console import Console, Result, SerialConsole
from harness.user.expectation import NotSeen, Patience
from harness.user.fakes import FakeConsole, FakeMachine
from harness.user.keyboard import Keyboard
from harness.user.pointer import Pointer
from harness.user.reading import Tesseract
from harness.user.screen import Screen
from harness.user.vnc import VncDisplay

Machine = FakeMachine | VncDisplay


@pytest.fixture(params=["fake", "real"])
def machine(request: pytest.FixtureRequest) -> Machine:
    if request.param == "fake":
        return FakeMachine(size=(720, 400))
    display: VncDisplay = request.getfixturevalue("display")
    return display


@pytest.fixture(params=["fake", "real"])
def console(request: pytest.FixtureRequest) -> Iterator[Console]:
    if request.param == "fake":
        yield FakeConsole({"amnesia": "live"}, {"echo hello": Result(0, "hello\n")})
        return
    real = SerialConsole(request.getfixturevalue("serial_socket"), Patience(seconds=20))
    real.log_in("amnesia", "live")
    real.log_out()
    yield real
    real.close()


def test_typed_text_appears_and_backspace_takes_it_back(
    machine: Machine, tesseract: Tesseract, patience: Patience
) -> None:
    screen, keyboard = Screen(machine, tesseract, patience), Keyboard(machine, patience)
    keyboard.type("\nfirst light")
    screen.wait_for_text("first light")
    keyboard.press("BackSpace", times=len("first light"))
    screen.wait_until_gone("first light")


def test_a_capture_is_rgb(machine: Machine) -> None:
    picture = machine.capture()
    assert picture.pixels.shape == (400, 720, 3)
    assert picture.pixels.dtype == "uint8"


def test_a_pointer_is_taken(machine: Machine, patience: Patience) -> None:
    pointer = Pointer(machine, patience)
    pointer.double_click((10, 10))
    assert pointer.position == (10, 10)
    assert machine.capture().pixels.shape == (400, 720, 3), "the machine bears it"


def test_a_user_logs_in_works_and_logs_out(console: Console) -> None:
    console.log_in("amnesia", "live")
    assert console.run("echo hello") == Result(0, "hello\n")
    missing = console.run("no-such-command")
    assert missing.code == 127
    assert "no-such-command: command not found" in missing.out
    console.log_out()
    with pytest.raises(NotSeen):
        console.run("echo hello", within=0.5)


def test_a_wrong_password_is_refused(console: Console) -> None:
    with pytest.raises(NotSeen, match="the password of 'amnesia' accepted"):
        console.log_in("amnesia", "wrong")
