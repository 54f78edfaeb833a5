"""Rules that many domains have in common, as acl_groups: fewer lines, and nobody gets a right more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from harness.policy.domain_policy import MAX_GROUPS

_LEAST_SAVING = 20
"""Lines that a group has to save: a reader has to look it up."""
_CANDIDATES = 250
"""How many sets of domains are tried for each group; the most promising first."""


@dataclass(frozen=True, slots=True)
class SharedRules:
    """Rules that all of some domains have.

    Attributes:
        number: of the acl_group.
        domains: who uses it, in order.
        rules: what it holds, in order of text.
    """

    number: int
    domains: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def saved(self) -> int:
        """How many lines the policy has less."""
        return (len(self.domains) - 1) * len(self.rules) - len(self.domains)


def find_shared(rules: Mapping[str, frozenset[str]], taken: frozenset[int]) -> list[SharedRules]:
    """Groups of rules, the one that saves most lines first.

    A group holds only rules that each of its domains has, and a rule of a domain goes into one group.

    Args:
        rules: domain → its rules.
        taken: numbers of acl_groups that are in use.
    """
    domains = sorted(rules)
    owners: dict[str, int] = {}
    for index, domain in enumerate(domains):
        for rule in rules[domain]:
            owners[rule] = owners.get(rule, 0) | 1 << index
    numbers = (number for number in range(1, MAX_GROUPS) if number not in taken)
    found = []
    for number in numbers:
        best = _best(Counter(owners.values()))
        if best is None:
            break
        held = sorted(rule for rule, owned in owners.items() if best & ~owned == 0)
        for rule in held:
            owners[rule] &= ~best
        users = tuple(domain for index, domain in enumerate(domains) if best >> index & 1)
        found.append(SharedRules(number, users, tuple(held)))
    return found


def _best(counts: Counter[int]) -> int | None:
    """The set of domains whose common rules save most lines; None when none saves enough."""
    shared = [(owned, count) for owned, count in counts.items() if owned.bit_count() > 1]
    promising = sorted(shared, key=lambda pair: (-pair[0].bit_count() * pair[1], pair[0]))[:_CANDIDATES]
    best, most = None, _LEAST_SAVING - 1
    for candidate, _ in promising:
        size = candidate.bit_count()
        held = sum(count for owned, count in shared if candidate & ~owned == 0)
        saved = (size - 1) * held - size
        if saved > most:
            best, most = candidate, saved
    return best
