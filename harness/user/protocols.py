"""What the senses and the hands need of a machine: small ports, with a real end and a fake one."""

from __future__ import annotations

from typing import Protocol

from harness.user.picture import Picture
from harness.user.reading import Line


class Display(Protocol):
    """Something that can be looked at."""

    def capture(self) -> Picture:
        """The picture that is shown now.

        Raises:
            GuestError: the display does not answer.
        """


class KeyPort(Protocol):
    """Something that takes keys."""

    def key(self, keysym: int, *, down: bool) -> None:
        """Press or release the key with this X11 keysym."""


class PointerPort(Protocol):
    """Something that takes a pointer."""

    def pointer(self, x: int, y: int, buttons: int) -> None:
        """Put the pointer on a pixel with the buttons of a mask (bit 0 is the left one) held down."""


class Reader(Protocol):
    """Something that reads text in pictures."""

    def read(self, picture: Picture) -> list[Line]:
        """The lines of text in `picture`, top to bottom, with boxes in its pixels."""
