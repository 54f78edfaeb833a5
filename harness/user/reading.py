"""Reading: text in pictures, by tesseract inside this process."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import cv2
import numpy as np

from harness.errors import HostError
from harness.user.picture import Picture
from harness.user.region import Box

# The processors belong to the machine under test, and a second thread makes one small screen slower.
# OpenMP reads this when tesseract is loaded.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import tesserocr

cv2.setNumThreads(1)

_ENLARGE = (2, 3)
_SMALL = 250_000
_LEAST_CONFIDENCE = 30.0
_WINDOW = 21
_NEIGHBOURHOOD = np.ones((15, 15), np.uint8)
_FAINTEST = 28.0
_WORD_GAP = 1.6
_LEAST_PIECE = 3
_MARKS = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was read: its text, its box in pixels, and 0 to 100 for how sure tesseract is."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words beside each other, left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with a space between."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The box around all words."""
        return reduce(Box.around, (word.box for word in self.words))

    def moved(self, *, right: int, down: int) -> Line:
        """The same line elsewhere."""
        return Line(tuple(replace(word, box=word.box.moved(right=right, down=down)) for word in self.words))


class Tesseract:
    """Reads text on screens: dark on light, light on dark, white on a coloured button.

    Tesseract was made for scanned paper at 300 dpi: it wants large black letters on one white ground,
    and on a screen it misses white letters on a blue button and a single light line on a dark ground.
    So each pixel is replaced by how far it stands out from its surroundings, which makes every ground
    white and every letter dark, and the result is enlarged. Page segmentation 11 finds sparse
    text in no order; lines are put together here.

    Args:
        language: a tesseract language; Debian's `tesseract-ocr-eng` brings "eng".
    """

    def __init__(self, language: str = "eng") -> None:
        try:
            self._api = tesserocr.PyTessBaseAPI(
                path=_language_data(), lang=language, psm=tesserocr.PSM.SPARSE_TEXT
            )
        except RuntimeError as error:
            raise HostError(
                f"tesseract cannot read {language!r}: {error}",
                expected="tesseract's language data",
                hint="install the package tesseract-ocr-eng",
            ) from error

    def close(self) -> None:
        """Give tesseract's memory back."""
        self._api.End()

    def read(self, picture: Picture) -> list[Line]:
        """The lines of text in `picture`, top to bottom, with boxes in its pixels."""
        grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
        # The median of a window wider than two strokes is the ground that a letter stands on.
        ground = cv2.medianBlur(grey, _WINDOW)
        standing_out = cv2.absdiff(grey, ground).astype(np.float32)
        # As dark as the darkest nearby: the grey hint in an empty field reads like the title above it.
        # What stands out by less than the faintest text does is noise and stays as faint as it is.
        strongest = cv2.blur(cv2.dilate(standing_out, _NEIGHBOURHOOD), _NEIGHBOURHOOD.shape)
        strength = standing_out / np.maximum(strongest, _FAINTEST)
        black_on_white = (255 - np.clip(strength * 255, 0, 255)).astype(np.uint8)
        # Where a border or a cursor touches a letter, the picture as it is keeps them better apart, and
        # so does a larger one, for which only small pictures are worth the time.
        words: list[Word] = []
        for scale in _ENLARGE if grey.size <= _SMALL else _ENLARGE[:1]:
            for look in (black_on_white, grey):
                large = cv2.resize(look, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
                words = surest(words, list(self._words(large, scale)))
        return lines_of(words)

    def _words(self, grey: np.ndarray, scale: int) -> Iterator[Word]:
        height, width = grey.shape
        self._api.SetImageBytes(np.ascontiguousarray(grey).tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(96 * scale)
        for row in self._api.GetTSVText(0).splitlines():
            # https://tesseract-ocr.github.io/tessdoc/Command-Line-Usage.html: level, page, block,
            # paragraph, line, word, left, top, width, height, confidence, text; level 5 is a word.
            level, *_, left, top, across, down, confidence, text = row.split("\t")
            if level == "5" and text.strip() and float(confidence) >= _LEAST_CONFIDENCE:
                box = Box(*(int(number) // scale for number in (top, left, across, down)))
                yield Word(text.strip(), box, float(confidence))


def _language_data() -> str:
    """Where Debian keeps tesseract's language data; tesserocr's wheels look in the working directory."""
    folders = sorted(Path("/usr/share/tesseract-ocr").glob("*/tessdata"))
    return os.environ.get("TESSDATA_PREFIX") or str(folders[-1] if folders else "")


def surest(words: list[Word], others: list[Word]) -> list[Word]:
    """Two readings of a picture as one: of words in the same place the one that tesseract is surer of.

    Of a word and a piece of it, however sure, the whole one: `example` is no rival of `alice@post.example`.
    """
    kept = list(words)
    for other in others:
        rivals = [word for word in kept if word.box.overlaps(other.box)]
        if any(_is_piece(other, word) for word in rivals):
            continue
        if all(word.confidence < other.confidence or _is_piece(word, other) for word in rivals):
            kept = [*(word for word in kept if word not in rivals), other]
    return kept


def _is_piece(word: Word, whole: Word) -> bool:
    """Whether a word was read as a piece of another one: at least a few letters of it, and no wider."""
    letters = _MARKS.sub("", word.text)
    return (
        len(letters) >= _LEAST_PIECE
        and len(letters) < len(_MARKS.sub("", whole.text))
        and letters in whole.text
        and word.box.width <= whole.box.width
    )


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Put words into lines: same height, and not further apart than a wide space."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box.left, word.box.top)):
        line = next((line for line in lines if _continues(line[-1].box, word.box)), None)
        if line is None:
            lines.append([word])
        else:
            line.append(word)
    return sorted((Line(tuple(line)) for line in lines), key=lambda line: line.box)


def _continues(box: Box, following: Box) -> bool:
    shared = min(box.bottom, following.bottom) - max(box.top, following.top)
    height = max(box.height, following.height)
    gap = following.left - box.right
    return shared > 0.5 * min(box.height, following.height) and -0.5 * height < gap < _WORD_GAP * height
