"""Deadlines: one object that says how long a whole undertaking may still take.

Nested timeouts add up to nobody knows what. A deadline is made once, at the top, and handed down;
each wait below asks it how much is left. Under a slow accelerator every deadline is stretched by
the same factor, so that a scenario states what is reasonable on a person's machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_POLL_FIRST = 0.05
_POLL_MAX = 1.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock.

    Attributes:
        seconds: how long was allowed in all, after scaling.
        ends: the moment in `clock`'s time.
        clock: where the time comes from; a test hands in its own.
    """

    seconds: float
    ends: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    @classmethod
    def after(
        cls, seconds: float, *, scale: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> Deadline:
        """The deadline `seconds * scale` from now."""
        return cls(seconds * scale, clock() + seconds * scale, clock)

    @property
    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.ends - self.clock())

    @property
    def expired(self) -> bool:
        """Whether the moment has passed."""
        return self.clock() >= self.ends

    def at_most(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less: the timeout for one blocking call."""
        return min(seconds, self.remaining)

    def attempts(
        self,
        *,
        first: float = _POLL_FIRST,
        longest: float = _POLL_MAX,
        pause: Callable[[float], None] = time.sleep,
    ) -> Iterator[bool]:
        """Poll until the deadline: yields whether this look is the last, pausing longer each time.

        The pause between two looks at a state is the only place where the harness sleeps. The last
        look happens at or after the end, so a state that came just in time is seen, and the caller
        knows to describe what it sees instead of trying again.
        """
        wait = first
        while not self.expired:
            yield False
            pause(self.at_most(wait))
            wait = min(wait * 1.5, longest)
        yield True
