import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from harness.errors import HostError
from harness.user.picture import Picture
from harness.user.reading import Tesseract, Word, lines_of
from harness.user.region import Box


def label(text: str, ink: tuple[int, int, int], ground: tuple[int, int, int], size: int = 15) -> Picture:
    image = Image.new("RGB", (360, 60), (60, 60, 64))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((20, 8, 340, 52), 8, fill=ground)
    draw.text((40, 18), text, fill=ink, font=ImageFont.load_default(size))
    return Picture(np.array(image, dtype=np.uint8))


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ((20, 20, 20), (250, 250, 250)),
        ((255, 255, 255), (30, 30, 30)),
        ((255, 255, 255), (53, 132, 228)),
        ((150, 150, 150), (66, 66, 66)),
        ((255, 255, 255), (192, 28, 40)),
    ],
    ids=["dark on light", "light on dark", "white on a blue button", "grey on grey", "white on red"],
)
def test_text_is_read_on_any_ground(
    tesseract: Tesseract, ink: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    lines = tesseract.read(label("Install Now", ink, ground))
    boxes = [line.box for line in lines if line.text == "Install Now"]
    assert len(boxes) == 1
    assert boxes[0].overlaps(Box(20, 45, 60, 12))


def test_an_empty_screen_has_no_text(tesseract: Tesseract) -> None:
    assert tesseract.read(Picture(np.zeros((768, 1024, 3), np.uint8))) == []


def test_words_join_to_lines_by_height_and_distance() -> None:
    words = [
        Word("World", Box(10, 60, 40, 12), 90),
        Word("Hello", Box(11, 10, 44, 12), 90),
        Word("far", Box(10, 300, 30, 12), 90),
        Word("below", Box(40, 10, 40, 12), 90),
    ]
    assert [line.text for line in lines_of(words)] == ["Hello World", "far", "below"]


def test_a_language_that_is_missing_is_told() -> None:
    with pytest.raises(HostError, match="tesseract cannot read 'xyz'"):
        Tesseract("xyz")
