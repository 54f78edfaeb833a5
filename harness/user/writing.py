"""Writing that is read back: a busy desktop loses keys, and a command that lost one is another command."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from harness.user.expectation import NotSeen
from harness.user.keyboard import Keyboard
from harness.user.likeness import reads_as
from harness.user.region import WHOLE, Region
from harness.user.screen import Screen, Within

_ATTEMPTS = 3


class Erase(Enum):
    """Keys that take back what was typed wrong, by where it was typed.

    No backspaces: when keys were lost, nobody knows how many.
    """

    FIELD = ("ctrl-a", "Delete")
    LINE = ("shift-Home", "Delete")
    SHELL_LINE = ("ctrl-e", "ctrl-u")


def type_and_check(
    text: str,
    *,
    keyboard: Keyboard,
    screen: Screen,
    region: Region = WHOLE,
    erase: Erase = Erase.FIELD,
    within: Within = 10,
) -> None:
    """Type `text`, read it in `region`, and type it again where a key was lost.

    Args:
        text: what to type; it must stand in `region` as typed, so no passwords.
        keyboard: types it.
        screen: reads it.
        region: where it appears. The smaller, the surer.
        erase: how to empty the place between two attempts: a field whole, the line of a document, the
            line of a shell.
        within: how long it may take to appear, each time.

    Raises:
        NotSeen: it was lost three times.
    """
    last: NotSeen | None = None
    for _ in range(_ATTEMPTS):
        if last is not None:
            for keys in erase.value:
                keyboard.press(keys)
        keyboard.type(text)
        try:
            screen.wait_for(_reads(text), f"the typed text {text!r}", region=region, within=within)
        except NotSeen as unseen:
            last = unseen
        else:
            return
    assert last is not None
    raise last


def _reads(text: str) -> Callable[[str], bool]:
    return lambda read: reads_as(read, text)
