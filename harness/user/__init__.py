"""A person's hands and eyes: keyboard, pointer, screen, text console."""

from harness.user.console import Console, Result, SerialConsole
from harness.user.expectation import NotSeen, Patience
from harness.user.keyboard import Keyboard
from harness.user.person import Person, SeatedPerson
from harness.user.picture import Picture
from harness.user.pointer import Pointer
from harness.user.reading import Tesseract
from harness.user.region import Box, Region
from harness.user.screen import FoundText, Screen
from harness.user.writing import Erase

__all__ = [
    "Box",
    "Console",
    "Erase",
    "FoundText",
    "Keyboard",
    "NotSeen",
    "Patience",
    "Person",
    "Picture",
    "Pointer",
    "Region",
    "Result",
    "Screen",
    "SeatedPerson",
    "SerialConsole",
    "Tesseract",
]
