"""Checks of how the parts of a policy fit together."""

from __future__ import annotations

from collections.abc import Iterator

from harness.policy.covering import RuleIndex
from harness.policy.domain_policy import Domain
from harness.policy.exception_policy import ExceptionPolicy, GroupRule
from harness.policy.lint.finding import Finding, Subject
from harness.policy.operand import AddressRange, Group, NumberRange
from harness.policy.profile import FUNCTIONS, Profile
from harness.policy.rule import INET, PATH, TASK, Rule
from harness.policy.transitions import aggregated, control, destination


def unreadable_rule(subject: Subject) -> Iterator[Finding]:
    """Rules that the kernel would drop without a word."""
    for bad in subject.unreadable:
        yield Finding("unreadable-rule", bad.domain, bad.text, bad.error.seen, bad.error.line)


def quota_exceeded(subject: Subject) -> Iterator[Finding]:
    """Domains in which learning stopped."""
    for domain in subject.policy.values():
        if domain.quota_exceeded:
            yield subject.finding(
                "quota-exceeded",
                domain,
                f"learning stopped after {len(domain.rules)} rules: more are missing",
            )


def not_enforcing(subject: Subject) -> Iterator[Finding]:
    """Profiles that domains are in and that do not refuse what no rule grants; each is told once."""
    if subject.profiles is None:
        return
    users: dict[tuple[str, int], list[str]] = {}
    for domain in subject.policy.values():
        users.setdefault((domain.namespace, domain.profile), []).append(domain.name)
    for (namespace, number), names in sorted(users.items()):
        profile = subject.profiles.profiles(namespace).get(number)
        which = f"{len(names)} domains are" if len(names) > 1 else "1 domain is"
        if profile is None:
            told = f"profile.conf has no profile {number}, which {which} in"
            yield Finding("not-enforcing", names[0], f"use_profile {number}", told)
        else:
            for mode, functions in _not_enforced(profile).items():
                what = "everything" if len(functions) == len(FUNCTIONS) else ", ".join(functions)
                told = f"profile {number}, which {which} in, has mode={mode} for {what}"
                yield Finding("not-enforcing", names[0], f"use_profile {number}", told)


def _not_enforced(profile: Profile) -> dict[str, list[str]]:
    """The functions that a profile does not enforce, by the mode that they are in."""
    found: dict[str, list[str]] = {}
    for function in FUNCTIONS:
        if (mode := profile.config(function).mode) != "enforcing":
            found.setdefault(mode, []).append(function)
    return found


def transition_failed(subject: Subject) -> Iterator[Finding]:
    """Domains from which a program could not enter its own."""
    for domain in subject.policy.values():
        if domain.transition_failed:
            yield subject.finding(
                "transition-failed", domain, "a program that was started here ran on in this domain"
            )


def covered_rule(subject: Subject) -> Iterator[Finding]:
    """Rules that another rule of the domain, or of a group that it uses, makes superfluous."""
    shared: dict[tuple[str, tuple[int, ...]], tuple[frozenset[Rule], RuleIndex]] = {}
    for domain in subject.policy.values():
        groups = subject.groups(domain.namespace)
        key = (domain.namespace, domain.groups)
        if key not in shared:
            rules = subject.shared(domain)
            shared[key] = frozenset(rules), RuleIndex(rules, groups)
        same, index = shared[key]
        own = RuleIndex(subject.rules[domain.name], groups)
        gone: set[Rule] = set()
        for rule in reversed(subject.rules[domain.name]):
            by = next((other for other in own.covering(rule) if other not in gone), None)
            by = by or (rule if rule in same else next(index.covering(rule), None))
            if by is not None:
                gone.add(rule)
                yield subject.finding("covered-rule", domain, f"granted already by: {by}", rule)


def undefined_group(subject: Subject) -> Iterator[Finding]:
    """Groups that are used and hold nothing."""
    if subject.exceptions is None:
        return
    for domain in subject.policy.values():
        for number in domain.groups:
            if not subject.exceptions.acl_group(number, domain.namespace):
                yield subject.finding(
                    "undefined-group", domain, f"use_group {number}, and that group is empty"
                )
        for rule in subject.rules[domain.name]:
            for kind, group in _used(rule):
                if group.name not in subject.exceptions.groups(kind, domain.namespace):
                    yield subject.finding("undefined-group", domain, f"there is no {kind} {group.name}", rule)
    for entry in subject.exceptions.entries:
        if isinstance(entry, GroupRule):
            for kind, group in _used(entry.rule):
                if group.name not in subject.exceptions.groups(kind, entry.namespace):
                    yield Finding("undefined-group", "", str(entry), f"there is no {kind} {group.name}")


def unreachable_domain(subject: Subject) -> Iterator[Finding]:
    """Domains that no chain of permitted executions enters."""
    exceptions = subject.exceptions or ExceptionPolicy()
    reached: set[str] = set()
    waiting = [name for name in subject.policy if " " not in name]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in subject.policy:
            continue
        reached.add(name)
        domain = subject.policy[name]
        for rule in (*subject.rules[name], *subject.shared(domain)):
            waiting += _entered(subject, exceptions, domain, rule)
    for name, domain in subject.policy.items():
        if name not in reached:
            yield subject.finding("unreachable-domain", domain, "no permitted execution leads here")


def _entered(subject: Subject, exceptions: ExceptionPolicy, domain: Domain, rule: Rule) -> Iterator[str]:
    """The domains that a rule lets a process of this domain enter."""
    if rule.shape is TASK:
        yield str(rule.operands[0])
    if rule.shape is not PATH or "execute" not in rule.operations:
        return
    name = rule.operands[0]
    # The text of the pattern that matched is the name that the program goes by.
    programs = (
        subject.groups(domain.namespace).paths.get(name.name, ()) if isinstance(name, Group) else (name,)
    )
    for program in map(str, programs):
        known = aggregated(exceptions.aggregators(domain.namespace), program)
        decided_by = rule.transition or control(exceptions.transitions(domain.namespace), domain.name, known)
        yield destination(domain.name, known, decided_by)


def _used(rule: Rule) -> Iterator[tuple[str, Group]]:
    """The groups that a rule names, with their kinds."""
    for index, operand in enumerate(rule.operands):
        if isinstance(operand, Group):
            if rule.shape in INET.values():
                yield ("address_group" if index == 0 else "number_group"), operand
            else:
                yield ("number_group" if _is_number(rule, index) else "path_group"), operand
    for condition in rule.conditions:
        value = getattr(condition, "right", None) or getattr(condition, "value", None)
        if isinstance(value, Group):
            yield ("number_group" if hasattr(condition, "right") else "path_group"), value


def _is_number(rule: Rule, index: int) -> bool:
    read = rule.shape.operands[index][1]
    return isinstance(read("0"), NumberRange | AddressRange)
