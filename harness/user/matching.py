"""Finding a reference picture in a capture of the screen, by OpenCV."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from harness.errors import HostError
from harness.user.picture import Picture
from harness.user.region import Box

LIKENESS = 0.92
_LEAST_VARIANCE = 60.0


@dataclass(frozen=True, slots=True)
class Match:
    """Where a picture was found, and how alike the two are: 1 is equal, 0 unrelated."""

    box: Box
    likeness: float


def find_picture(wanted: Picture, screen: Picture) -> Match | None:
    """The place in `screen` that looks most like `wanted`; None where it does not fit in at all.

    The measure is OpenCV's TM_CCOEFF_NORMED, which ignores brightness and contrast.

    Raises:
        HostError: `wanted` is nearly flat. A flat picture is alike to every flat place, so finding
            it would say nothing.
    """
    template = cv2.cvtColor(wanted.pixels, cv2.COLOR_RGB2GRAY)
    variance = float(template.var())
    if variance < _LEAST_VARIANCE:
        raise HostError(
            f"the reference picture of {wanted.width}x{wanted.height} pixels is nearly flat "
            f"(variance {variance:.1f})",
            expected=f"a variance of at least {_LEAST_VARIANCE:.0f}: letters, edges, a symbol",
            hint="take the reference again with more of its surroundings",
        )
    if wanted.width > screen.width or wanted.height > screen.height:
        return None
    grey = cv2.cvtColor(screen.pixels, cv2.COLOR_RGB2GRAY)
    likeness = cv2.matchTemplate(grey, template, cv2.TM_CCOEFF_NORMED)
    # A flat place has no correlation: OpenCV divides by zero there and answers 1 or infinity.
    likeness[~np.isfinite(likeness) | (likeness > 1.001)] = 0
    flat = _variance(grey, wanted.width, wanted.height) < _LEAST_VARIANCE / 4
    likeness[flat] = 0
    _, best, _, (left, top) = cv2.minMaxLoc(likeness)
    return Match(Box(top, left, wanted.width, wanted.height), float(best))


def has_moved(box: Box, before: Picture, now: Picture) -> bool:
    """Whether what `before` shows in `box` stands elsewhere `now`, where it did not stand before.

    What is covered, lit or gone has not moved. Of what is nearly flat nobody can tell.
    """
    what = before.crop(box)
    try:
        match = find_picture(what, now)
        if match is None or match.likeness < LIKENESS or match.box == box:
            return False
        twin = find_picture(what, before.crop(match.box))
    except HostError:
        return False
    return twin is None or twin.likeness < LIKENESS


def _variance(grey: np.ndarray, width: int, height: int) -> np.ndarray:
    """The variance of each window of that size, as an array of the shape that matchTemplate gives."""
    total, squares = cv2.integral2(grey, sdepth=cv2.CV_64F, sqdepth=cv2.CV_64F)

    def mean(table: np.ndarray) -> np.ndarray:
        sums = table[height:, width:] - table[:-height, width:] - table[height:, :-width]
        return np.asarray((sums + table[:-height, :-width]) / (width * height))

    return np.asarray(mean(squares) - mean(total) ** 2)
