"""Whether a text that was read is the text that was meant.

Text recognition confuses letters that look alike, drops a dot and joins or splits words. The
comparison forgives that and nothing more: both sides are folded (case, look-alikes, punctuation at
the ends of words), and after that a share of characters may differ. A short word must match whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

SIMILARITY = 0.85

_LOOK_ALIKE = str.maketrans(
    {
        **dict.fromkeys("0°", "o"),
        **dict.fromkeys("1i|!í", "l"),
        "5": "s",
        "q": "g",
        "8": "b",
        # Typographic quotes, dashes, minus sign and ellipsis, by code point.
        **dict.fromkeys("\u2018\u2019\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u2013\u2014\u2212_", "-"),
        "\u2026": ".",
    }
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_CURSOR = "l"
"""What a text cursor reads as, folded."""
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")


def fold(text: str) -> str:
    """`text` without what recognition cannot tell apart: case, spaces, look-alikes, dots that repeat."""
    folded = "".join(text.casefold().split()).translate(_LOOK_ALIKE)
    for pair, one in _PAIRS:
        folded = folded.replace(pair, one)
    return re.sub(r"\.+", ".", folded)


def fold_words(words: Sequence[str]) -> str:
    """The folded text of words in a row, each without the marks that stick to its ends."""
    return "".join(fold(_EDGES.sub("", word) or word) for word in words)


def similarity(one: str, other: str) -> float:
    """1 for equal texts, 0 for texts with nothing in common: 1 - edits / longer length (Levenshtein)."""
    longer = max(len(one), len(other))
    return 1.0 if longer == 0 else 1 - _edits(one, other) / longer


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


class Span(NamedTuple):
    """Words `start` up to `stop` of a line, and how like they are to what was looked for (1 is equal)."""

    start: int
    stop: int
    likeness: float


def spans(words: Sequence[str], wanted: str, *, exact: bool, least: float = SIMILARITY) -> list[Span]:
    """Where in a line of `words` the text `wanted` stands, best first, no two overlapping.

    Args:
        words: the words of one line, left to right.
        wanted: one or more words.
        exact: take whole words as they are, with their case; nothing is forgiven.
        least: the similarity, from 0 to 1, that the folded texts must reach. 0.85 forgives one
            character in seven, so none in a word of six or fewer.

    Raises:
        ValueError: `wanted` is empty.
    """
    target = "".join(wanted.split()) if exact else fold_words(wanted.split())
    count = len(wanted.split())
    if not target:
        raise ValueError("an empty text is everywhere: say which text to look for")
    # Recognition splits words ("Text Ed itor") and joins them ("TextEditor").
    sizes = [count] if exact else range(max(1, count - 2), count + 3)
    ranked: list[tuple[float, int, Span]] = []
    for size in sizes:
        for start in range(len(words) - size + 1):
            likeness = _likeness(words[start : start + size], target, exact=exact, least=least)
            if likeness >= least:
                ranked.append((-likeness, abs(size - count), Span(start, start + size, likeness)))
    chosen: list[Span] = []
    for _, _, span in sorted(ranked):
        if all(span.stop <= other.start or other.stop <= span.start for other in chosen):
            chosen.append(span)
    return chosen


def _likeness(words: Sequence[str], target: str, *, exact: bool, least: float) -> float:
    if exact:
        return float("".join(words) == target or "".join(_EDGES.sub("", word) for word in words) == target)
    there = fold_words(words)
    # The difference in length alone bounds the similarity; most windows end here.
    if min(len(there), len(target)) < least * max(len(there), len(target)):
        return 0.0
    return similarity(there, target)


def reads_as(read: str, typed: str, *, most_misread: float = 0.1) -> bool:
    """Whether `typed` stands in `read` from the beginning of a word on, no character lost or doubled.

    A lost key makes the text shorter, while recognition replaces one character by another: so the
    length must be right, and up to `most_misread` of the characters may be misread. What follows
    is free, because recognition takes the text cursor for a letter; but a word does not end with its last
    letter twice, as it does when a busy desktop repeats a key that was let go. Nor is a sign that stands
    alone the misread beginning of a word: a shell's `$` would make up for the first key, which is lost most.
    """
    words, wanted, first = read.split(), fold(typed), fold(next(iter(typed.split()), ""))
    allowed = int(len(wanted) * most_misread)
    return any(
        _begins_with(words[start:], wanted, allowed=allowed)
        for start, word in enumerate(words)
        if len(fold(word)) > 1 or len(first) <= 1 or first.startswith(fold(word))
    )


def _begins_with(words: Sequence[str], wanted: str, *, allowed: int) -> bool:
    there = fold("".join(words))
    if len(there) < len(wanted) or sum(a != b for a, b in zip(there, wanted, strict=False)) > allowed:
        return False
    return (
        wanted[-1:] in ("", _CURSOR) or there[len(wanted) :][:1] != wanted[-1] or _ends_there(words, wanted)
    )


def _ends_there(words: Sequence[str], wanted: str) -> bool:
    """Whether one of `words` ends where `wanted` does, so that what follows is another word."""
    return any(len(fold("".join(words[:stop]))) == len(wanted) for stop in range(1, len(words) + 1))
