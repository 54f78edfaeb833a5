"""The hands and the display against a real QEMU."""

from __future__ import annotations

import re
import socket
import string
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.user.expectation import Patience
from harness.user.keyboard import Keyboard
from harness.user.pointer import Pointer
from harness.user.reading import Tesseract
from harness.user.screen import Screen
from harness.user.vnc import VncDisplay

if TYPE_CHECKING:
    from tests.unit.user.conftest import EchoMachine


@pytest.fixture
def screen(display: VncDisplay, tesseract: Tesseract, patience: Patience) -> Screen:
    return Screen(display, tesseract, patience)


def typed_since(machine: EchoMachine, start: int, count: int) -> bytes:
    for last in Deadline.after(20).attempts():
        typed = machine.typed()[start:]
        if len(typed) >= count or last:
            return typed
    raise AssertionError


def test_every_printable_character_arrives(
    echo_machine: EchoMachine, display: VncDisplay, patience: Patience
) -> None:
    text = string.ascii_letters + string.digits + string.punctuation + " "
    start = len(echo_machine.typed())
    Keyboard(display, patience, pace=0.02).type(text)
    assert typed_since(echo_machine, start, len(text)) == text.encode()


def test_combinations_arrive(echo_machine: EchoMachine, display: VncDisplay, patience: Patience) -> None:
    start = len(echo_machine.typed())
    keyboard = Keyboard(display, patience)
    for keys in ("ctrl-a", "ctrl-S", "shift-b", "Tab", "Escape"):
        keyboard.press(keys)
    assert typed_since(echo_machine, start, 5) == b"\x01\x13B\t\x1b"


def test_what_is_typed_is_seen(screen: Screen, display: VncDisplay, patience: Patience) -> None:
    keyboard = Keyboard(display, patience)
    keyboard.press("Return")
    keyboard.press("ctrl-j")  # BIOS goes to the line's beginning for one, and a line down for the other
    keyboard.type("live system")
    assert screen.wait_for_text("live system").box.height > 5


def test_looking_sends_no_key_to_the_guest(echo_machine: EchoMachine, display: VncDisplay) -> None:
    before = echo_machine.events.read_text().count("input_event_key")
    for _ in range(3):
        display.capture()
    assert echo_machine.events.read_text().count("input_event_key") == before


def test_a_click_arrives_where_it_is_meant(
    echo_machine: EchoMachine, display: VncDisplay, patience: Patience
) -> None:
    start = len(echo_machine.events.read_text())
    pointer = Pointer(display, patience)
    pointer.move((0, 0))
    pointer.click((719, 399))
    # A capture comes after the events in the same stream: QEMU has taken them all when it answers.
    display.capture()
    events = echo_machine.events.read_text()[start:]
    assert re.findall(r"button left, down (\d)", events) == ["1", "0"]
    across = [int(x, 16) for x in re.findall(r"axis x, value (0x[0-9a-f]+)", events)]
    assert across[0] == 0
    assert across[-1] == pytest.approx(0x7FFF, rel=0.01)


def test_a_lost_connection_is_opened_again(mortal_machine: EchoMachine, patience: Patience) -> None:
    display = VncDisplay(mortal_machine.vnc, patience)
    display.capture()
    assert display._client is not None
    display._client.transport.abortConnection()
    display.key(0xFFE1, down=True)
    display.key(0xFFE1, down=False)
    assert display.capture().width >= 640
    display.close()


def test_two_may_look_at_one_machine(mortal_machine: EchoMachine, patience: Patience) -> None:
    displays = [VncDisplay(mortal_machine.vnc, patience) for _ in range(2)]
    assert all(display.capture().width >= 640 for _ in range(2) for display in displays)
    for display in displays:
        display.close()


def test_many_connections_one_after_the_other(mortal_machine: EchoMachine, patience: Patience) -> None:
    for _ in range(15):
        display = VncDisplay(mortal_machine.vnc, patience)
        assert display.capture().width >= 640
        display.close()


def test_a_machine_that_dies_is_told(mortal_machine: EchoMachine) -> None:
    display = VncDisplay(mortal_machine.vnc, Patience(seconds=300))
    assert display.capture().width >= 640
    mortal_machine.process.kill()
    with pytest.raises(GuestError, match="nobody is behind the screen"):
        display.capture()
    display.close()


def test_a_connection_that_goes_while_it_is_asked_is_told(
    mortal_machine: EchoMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    display = VncDisplay(mortal_machine.vnc, Patience(seconds=300))
    display.capture()
    client, connected = display._client, display._connected
    assert client is not None
    mortal_machine.process.kill()
    for last in Deadline.after(60).attempts():
        if client.lost:
            break
        assert not last, "the connection is still there"
    found = iter([client])  # as it looks a moment before it goes
    monkeypatch.setattr(display, "_connected", lambda deadline: next(found, None) or connected(deadline))
    with pytest.raises(GuestError, match="nobody is behind the screen"):
        display.capture()
    display.close()


def test_a_socket_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "mute"))
        mute.listen()
        display = VncDisplay(tmp_path / "mute", Patience(seconds=0.3))
        with pytest.raises(GuestError, match="a picture of the screen"):
            display.capture()
        display.close()
