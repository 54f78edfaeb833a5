"""Policies as sets of lines."""

from __future__ import annotations

from dataclasses import replace

from harness.policy.domain_policy import Domain, DomainPolicy


def difference(new: DomainPolicy, old: DomainPolicy) -> DomainPolicy:
    """What `new` has and `old` has not, line for line.

    This is how a scenario's fragment is made: the policy saved after it, less the one at its checkpoint.

    Returns:
        The domains of `new`, in its order, that are not in `old` or have a rule, a group or a flag more than
        there. Each has its profile in `new` and only what is new of rules, groups and flags.
    """
    domains = []
    for domain in new.values():
        before = old.get(domain.name)
        if before is None:
            domains.append(domain)
            continue
        added = _less(domain, before)
        if added.rules or added.groups or added.quota_exceeded or added.transition_failed:
            domains.append(added)
    return DomainPolicy(domains, source=new.source)


def _less(domain: Domain, before: Domain) -> Domain:
    rules: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    if domain.rules != before.rules:
        known = frozenset(before.rules)
        numbers = domain.lines or range(len(domain.rules))
        kept = [(rule, line) for rule, line in zip(domain.rules, numbers, strict=True) if rule not in known]
        rules = tuple(rule for rule, _ in kept)
        lines = tuple(line for _, line in kept) if domain.lines else ()
    return replace(
        domain,
        groups=tuple(group for group in domain.groups if group not in before.groups),
        quota_exceeded=domain.quota_exceeded and not before.quota_exceeded,
        transition_failed=domain.transition_failed and not before.transition_failed,
        rules=rules,
        lines=lines,
    )
