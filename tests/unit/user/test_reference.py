"""Reference pictures with their sources, as files."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from harness.errors import HostError
from harness.user.picture import Picture
from harness.user.reference import Reference, Source, names

SOURCE = Source(
    shows="the button that takes a drive out", scenario="drives-files.read", step='I see "STICK"',
    left=5, top=7, width=16, height=12, image="Debian 13", taken=date(2026, 11, 23),
)  # fmt: skip
PICTURE = Picture(np.random.default_rng(3).integers(0, 256, (12, 16, 3), dtype=np.uint8))


def test_a_picture_comes_back_with_its_source(tmp_path: Path) -> None:
    place = tmp_path / "pictures"
    assert Reference("eject", PICTURE, SOURCE).save(place) == place / "eject.png"
    back = Reference.load(place, "eject")
    assert back.source == SOURCE
    assert (back.picture.pixels == PICTURE.pixels).all()
    assert names(place) == ["eject"]


def test_a_picture_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    Reference("eject", PICTURE, SOURCE).save(tmp_path)
    with pytest.raises(HostError, match="no reference picture 'ejekt'") as raised:
        Reference.load(tmp_path, "ejekt")
    assert "eject" in raised.value.expected
    assert names(tmp_path / "nowhere") == []


def test_a_source_that_says_nothing_is_told(tmp_path: Path) -> None:
    Reference("eject", PICTURE, SOURCE).save(tmp_path)
    (tmp_path / "eject.json").write_text('{"shows": "a button"}')
    with pytest.raises(HostError, match=r"eject\.json says no source: scenario: Field required"):
        Reference.load(tmp_path, "eject")
