"""A keyboard: combinations and text, at a steady pace."""

from __future__ import annotations

from collections.abc import Sequence

from harness.user.expectation import Patience
from harness.user.keys import combination, strokes
from harness.user.protocols import KeyPort

PACE = 0.05
_CHORD_HELD = 0.1
"""Seconds: a busy desktop asks its input method about a key first, and then looks which others are down."""


class Keyboard:
    """Presses keys as a person does: one after the other, and lets go of each.

    Args:
        port: takes the keys.
        patience: the clock of the pace.
        pace: seconds between two strokes. A virtual keyboard's queue is short (16 bytes for PS/2,
            64 events for virtio), and a busy desktop empties it slowly: what is typed faster is lost.
    """

    def __init__(self, port: KeyPort, patience: Patience, *, pace: float = PACE) -> None:
        self._port = port
        self._patience = patience
        self.pace = pace

    def press(self, names: str, *, times: int = 1) -> None:
        """Press a key or a combination: "Return", "super", "ctrl-alt-t", "F2".

        Raises:
            ValueError: a name that no key has.
        """
        keys = combination(names)
        for _ in range(times):
            self._stroke(keys, held=_CHORD_HELD if len(keys) > 1 else 0.0)

    def type(self, text: str) -> None:
        """Write `text`, character by character; a line end presses Return.

        Raises:
            ValueError: a character that the layout does not have; nothing was typed then.
        """
        for keys in strokes(text):
            self._stroke(keys)

    def _stroke(self, keys: Sequence[int], held: float = 0.0) -> None:
        down: list[int] = []
        try:
            for key in keys:
                # Before the press: whether it arrived is unknown when it fails.
                down.append(key)
                self._port.key(key, down=True)
                self._patience.rest(held)
        finally:
            self._release(down)
        self._patience.rest(self.pace)

    def _release(self, held: list[int]) -> None:
        try:
            while held:
                self._port.key(held.pop(), down=False)
        finally:
            # A key that stays down would repeat into everything that comes after.
            if held:
                self._release(held)
