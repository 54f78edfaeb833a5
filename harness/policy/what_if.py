"""What would change if transitions were controlled otherwise: which domains merge, and who gains what.

The kernel gives a domain its name while a chain of programs is executed, so the policy that it learned says
where its domains would have come to be under other exceptions: the chain in each name is walked again. What
a name does not tell is not seen: programs that stayed in their caller's domain, and what an
`initialize_domain` cut off. Transition preferences of single rules are left out too.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.policy.covering import Groups, RuleIndex
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.exception_policy import (
    Aggregator,
    Entry,
    ExceptionPolicy,
    TransitionControl,
    kernel_order,
)
from harness.policy.rule import Rule
from harness.policy.sets import joined, union
from harness.policy.transitions import aggregated, control, destination, namespace_of
from harness.policy.word import has_wildcard


@dataclass(frozen=True, slots=True)
class Gain:
    """What a process may do more, once its domain is merged with others.

    Attributes:
        domain: where the process is today.
        becomes: where it would be.
        rules: what it could not do, one permission a rule.
    """

    domain: str
    becomes: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A policy before and after a change of the exceptions.

    Attributes:
        before: the policy as it is.
        after: the same rules in the domains that they would be in.
        moved: for each domain that changes its name, the new one.
        gains: for each domain that is merged with others, what it gains; empty gains are left out.
        unmet: programs and domains that a line to try names and no domain's name has in it.
    """

    before: DomainPolicy
    after: DomainPolicy
    moved: dict[str, str]
    gains: tuple[Gain, ...]
    unmet: tuple[str, ...] = ()

    @property
    def merged(self) -> dict[str, tuple[str, ...]]:
        """For each domain that comes from more than one, where it comes from."""
        sources: dict[str, list[str]] = {}
        for name in self.before:
            sources.setdefault(self.moved.get(name, name), []).append(name)
        return {name: tuple(parts) for name, parts in sources.items() if len(parts) > 1}


def what_if(policy: DomainPolicy, exceptions: ExceptionPolicy, added: Iterable[Entry]) -> WhatIf:
    """The policy as it would be, had `added` been among the exceptions while it was learned.

    Args:
        policy: what was learned.
        exceptions: what was in force then.
        added: transition controls, aggregators and other entries to try.

    Raises:
        PolicyError: a rule in a domain that is merged does not read.
    """
    tried = tuple(added)
    changed = replace(exceptions, entries=kernel_order([*exceptions.entries, *tried]))
    moved = {}
    for name in policy:
        today, then = _walk(exceptions, name), _walk(changed, name)
        if then not in (today, name):
            moved[name] = then
    return replace(relocated(policy, changed, moved), unmet=tuple(_unmet(policy, changed, tried)))


def relocated(policy: DomainPolicy, exceptions: ExceptionPolicy, moved: Mapping[str, str]) -> WhatIf:
    """The policy with other names for some of its domains.

    Args:
        policy: what was learned.
        exceptions: whose groups are used.
        moved: the new names, by the old.

    Raises:
        PolicyError: a rule in a domain that is merged does not read.
    """
    _refuse_unreadable(policy, moved)
    after: dict[str, Domain] = {}
    for name, domain in policy.items():
        target = moved.get(name, name)
        arriving = replace(domain, name=target, lines=())
        after[target] = _together(after[target], arriving) if target in after else arriving
    result = WhatIf(policy, DomainPolicy(after.values(), source=policy.source), dict(moved), ())
    return replace(result, gains=tuple(_gains(result, Groups.of(exceptions))))


def reached(policy: DomainPolicy, program: str) -> list[str]:
    """The domains in which a program runs: one for each way that leads to it."""
    return [name for name in policy if name.rpartition(" ")[2] == program]


def programs_like(policy: DomainPolicy, program: str) -> list[str]:
    """The programs of domains that may be meant: those of its name, or else of the three names most alike."""
    known: dict[str, list[str]] = {}
    for path in sorted({name.rpartition(" ")[2] for name in policy}):
        known.setdefault(path.rpartition("/")[2], []).append(path)
    last = program.rpartition("/")[2]
    like = [last] if last in known else difflib.get_close_matches(last, known, n=3)
    return [path for name in like for path in known[name]]


def _unmet(policy: DomainPolicy, exceptions: ExceptionPolicy, tried: Iterable[Entry]) -> Iterable[str]:
    renamed = {entry.program for entry in exceptions.entries if isinstance(entry, Aggregator)}
    named = [
        word
        for entry in tried
        if isinstance(entry, TransitionControl)
        for word in (entry.program, entry.domain)
        if word is not None and word not in renamed
    ]
    for word in dict.fromkeys(named):
        if not any(f" {word} " in f" {name} " for name in policy):
            yield word


def _walk(exceptions: ExceptionPolicy, name: str) -> str:
    """Where the chain in a domain's name ends; each program is executed by the one before."""
    domain, *programs = name.split(" ")
    for program in programs:
        namespace = namespace_of(domain)
        # What holds a wildcard is a rule's text, not a program's name: aggregators never see it.
        known_as = (
            program if has_wildcard(program) else aggregated(exceptions.aggregators(namespace), program)
        )
        domain = destination(domain, known_as, control(exceptions.transitions(namespace), domain, known_as))
    return domain


def _refuse_unreadable(policy: DomainPolicy, moved: Mapping[str, str]) -> None:
    """Read the domains that will be merged under their own names: later nobody knows a rule's place."""
    arriving = Counter(moved.get(name, name) for name in policy)
    for name, domain in policy.items():
        if arriving[moved.get(name, name)] > 1:
            domain.parsed(source=policy.source)


def _together(one: Domain, other: Domain) -> Domain:
    """Two domains as one: all rules and groups; the profile is that of the first."""
    both = joined(union([DomainPolicy([one]), DomainPolicy([replace(other, profile=one.profile)])]))
    return both[one.name]


def _gains(result: WhatIf, groups: Groups) -> Iterable[Gain]:
    for target, sources in result.merged.items():
        wanted = [single for rule in result.after[target].parsed() for single in _singles(rule)]
        for name in sources:
            own = result.before[name].parsed()
            index = RuleIndex(own, groups)
            new = tuple(rule for rule in wanted if rule not in own and not any(index.covering(rule)))
            if new:
                yield Gain(name, target, new)


def _singles(rule: Rule) -> list[Rule]:
    return [rule.allowing((operation,)) for operation in rule.operations]
