"""What is being done now, from those who do it to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Takes one line about what is being done now."""


def silent(_line: str) -> None:
    """The progress of somebody who does not want to know."""
