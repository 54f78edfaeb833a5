"""What a person expected and did not find: the assertion that a scenario fails with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.deadline import Deadline
from harness.user.picture import Picture

_SHOWN_LINES = 15


class NotSeen(AssertionError):  # noqa: N818 - the project's word for it, read aloud in steps
    """Something that a person waited for did not appear (or did not go away).

    Attributes:
        wanted: what was looked for, in words.
        waited: for how many seconds.
        shown: the lines of text that were there instead, top to bottom.
        picture: the last capture of the screen; None where a text console was looked at.
    """

    def __init__(
        self, wanted: str, *, waited: float, shown: Sequence[str], picture: Picture | None = None
    ) -> None:
        self.wanted = wanted
        self.waited = waited
        self.shown = tuple(shown)
        self.picture = picture
        super().__init__(self._describe())

    def _describe(self) -> str:
        place, which = ("the screen", "first") if self.picture else ("the console", "last")
        there = self.shown[:_SHOWN_LINES] if which == "first" else self.shown[-_SHOWN_LINES:]
        part = (
            f" (the {which} {len(there)} of {len(self.shown)} lines)" if len(there) < len(self.shown) else ""
        )
        return "\n".join(
            [
                f"not seen after {self.waited:.0f} s: {self.wanted}",
                f"on {place} there was{part}:" if there else f"on {place} there was no text",
                *(f"  {line}" for line in there),
            ]
        )

    @property
    def png(self) -> bytes | None:
        """The last capture as a PNG file, for the record."""
        return self.picture.png() if self.picture else None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a person waits, on a machine that may be slower than a person's own.

    Attributes:
        seconds: how long to wait where nothing else is said.
        scale: what every waiting time is multiplied by; above 1 under a slow accelerator.
        clock: where the time comes from; a test hands in its own.
        pause: what waits between two looks; a test hands in its own.
    """

    seconds: float = 30.0
    scale: float = 1.0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def deadline(self, within: float | Deadline | None = None) -> Deadline:
        """The deadline for one wait: the one handed down, or `within` seconds (scaled) from now."""
        if isinstance(within, Deadline):
            return within
        return Deadline.after(self.seconds if within is None else within, scale=self.scale, clock=self.clock)

    def looks(self, deadline: Deadline, *, first: float = 0.05, longest: float = 1.0) -> Iterator[bool]:
        """Looks until the deadline, as `Deadline.attempts` gives them."""
        return deadline.attempts(first=first, longest=longest, pause=self.pause)

    def rest(self, seconds: float) -> None:
        """Let `seconds` of real time go by: the rhythm of typing, never a wait for a state."""
        moment = Deadline.after(seconds, clock=self.clock)
        for _ in moment.attempts(first=seconds, pause=self.pause):
            pass
