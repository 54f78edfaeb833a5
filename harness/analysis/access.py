"""A policy line taken apart into single accesses, the way the audit names them.

The kernel merges permissions of one shape into one line (`file read/write /x`) and adds conditions when
it learns; a record of the audit names one permission and no condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Where the permissions stand: `file PERMS …`, `network inet stream PERMS …`.
_PERMISSIONS_AT = {"file": 1, "network": 3}
_CONDITION = re.compile(r"(?:task|exec|symlink|path[12](?:\.parent)?)\.\S+?=|grant_log=")


@dataclass(frozen=True, slots=True)
class Access:
    """One permission on its object, and the conditions that learning attached to the line.

    Attributes:
        entry: such as `file read /x`, the spelling of the audit's third line.
        conditions: name → value, such as `exec.realpath` → `"/usr/bin/dash"`.
    """

    entry: str
    conditions: tuple[tuple[str, str], ...] = ()


def accesses(rule: str) -> Iterator[Access]:
    """The accesses of a rule, one for each permission in it."""
    words = rule.split(" ")
    end = next((i for i, word in enumerate(words) if i > 1 and _CONDITION.match(word)), len(words))
    conditions = tuple(
        (name, value) for name, equals, value in (word.partition("=") for word in words[end:]) if equals
    )
    at = _PERMISSIONS_AT.get(words[0])
    if at is None or at >= end:
        yield Access(" ".join(words[:end]), conditions)
        return
    for permission in words[at].split("/"):
        yield Access(" ".join((*words[:at], permission, *words[at + 1 : end])), conditions)
