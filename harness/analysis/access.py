"""A rule taken apart into single accesses, the way the audit names them.

The kernel merges permissions of one shape into one line (`file read/write /x`) and adds conditions when
it learns; a record of the audit names one permission and no condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.errors import PolicyError
from harness.policy.rule import parse_rule


@dataclass(frozen=True, slots=True)
class Access:
    """One permission on its object, and the conditions that learning attached to the line.

    Attributes:
        entry: such as `file read /x`, the spelling of the audit's third line.
        conditions: such as `exec.realpath="/usr/bin/dash"`.
    """

    entry: str
    conditions: tuple[str, ...] = ()


def accesses(rule: str) -> Iterator[Access]:
    """The accesses of a rule, one for each permission; a line that is no rule is its own access."""
    try:
        parsed = parse_rule(rule)
    except PolicyError:
        yield Access(rule)
        return
    conditions = tuple(map(str, parsed.conditions))
    plain = replace(parsed, conditions=(), transition="", grant_log=None)
    for operation in parsed.operations:
        yield Access(str(plain.allowing((operation,))), conditions)
