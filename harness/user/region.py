"""Where on the screen: boxes in pixels, regions as fractions, and those of GNOME."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle in pixels; ordered as one reads, top to bottom, then left to right."""

    top: int
    left: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column to the right of the box."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below the box."""
        return self.top + self.height

    @property
    def centre(self) -> tuple[int, int]:
        """The point (x, y) in the middle: where one clicks."""
        return self.left + self.width // 2, self.top + self.height // 2

    def moved(self, *, right: int, down: int) -> Box:
        """The same box elsewhere."""
        return Box(self.top + down, self.left + right, self.width, self.height)

    def around(self, other: Box) -> Box:
        """The smallest box that holds this one and `other`."""
        top, left = min(self.top, other.top), min(self.left, other.left)
        right, bottom = max(self.right, other.right), max(self.bottom, other.bottom)
        return Box(top, left, right - left, bottom - top)

    def overlaps(self, other: Box) -> bool:
        """Whether the two share a pixel."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the screen in fractions of its size, so that it holds at every resolution."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(
                f"{self} is no part of a screen: fractions from 0 to 1, left < right, top < bottom"
            )

    @classmethod
    def about(cls, point: tuple[int, int], reach: int, width: int, height: int) -> Region:
        """What lies no further than `reach` pixels from `point`, on a screen of `width` x `height` pixels."""
        x, y = point
        return cls(
            max(0, x - reach) / width,
            max(0, y - reach) / height,
            min(width, x + reach + 1) / width,
            min(height, y + reach + 1) / height,
        )

    def within(self, width: int, height: int) -> Box:
        """This region of a screen of `width` x `height` pixels; at least one pixel in size."""
        left, top = round(self.left * width), round(self.top * height)
        right, bottom = round(self.right * width), round(self.bottom * height)
        return Box(top, left, max(1, right - left), max(1, bottom - top))


WHOLE = Region(0, 0, 1, 1)

# GNOME's panel is 32 pixels high at any resolution: 4.2 % of 768 rows, 3 % of 1080.
CLOCK = Region(0.38, 0, 0.62, 0.045)
# GNOME marks here that the overview is open; the clock is elsewhere.
START_OF_TOP_BAR = Region(0, 0, 0.3, 0.04)
# Below the panel, and above the list of windows that some desktops have.
WORK_AREA = Region(0, 0.045, 1, 0.945)
LEFT_HALF = Region(0, 0, 0.5, 1)
# The overview's search entry sits under the panel, its results below it.
OVERVIEW_SEARCH = Region(0.25, 0.03, 0.75, 0.16)
OVERVIEW_RESULTS = Region(0, 0.12, 1, 0.9)
