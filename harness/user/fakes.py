"""Stand-ins for a machine's screen and console, for fast tests of steps and waits.

Each keeps the contract of the real thing as far as it goes; the tests of this room run the same checks
against both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from harness.user.console import Result
from harness.user.expectation import NotSeen
from harness.user.keys import NAMED_KEYS
from harness.user.picture import Picture
from harness.user.screen import Within

_MARGIN = 16
_CONTROL = NAMED_KEYS["ctrl"]
_FONT = ImageFont.load_default(20)


class FakeMachine:
    """A screen that shows `text`, into which keys write: `Display`, `KeyPort` and `PointerPort` in one.

    Attributes:
        text: what the screen shows, line by line.
        captures: how many times it was looked at.
        keys: every key event that came: keysym, and whether it went down.
        pointer_events: every pointer event that came: x, y, buttons.
        loses: of the characters typed, counted from 1, those that get lost.
        before_capture: called with the number of the look before each one: makes the screen change.
    """

    def __init__(self, text: str = "", *, size: tuple[int, int] = (480, 160)) -> None:
        self.text = text
        self.captures = 0
        self.keys: list[tuple[int, bool]] = []
        self.pointer_events: list[tuple[int, int, int]] = []
        self.loses: frozenset[int] = frozenset()
        self.before_capture: Callable[[int], object] = int
        self._size = size
        self._typed = 0
        self._held: set[int] = set()
        self._selected = False

    def capture(self) -> Picture:
        """The text, drawn in black on white."""
        self.captures += 1
        self.before_capture(self.captures)
        image = Image.new("RGB", self._size, "white")
        ImageDraw.Draw(image).text((_MARGIN, _MARGIN), self.text, fill="black", font=_FONT, spacing=8)
        return Picture(np.array(image, dtype=np.uint8))

    def key(self, keysym: int, *, down: bool) -> None:
        """Write, or take back, a character."""
        self.keys.append((keysym, down))
        if not down:
            self._held.discard(keysym)
            return
        self._held.add(keysym)
        if _CONTROL in self._held:
            self._selected = keysym == ord("a")
            if keysym == ord("u"):
                self.text = self.text[: self.text.rfind("\n") + 1]
        elif keysym == NAMED_KEYS["delete"] and self._selected:
            self.text, self._selected = "", False
        elif keysym == NAMED_KEYS["backspace"]:
            self.text = self.text[:-1]
        elif keysym == NAMED_KEYS["return"] or 0x20 <= keysym < 0x7F:
            self._write("\n" if keysym == NAMED_KEYS["return"] else chr(keysym))

    def pointer(self, x: int, y: int, buttons: int) -> None:
        """Note a pointer event."""
        self.pointer_events.append((x, y, buttons))

    @property
    def held(self) -> frozenset[int]:
        """The keys that are down."""
        return frozenset(self._held)

    def _write(self, character: str) -> None:
        self._typed += 1
        if self._typed not in self.loses:
            self.text += character


class FakeConsole:
    """A console whose commands and their results are known beforehand.

    Args:
        passwords: who can log in.
        results: what each command does; any other is not found.
    """

    def __init__(self, passwords: Mapping[str, str], results: Mapping[str, Result]) -> None:
        self._passwords = dict(passwords)
        self._results = dict(results)
        self.user: str | None = None
        self.commands: list[str] = []

    def log_in(self, user: str, password: str = "", *, within: Within = None) -> None:  # noqa: ARG002 - the protocol's
        """Be at a shell of `user`."""
        if self._passwords.get(user) != password:
            raise NotSeen(f"the password of {user!r} accepted", waited=0, shown=["Login incorrect"])
        self.user = user

    def run(
        self,
        command: str,
        *,
        answers: Mapping[str, str] | None = None,  # noqa: ARG002 - the protocol's
        within: Within = None,  # noqa: ARG002 - the protocol's
    ) -> Result:
        """The result that is known for `command`."""
        if self.user is None:
            raise NotSeen(f"the end of the command {command!r}", waited=0, shown=["login:"])
        self.commands.append(command)
        name = command.split(maxsplit=1)[0]
        return self._results.get(command, Result(127, f"bash: {name}: command not found\n"))

    def log_out(self, *, within: Within = None) -> None:  # noqa: ARG002 - the protocol's
        """Be asked to log in."""
        self.user = None

    def wait_for_login(self, *, within: Within = None) -> None:  # noqa: ARG002 - the protocol's
        """It asks unless somebody is logged in."""
        if self.user is not None:
            raise NotSeen("a login prompt", waited=0, shown=[f"{self.user}$"])
