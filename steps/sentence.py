"""The words of a sentence, written as they are shown to whoever writes features."""

from __future__ import annotations

import re

from pytest_bdd.parsers import StepParser

_SIGN = re.compile(r"(\{[^}]*\}|[][()|])")
_MEANING = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|"}


class Sentence(StepParser):
    """A sentence with choices and with parts that may be left out.

    `{field}` is anything but quotation marks, `{field...}` may have them too, `{field:one|other}` is one of
    these; `(one|other)` is either, and `[…]` may be left out. A field that is not there is empty.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        # Words and signs in turn.
        parts = _SIGN.split(name)
        parts[::2] = map(re.escape, parts[::2])
        parts[1::2] = map(_expression, parts[1::2])
        self._pattern = re.compile("".join(parts))

    def is_matching(self, name: str) -> bool:
        """Whether `name` is this sentence."""
        return self._pattern.fullmatch(name) is not None

    def parse_arguments(self, name: str) -> dict[str, str] | None:
        """What stands in the fields; None if `name` is another sentence."""
        found = self._pattern.fullmatch(name)
        return found.groupdict(default="") if found else None


def _expression(sign: str) -> str:
    if sign in _MEANING:
        return _MEANING[sign]
    field, _, words = sign.strip("{}").partition(":")
    if words:
        taken = "|".join(map(re.escape, words.split("|")))
    else:
        # The less of it the better: what may follow is not to be taken for a part of it.
        taken = ".+?" if field.endswith("...") else '[^"]+'
    return f"(?P<{field.removesuffix('...')}>{taken})"
