"""Overlay names: one file under several names, as live systems have it.

A live system's root is an overlay of a read-only image and a writable layer. On Linux 6.12, TOMOYO sees an
access under the merged name (`/usr/bin/cat`) and under the layer's own (`squashfs:/usr/bin/cat`), and an
enforcing policy needs a rule for each. The kernel's text stays as it is; this module tells which rules belong
together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.policy.rule import split_operations

# What stands in front of a path in a layer. live-boot keeps the writable layer's files in rw/ of a tmpfs.
_LAYERS = ("squashfs:", "tmpfs:/rw")
_ALIAS = re.compile(rf'(?<=[ "])(?:{"|".join(_LAYERS)})(?=/)')


@dataclass(frozen=True, slots=True)
class Alike:
    """Rules about one object, whichever name they give it.

    Attributes:
        line: the rule with the merged name and the permissions of all.
        lines: the rules themselves, exact, in their order.
    """

    line: str
    lines: tuple[str, ...]


def merged_name(name: str) -> str:
    """The name in the merged tree: `squashfs:/a` and `tmpfs:/rw/a` are `/a`; any other name is its own."""
    for layer in _LAYERS:
        if name.startswith(f"{layer}/"):
            return name.removeprefix(layer)
    return name


def merged_line(line: str) -> str:
    """A rule or a domain's name with merged names in place of the layers' ones."""
    return _ALIAS.sub("", line) if ":/" in line else line


def fold(lines: Iterable[str]) -> list[Alike]:
    """Groups rules that differ in the object's layer alone, in order of first appearance."""
    groups: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        before, _, after = split_operations(merged_line(line))
        groups.setdefault((before, after), []).append(line)
    return [
        Alike(f"{before}{'/'.join(_operations(group))}{after}", tuple(group))
        for (before, after), group in groups.items()
    ]


def _operations(lines: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for line in lines for word in split_operations(line)[1]))
