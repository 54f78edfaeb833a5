"""Many patterns asked at once: which of thousands does a name match.

A pattern can match only names that begin with its constant part and end in its literal tail. Both are
found with `_Prefixes` (for the tail, name and tail are read backwards), and only what is left is tried.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

from harness.policy.pattern.match import Pattern, compile_pattern
from harness.policy.pattern.word import Word

_Value = TypeVar("_Value")


class _Prefixes(Generic[_Value]):
    """Which of many strings does a text begin with.

    The strings are kept sorted. Those that a text begins with all lie on one chain: it starts at the
    greatest that is not greater than the text, and goes on to the longest other string that this one
    begins with.
    """

    __slots__ = ("_keys", "_links")

    def __init__(self, values: dict[str, _Value]) -> None:
        self._keys = sorted(values)
        self._links: list[tuple[str, _Value, int]] = []
        chain: list[int] = []
        for index, key in enumerate(self._keys):
            while chain and not key.startswith(self._keys[chain[-1]]):
                chain.pop()
            self._links.append((key, values[key], chain[-1] if chain else -1))
            chain.append(index)

    def of(self, text: str) -> list[_Value]:
        """The values of all strings that `text` begins with, the longest first."""
        found = []
        at = bisect_right(self._keys, text) - 1
        while at >= 0:
            key, value, at = self._links[at]
            if text.startswith(key):
                found.append(value)
        return found


_Tails = _Prefixes[list[tuple[int, Pattern]]]


class PatternSet:
    """An ordered collection of patterns; the order is that of a policy, where the first match counts.

    Raises:
        PolicyError: the kernel would refuse one of the words.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._texts: list[str] = []
        self._exact: dict[str, list[int]] = {}
        constants: dict[str, dict[str, list[tuple[int, Pattern]]]] = {}
        for index, text in enumerate(patterns):
            pattern = compile_pattern(text)
            self._texts.append(text)
            if pattern.word.is_patterned:
                tails = constants.setdefault(pattern.word.constant, {})
                tails.setdefault(_tail(pattern.word)[::-1], []).append((index, pattern))
            else:
                self._exact.setdefault(text, []).append(index)
        self._constants: _Prefixes[_Tails] = _Prefixes(
            {constant: _Prefixes(tails) for constant, tails in constants.items()}
        )

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, name: str) -> bool:
        """Whether any pattern matches."""
        return name in self._exact or any(pattern.matches(name) for _, pattern in self._candidates(name))

    def first(self, name: str) -> str | None:
        """The first pattern, in the set's order, that matches; None when none does."""
        index = min(self._matching(name), default=None)
        return None if index is None else self._texts[index]

    def all(self, name: str) -> list[str]:
        """All patterns that match, in the set's order."""
        return [self._texts[index] for index in sorted(self._matching(name))]

    def _matching(self, name: str) -> list[int]:
        wild = [index for index, pattern in self._candidates(name) if pattern.matches(name)]
        return wild + self._exact.get(name, [])

    def _candidates(self, name: str) -> list[tuple[int, Pattern]]:
        backwards = name[::-1]
        return [
            entry
            for tails in self._constants.of(name)
            for entries in tails.of(backwards)
            for entry in entries
        ]


def admitted(patterns: Iterable[str], names: Iterable[str]) -> dict[str, list[str]]:
    """What patterns would admit out of a list of names, say the paths of an image.

    Returns:
        For each pattern, in order, the names that it matches, in order; [] for one that matches none.
    """
    texts = list(dict.fromkeys(patterns))
    found: dict[str, list[str]] = {text: [] for text in texts}
    collection = PatternSet(texts)
    for name in names:
        for text in collection.all(name):
            found[text].append(name)
    return found


def _tail(word: Word) -> str:
    """The literal text that every name which matches ends in; "" where the end is open."""
    text = word.text
    at = tail = len(word.constant)
    subtracts = False
    while at < len(text):
        if text[at] == "/" and subtracts:
            tail, subtracts = at, False
        if text[at] != "\\":
            at += 1
        elif text[at + 1] in "0123":
            at += 4
        else:
            subtracts |= text[at + 1] == "-"
            at += 2
            if text[at - 1] != "\\":
                tail = at
    return "" if subtracts else text[tail:]
