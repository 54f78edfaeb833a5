"""Overlay names beside the file they belong to.

From Linux 6.12 on an access on an overlay is learned under the merged name and under the layer's own:
`squashfs:/usr/x` for the image, `tmpfs:/rw/usr/x` for what was written since. A policy needs both; a reader
wants to see one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LAYER = re.compile(r"^(?:squashfs:|tmpfs:/rw)(?=/)")


@dataclass(frozen=True, slots=True)
class FoldedRule:
    """A rule and its aliases, as positions in the list they came from."""

    position: int
    aliases: tuple[int, ...]


def merged_name(rule: str) -> str:
    """The rule with names of layers replaced by those of the merged tree."""
    return " ".join(_LAYER.sub("", word) for word in rule.split(" "))


def fold(rules: Sequence[str]) -> list[FoldedRule]:
    """Put rules that name a layer behind the rule of the merged tree about the same file.

    The permissions may differ: a file is opened for writing below where it is renamed above. An alias whose
    file has no rule of its own stands for itself.
    """
    merged = [merged_name(rule) for rule in rules]
    owners: dict[str, int] = {}
    for position, rule in enumerate(rules):
        if rule == merged[position]:
            owners.setdefault(_without_permissions(rule), position)
            owners[rule] = position
    aliases: dict[int, list[int]] = {}
    for position, rule in enumerate(rules):
        name = merged[position]
        owner = position
        if rule != name:
            owner = owners.get(name, owners.get(_without_permissions(name), position))
        own = aliases.setdefault(owner, [])
        if owner != position:
            own.append(position)
    return [FoldedRule(position, tuple(own)) for position, own in sorted(aliases.items())]


def _without_permissions(rule: str) -> str:
    kind, _, rest = rule.partition(" ")
    return f"{kind} {rest.partition(' ')[2]}"
