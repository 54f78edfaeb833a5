"""A pointer: move, click, scroll."""

from __future__ import annotations

from harness.user.expectation import Patience
from harness.user.protocols import PointerPort

Point = tuple[int, int]

LEFT, RIGHT = 1 << 0, 1 << 2
_WHEEL_UP, _WHEEL_DOWN = 1 << 3, 1 << 4
_ARRIVES = 0.6
"""Seconds: what is not lit under the pointer yet takes no click; a busy GNOME Shell lights late."""

_HOLDS = 0.1


class Pointer:
    """A pointer with three buttons and a wheel, in pixels of the screen.

    Args:
        port: takes position and buttons together, as RFB's PointerEvent (RFC 6143, 7.5.5) does.
        patience: the clock of the pace.
        pace: seconds between two events of a gesture. A desktop tells a drag from a click, and a
            double click from two clicks, by time and way: events sent at once reach it as one.
    """

    def __init__(self, port: PointerPort, patience: Patience, *, pace: float = 0.04) -> None:
        self._port = port
        self._patience = patience
        self._pace = pace
        self.position: Point = (0, 0)

    def move(self, to: Point) -> None:
        """Put the pointer on the pixel (x, y)."""
        self._send(to, 0)

    def click(self, at: Point, *, button: int = LEFT, times: int = 1) -> None:
        """Move there, and click when a desktop has had the time to see the pointer come."""
        if self.position != at:
            self.move(at)
        self._patience.rest(_ARRIVES)
        for _ in range(times):
            try:
                self._send(at, button)
                # A double click has 0.4 s in all, and each event takes the time of a message to the machine.
                self._patience.rest(_HOLDS if times == 1 else 0)
            finally:
                self._send(at, 0)

    def double_click(self, at: Point) -> None:
        """Move there and click twice."""
        self.click(at, times=2)

    def right_click(self, at: Point) -> None:
        """Move there and click with the right button."""
        self.click(at, button=RIGHT)

    def scroll(self, at: Point, notches: int) -> None:
        """Turn the wheel there: down for a positive number of notches, up for a negative one."""
        wheel = _WHEEL_DOWN if notches > 0 else _WHEEL_UP
        self.click(at, button=wheel, times=abs(notches))

    def _send(self, to: Point, buttons: int) -> None:
        self.position = to
        self._port.pointer(*to, buttons)
        self._patience.rest(self._pace)
