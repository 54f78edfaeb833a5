"""Screens small enough to lie inside a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

# Width in pixels and JPEG quality, best first: the more screens, the smaller each, and the page stays light.
_SIZES = ((1024, 60), (800, 55), (640, 50), (480, 45), (320, 40))
_PREVIEW = (200, 55)
_SAMPLE = 6


@dataclass(frozen=True, slots=True)
class Album:
    """Encodes the screens of one page.

    Attributes:
        width: in pixels; narrower screens keep their own.
        quality: of the JPEG.
    """

    width: int
    quality: int

    @classmethod
    def for_screens(cls, screens: Sequence[Path], budget: int) -> Album:
        """The best size at which all `screens` together should take at most `budget` bytes."""
        sample = screens[:: max(1, len(screens) // _SAMPLE)][:_SAMPLE]
        for width, quality in _SIZES:
            sizes = [len(cls(width, quality).embed(screen)) for screen in sample]
            if sum(sizes) / max(1, len(sizes)) * len(screens) <= budget:
                break
        return cls(width, quality)

    def embed(self, screen: Path) -> str:
        """A screen as a `data:` address; empty when the picture cannot be read."""
        return _encoded(screen, self.width, self.quality)


def preview(screen: Path) -> str:
    """A screen as a small `data:` address; empty when the picture cannot be read."""
    return _encoded(screen, *_PREVIEW)


def _encoded(screen: Path, width: int, quality: int) -> str:
    try:
        with Image.open(screen) as picture:
            picture.draft("RGB", (width, width))
            small = picture.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        return ""
    if small.width > width:
        height = max(1, round(small.height * width / small.width))
        small = small.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
