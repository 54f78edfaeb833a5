"""Screens that this project's own machines showed: GNOME 48 of Debian 13, 1024 x 768."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image

from harness.user.expectation import Patience
from harness.user.likeness import reads_as, spans
from harness.user.picture import Picture
from harness.user.protocols import Display
from harness.user.reading import Tesseract
from harness.user.region import OVERVIEW_RESULTS, OVERVIEW_SEARCH, WHOLE, Region
from harness.user.screen import Screen

SCREENS = Path(__file__).parents[2] / "corpus" / "screens"


@pytest.mark.parametrize(
    ("screen", "region", "text"),
    [
        pytest.param("overview", OVERVIEW_SEARCH, "Type to search", id="a grey hint in an empty field"),
        pytest.param("overview-console", OVERVIEW_SEARCH, "Console", id="a field with a border"),
        pytest.param("overview-keepassxc", OVERVIEW_SEARCH, "KeePassXC", id="a cursor at the last letter"),
        pytest.param("overview-keepassxc", OVERVIEW_RESULTS, "KeePassXC", id="under an icon"),
        pytest.param("terminal", WHOLE, "gpg --batch --passphrase '' --quick-gen-key alice", id="a command"),
    ],
)
def test_what_a_person_reads_is_read(tesseract: Tesseract, screen: str, region: Region, text: str) -> None:
    pixels = np.array(Image.open(SCREENS / f"{screen}.png").convert("RGB"))
    lines = [line.text for line in tesseract.read(Picture(pixels).part(region))]
    assert reads_as(" ".join(lines), text), lines
    assert any(spans(line.split(), text, exact=False) for line in lines), lines


def test_what_is_read_in_pieces_is_put_together_by_a_closer_look(
    tesseract: Tesseract, instant: Patience
) -> None:
    class Still:
        """A screen that shows one picture."""

        def capture(self) -> Picture:
            return Picture(np.array(Image.open(SCREENS / "thunderbird-account.png").convert("RGB")))

    screen = Screen(cast(Display, Still()), tesseract, instant)
    screen.wait_for(lambda read: reads_as(read, "alice@post.example"), "the address")
