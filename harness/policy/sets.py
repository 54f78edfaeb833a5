"""Policies as sets of rules: by their lines, or by what they grant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from harness.policy.covering import NO_GROUPS, Groups, RuleIndex
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.rule import Rule, parse_rule, split_operations


def union(policies: Iterable[DomainPolicy]) -> DomainPolicy:
    """All rules of all policies, in order of first appearance.

    A domain's profile is that of the last policy that has the domain: a policy saved later saw more.
    """
    domains: dict[str, Domain] = {}
    rules: dict[str, dict[str, None]] = {}
    for policy in policies:
        for domain in policy.values():
            before = domains.get(domain.name, domain)
            rules.setdefault(domain.name, {}).update(dict.fromkeys(domain.rules))
            domains[domain.name] = replace(
                domain,
                groups=tuple(sorted({*before.groups, *domain.groups})),
                quota_exceeded=before.quota_exceeded or domain.quota_exceeded,
                transition_failed=before.transition_failed or domain.transition_failed,
            )
    return DomainPolicy(replace(d, rules=tuple(rules[d.name]), lines=()) for d in domains.values())


def intersection(one: DomainPolicy, other: DomainPolicy) -> DomainPolicy:
    """What both policies have, line for line; a domain's profile is that in `one`."""
    domains = []
    for domain in one.values():
        partner = other.get(domain.name)
        if partner is None:
            continue
        common = _picked(domain, frozenset(partner.rules).__contains__)
        domains.append(
            replace(
                common,
                groups=tuple(group for group in domain.groups if group in partner.groups),
                quota_exceeded=domain.quota_exceeded and partner.quota_exceeded,
                transition_failed=domain.transition_failed and partner.transition_failed,
            )
        )
    return DomainPolicy(domains, source=one.source)


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


@dataclass(frozen=True, slots=True)
class Covered:
    """A rule that another rule of its domain makes superfluous."""

    domain: str
    rule: Rule
    by: Rule


def find_covered(policy: DomainPolicy, groups: Groups = NO_GROUPS) -> list[Covered]:
    """The rules that could go because another rule of the same domain grants as much.

    Of rules that cover each other the first stays.

    Raises:
        PolicyError: a rule that does not read.
    """
    found = []
    for domain in policy.values():
        rules = domain.parsed(source=policy.source)
        index = RuleIndex(rules, groups)
        gone: set[Rule] = set()
        for rule in reversed(rules):
            by = next((other for other in index.covering(rule) if other not in gone), None)
            if by is not None:
                gone.add(rule)
                found.append(Covered(domain.name, rule, by))
    return found


def without_covered(policy: DomainPolicy, groups: Groups = NO_GROUPS) -> DomainPolicy:
    """The policy without the rules that `find_covered` finds: it grants the same."""
    covered = {(found.domain, found.rule) for found in find_covered(policy, groups)}
    domains = []
    for domain in policy.values():
        stays = {line for line in domain.rules if (domain.name, parse_rule(line)) not in covered}
        domains.append(_picked(domain, stays.__contains__))
    return DomainPolicy(domains, source=policy.source)


def joined(policy: DomainPolicy) -> DomainPolicy:
    """The policy as the kernel would hold it: one rule a target, with all its permissions, spelled its way.

    Raises:
        PolicyError: a rule that does not read.
    """
    return DomainPolicy((_joined(domain, policy.source) for domain in policy.values()), source=policy.source)


def sort(policy: DomainPolicy, *, one_permission_a_line: bool = False) -> DomainPolicy:
    """Domains by name and rules by text.

    Args:
        policy: what to sort.
        one_permission_a_line: split rules as tomoyo-sortpolicy does, so that texts compare line by line.
    """
    domains = []
    for name in sorted(policy):
        domain = policy[name]
        rules: Iterable[str] = domain.rules
        if one_permission_a_line:
            rules = {single for line in domain.rules for single in singles(line)}
        domains.append(replace(domain, rules=tuple(sorted(rules)), lines=()))
    return DomainPolicy(domains, source=policy.source)


def singles(line: str) -> list[str]:
    """A rule's line as one line for each of its permissions."""
    before, operations, after = split_operations(line)
    return [line] if len(operations) == 1 else [f"{before}{operation}{after}" for operation in operations]


def by_program(policy: DomainPolicy) -> dict[str, list[Domain]]:
    """Domains by the program that runs in them, whichever chain led there."""
    groups: dict[str, list[Domain]] = {}
    for domain in policy.values():
        groups.setdefault(domain.programs[-1], []).append(domain)
    return groups


def _joined(domain: Domain, source: str) -> Domain:
    kept: dict[Rule, Rule] = {}
    for rule in domain.parsed(source=source):
        before = kept.get(rule.target)
        kept[rule.target] = rule.allowing((*(before.operations if before else ()), *rule.operations))
    return replace(domain, rules=tuple(map(str, kept.values())), lines=())


def _less(domain: Domain, before: Domain) -> Domain:
    known = frozenset(before.rules)
    return replace(
        _picked(domain, lambda rule: rule not in known) if domain.rules != before.rules else _empty(domain),
        groups=tuple(group for group in domain.groups if group not in before.groups),
        quota_exceeded=domain.quota_exceeded and not before.quota_exceeded,
        transition_failed=domain.transition_failed and not before.transition_failed,
    )


def _empty(domain: Domain) -> Domain:
    return replace(domain, rules=(), lines=())


def _picked(domain: Domain, wanted: Callable[[str], bool]) -> Domain:
    kept = [index for index, rule in enumerate(domain.rules) if wanted(rule)]
    return replace(
        domain,
        rules=tuple(domain.rules[index] for index in kept),
        lines=tuple(domain.lines[index] for index in kept) if domain.lines else (),
    )
