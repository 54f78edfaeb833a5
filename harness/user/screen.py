"""Eyes: look at the screen, and wait until something is there, is gone, or stands still."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from harness.deadline import Deadline
from harness.user.expectation import NotSeen, Patience
from harness.user.likeness import spans
from harness.user.matching import LIKENESS, Match, find_picture
from harness.user.picture import Picture
from harness.user.protocols import Display, Reader
from harness.user.reading import Line, lines_of, surest
from harness.user.region import WHOLE, Box, Region

_REMEMBERED = 16
_BAND = 256
"""Pixels: what is no higher is read well at once."""
_LOOK_CLOSELY_AFTER = 3.0
"""Seconds, of the host: reading is the host's work."""
_LETTER_PIXELS = 100
_CURSOR_PIXELS = 300
_WINDOW_SHARE = 0.03
_WINDOW_RESTS = 0.3
_VISIBLE_CHANGE = 12
_BETWEEN_READINGS = 1.0
_BETWEEN_COMPARISONS = 0.4
"""Seconds, of the host: to compare two pictures costs little, to read one a good deal more."""

Within = float | Deadline | None
_Seen = TypeVar("_Seen")


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text that was found: as it was read, where (in pixels of the whole screen), how like (1 is equal)."""

    text: str
    box: Box
    likeness: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read in a picture, when it was first seen, and whether it was looked at closely."""

    lines: list[Line]
    first: float
    closely: bool


class Screen:
    """What a person sees.

    Every wait takes `within`: seconds on a person's machine (stretched by the patience's scale), a
    Deadline handed down, or nothing for the patience's own. `region` keeps a look small: reading
    the whole screen costs some hundred milliseconds of a processor that the machine could use.

    Args:
        display: where pictures come from.
        reader: what reads text in them.
        patience: how long waits last.
    """

    def __init__(self, display: Display, reader: Reader, patience: Patience) -> None:
        self._display = display
        self._reader = reader
        self._patience = patience
        self._read: OrderedDict[bytes, _Reading] = OrderedDict()
        self.last: Picture | None = None

    def capture(self) -> Picture:
        """The screen as it is now; also kept as `last`."""
        self.last = self._display.capture()
        return self.last

    def read(self, region: Region = WHOLE) -> list[Line]:
        """The lines of text in `region`, with boxes in pixels of the whole screen."""
        return self._lines(self.capture(), region)

    def find_all_text(self, text: str, *, region: Region = WHOLE, exact: bool = False) -> list[FoundText]:
        """Every place where `text` stands now, top to bottom, then left to right."""
        return sorted(self._find(self.capture(), text, region, exact=exact), key=lambda found: found.box)

    def find_text(self, text: str, *, region: Region = WHOLE, exact: bool = False) -> FoundText | None:
        """Where `text` stands now; of several places the one that is most like it; None when nowhere."""
        return next(iter(self._find(self.capture(), text, region, exact=exact)), None)

    def wait_for_text(
        self, text: str, *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> FoundText:
        """Wait until `text` is there; of several places the one that is most like it.

        Raises:
            NotSeen: it did not appear.
        """
        return self.wait_for_any([text], region=region, exact=exact, within=within)

    def wait_for_any(
        self, texts: Sequence[str], *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> FoundText:
        """Wait until one of `texts` is there; when several are, the first in the order given.

        Raises:
            NotSeen: none appeared.
        """

        def look(picture: Picture) -> FoundText | None:
            return next(
                (found for text in texts for found in self._find(picture, text, region, exact=exact)), None
            )

        return self._wait(look, " or ".join(f"the text {text!r}" for text in texts), region, within)

    def wait_until_gone(
        self, text: str, *, region: Region = WHOLE, exact: bool = False, within: Within = None
    ) -> None:
        """Wait until `text` is nowhere, also when the screen is read closely.

        Raises:
            NotSeen: it is still there.
        """

        def look(picture: Picture) -> bool | None:
            if self._find(picture, text, region, exact=exact):
                return None
            return None if self._find(picture, text, region, exact=exact, closely=True) else True

        self._wait(look, f"the text {text!r} going away", region, within)

    def wait_for(
        self, reads: Callable[[str], bool], wanted: str, *, region: Region = WHOLE, within: Within = None
    ) -> None:
        """Wait until all the text of `region`, its lines joined by spaces, satisfies `reads`.

        Raises:
            NotSeen: it never did; `wanted` says in words what was looked for.
        """

        def look(picture: Picture) -> bool | None:
            return reads(" ".join(line.text for line in self._lines(picture, region))) or None

        self._wait(look, wanted, region, within)

    def wait_for_picture(
        self, wanted: Picture, *, region: Region = WHOLE, likeness: float = LIKENESS, within: Within = None
    ) -> Match:
        """Wait until `wanted` is there, at least that much alike (1 is equal).

        Raises:
            NotSeen: it did not appear; says how alike the best place was.
            HostError: `wanted` is nearly flat.
        """
        best = 0.0

        def look(picture: Picture) -> Match | None:
            nonlocal best
            match = self._match(picture, wanted, region, 0.0)
            best = match.likeness if match else 0.0
            return match if match and match.likeness >= likeness else None

        def description() -> str:
            return (
                f"a picture of {wanted.width}x{wanted.height} pixels, alike by {likeness:.2f} "
                f"(the best place: {best:.2f})"
            )

        return self._wait(look, description, region, within)

    def wait_until_still(
        self,
        *,
        seconds: float = 1.0,
        region: Region = WHOLE,
        changing: int = _CURSOR_PIXELS,
        within: Within = None,
    ) -> Picture:
        """Wait until nothing has moved for `seconds` (stretched by the scale).

        Args:
            seconds: how long it must stand still, compared with the beginning of that time, so that
                a slow fade counts as movement.
            region: where to look.
            changing: how many pixels may differ; the default lets a text cursor blink.
            within: how long to wait.

        Raises:
            NotSeen: it never stood still for so long.
        """
        still_since: float | None = None
        reference: Picture | None = None
        stretch = seconds * self._patience.scale

        def look(picture: Picture) -> Picture | None:
            nonlocal still_since, reference
            now = self._patience.clock()
            if reference is None or still_since is None or _changed(reference, picture, region) > changing:
                still_since, reference = now, picture
            return picture if now - still_since >= stretch else None

        wanted = f"a screen that stands still for {stretch:.1f} s"
        return self._wait(look, wanted, region, within, longest=_BETWEEN_COMPARISONS)

    @staticmethod
    def stands_still(before: Picture, after: Picture) -> bool:
        """Whether two looks at the screen differ by no more than a blinking text cursor."""
        return _changed(before, after, WHOLE) <= _CURSOR_PIXELS

    def wait_until_changed(
        self, since: Picture, *, region: Region = WHOLE, changing: int = _LETTER_PIXELS, within: Within = None
    ) -> Picture:
        """Wait until `region` looks different from `since` in more than `changing` pixels.

        Raises:
            NotSeen: it stayed as it was.
        """

        def look(picture: Picture) -> Picture | None:
            return picture if _changed(since, picture, region) > changing else None

        return self._wait(look, "a change on the screen", region, within, longest=_BETWEEN_COMPARISONS)

    def wait_until_like(
        self,
        before: Picture,
        *,
        region: Region = WHOLE,
        changing: int = _LETTER_PIXELS,
        within: Within = None,
    ) -> Picture:
        """Wait until `region` looks as it did in `before`, but for at most `changing` pixels.

        Raises:
            NotSeen: it stayed different.
        """

        def look(picture: Picture) -> Picture | None:
            return picture if _changed(before, picture, region) <= changing else None

        wanted = "a part of the screen looking as before"
        return self._wait(look, wanted, region, within, longest=_BETWEEN_COMPARISONS)

    def wait_until_settled_unlike(
        self, before: Picture, *, region: Region = WHOLE, within: Within = None
    ) -> Picture:
        """Wait until `region` stands still and a window's worth of it looks different from `before`.

        Raises:
            NotSeen: it went on moving, or stood still as it was.
        """
        deadline = self._patience.deadline(within)
        started = self._patience.clock()
        box = before.box(region)
        enough = int(box.width * box.height * _WINDOW_SHARE)
        for _ in self._patience.looks(deadline, longest=_BETWEEN_COMPARISONS):
            if _changed(before, self.capture(), region) < enough:
                continue
            # An overview that closes differs too, and comes to rest on the bare desktop.
            picture = self.wait_until_still(seconds=_WINDOW_RESTS, region=region, within=deadline)
            if _changed(before, picture, region) >= enough:
                return picture
        raise NotSeen(
            "a window",
            waited=self._patience.clock() - started,
            shown=[line.text for line in self.read(region)],
            picture=self.capture(),
        )

    def _wait(
        self,
        look: Callable[[Picture], _Seen | None],
        wanted: str | Callable[[], str],
        region: Region,
        within: Within,
        *,
        longest: float = _BETWEEN_READINGS,
    ) -> _Seen:
        deadline = self._patience.deadline(within)
        started = self._patience.clock()
        picture = None
        for _ in self._patience.looks(deadline, longest=longest):
            picture = self.capture()
            seen = look(picture)
            if seen is not None:
                return seen
        assert picture is not None, "a deadline gives at least one look"
        raise NotSeen(
            wanted if isinstance(wanted, str) else wanted(),
            waited=self._patience.clock() - started,
            shown=[line.text for line in self._lines(picture, region)],
            picture=picture,
        )

    def _lines(self, picture: Picture, region: Region, *, closely: bool = False) -> list[Line]:
        part, origin = picture.part(region), picture.box(region)
        digest, now = part.digest(), self._patience.clock()
        reading = self._read.get(digest)
        if reading is None:
            reading = _Reading(self._reader.read(part), now, closely=part.height <= _BAND)
        if not reading.closely and (closely or now - reading.first >= _LOOK_CLOSELY_AFTER):
            # What a still screen does not show for a while is looked for more closely, once: more
            # reading would take the processor from the machine that is waited for.
            reading = _Reading(self._in_bands(part, reading.lines), reading.first, closely=True)
        self._read[digest] = reading
        self._read.move_to_end(digest)
        if len(self._read) > _REMEMBERED:
            self._read.popitem(last=False)
        return [line.moved(right=origin.left, down=origin.top) for line in reading.lines]

    def _in_bands(self, picture: Picture, lines: list[Line]) -> list[Line]:
        """`lines`, and what is read in bands of the picture: of a full screen tesseract leaves words out."""
        words = [word for line in lines for word in line.words]
        for top in range(0, picture.height - _BAND // 2, _BAND // 2):
            band = Picture(picture.pixels[top : top + _BAND])
            read = (line.moved(right=0, down=top) for line in self._reader.read(band))
            words = surest(words, [word for line in read for word in line.words])
        return lines_of(words)

    def _find(
        self, picture: Picture, text: str, region: Region, *, exact: bool, closely: bool = False
    ) -> list[FoundText]:
        found = []
        for line in self._lines(picture, region, closely=closely):
            for start, stop, likeness in spans([word.text for word in line.words], text, exact=exact):
                part = Line(line.words[start:stop])
                found.append(FoundText(part.text, part.box, likeness))
        return sorted(found, key=lambda one: (-one.likeness, one.box))

    def _match(self, picture: Picture, wanted: Picture, region: Region, likeness: float) -> Match | None:
        match = find_picture(wanted, picture.part(region))
        if match is None or match.likeness < likeness:
            return None
        origin = picture.box(region)
        return Match(match.box.moved(right=origin.left, down=origin.top), match.likeness)


def _changed(before: Picture, after: Picture, region: Region) -> int:
    """How many pixels of `region` differ visibly; all of them when the size of the screen changed."""
    box = after.box(region)
    if before.pixels.shape != after.pixels.shape:
        return box.width * box.height
    differs = np.abs(before.pixels.astype(np.int16) - after.pixels).max(axis=2) > _VISIBLE_CHANGE
    return int(differs[box.top : box.bottom, box.left : box.right].sum())
