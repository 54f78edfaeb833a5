"""Over-permission: which paths of the image a policy admits that nobody asked for while it was learned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.policy.alias import merged_name
from harness.policy.pattern import PatternSet
from harness.policy.rule import Rule
from harness.policy.word import has_wildcard


class Paths:
    """The paths of an image, each a bit of a number, so that thousands of rules are quickly added up.

    Args:
        paths: as `harness.image.liveiso.LiveIso.paths` gives them.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._numbers = {path: number for number, path in enumerate(sorted(paths))}
        self._admitted: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def prepare(self, patterns: Iterable[str]) -> None:
        """Look up what many patterns admit, in one walk over the image."""
        new = sorted({pattern for pattern in patterns if has_wildcard(pattern)} - self._admitted.keys())
        found: dict[str, bytearray] = {}
        size = len(self._numbers) // 8 + 1
        collection = PatternSet(new)
        for path, number in self._numbers.items():
            for pattern in collection.all(path):
                bits = found.setdefault(pattern, bytearray(size))
                bits[number >> 3] |= 1 << (number & 7)
        for pattern in new:
            self._admitted[pattern] = int.from_bytes(found.get(pattern, b""), "little")

    def admitted(self, name: str) -> int:
        """The image's paths that a name or a pattern admits, as bits."""
        if not has_wildcard(name):
            number = self._numbers.get(name)
            return 0 if number is None else 1 << number
        if name not in self._admitted:
            self.prepare([name])
        return self._admitted[name]


def names(rule: Rule, groups: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The names of files in a rule, without the overlay's layers; of a group its members."""
    if rule.shape.keyword != "file":
        return []
    found: list[str] = []
    for operand in rule.operands:
        if isinstance(operand, str):
            found.append(merged_name(operand))
        elif str(operand)[1:] in groups:
            found += groups[str(operand)[1:]]
    return found
