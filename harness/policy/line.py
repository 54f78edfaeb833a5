"""A line of policy text, as the kernel reads it: words between single spaces.

Defined by `tomoyo_normalize_line` and `tomoyo_correct_word2` in the kernel's `security/tomoyo/util.c`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.errors import PolicyError

_SEPARATORS = re.compile(r"[^\x21-\x7e]+")
_PRINTED = bytes(range(0x20, 0x7F)) + b"\n"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that a lenient reading set aside.

    Attributes:
        domain: the domain (or, outside domain policy, "") in which the line stood.
        text: the line, its words separated by single spaces.
        error: what is wrong with it, and where.
    """

    domain: str
    text: str
    error: PolicyError


def decode(data: bytes | str) -> str:
    """Policy bytes as text; `encode` gives the same bytes back, whatever they were."""
    return data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


def is_tidy(text: str) -> bool:
    """Whether every line is already spelled as the kernel prints it: printable words, single spaces."""
    return not (
        text.startswith(" ")
        or text.endswith(" ")
        or "  " in text
        or "\n " in text
        or " \n" in text
        or encode(text).translate(None, delete=_PRINTED)
    )


def normalise(line: str) -> str:
    r"""The line as the kernel sees it after `tomoyo_normalize_line`.

    Bytes up to 0x20 and from 0x7F on separate words, and a NUL ends the line.
    """
    return _SEPARATORS.sub(" ", line.partition("\0")[0]).strip(" ")


def read_lines(
    data: bytes | str, take: Callable[[str, int], None], *, source: str, lenient: bool
) -> tuple[BadLine, ...]:
    """Hands each line to `take` with its number, as the kernel sees it and without comments.

    Args:
        data: the text.
        take: reads one line; raises PolicyError for one that it cannot read.
        source: the file, for messages.
        lenient: go on after a bad line.

    Returns:
        The bad lines of a lenient reading.

    Raises:
        PolicyError: at the first bad line, unless lenient.
    """
    bad: list[BadLine] = []
    for number, raw in enumerate(decode(data).split("\n"), 1):
        line = normalise(raw)
        if not line or line.startswith("#"):
            continue
        try:
            take(line, number)
        except PolicyError as error:
            error.source, error.line, error.column = source, number, error.column or 1
            if not lenient:
                raise
            bad.append(BadLine("", line, error))
    return tuple(bad)
