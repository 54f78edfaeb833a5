"""Domain transitions: into which domain a program goes, and where a chain of executions ends.

Follows `tomoyo_find_next_domain` and `tomoyo_transition_type` (`security/tomoyo/domain.c`).
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.policy.exception_policy import Aggregator, ExceptionPolicy, TransitionControl
from harness.policy.pattern import matches
from harness.policy.word import is_domain_name

_SKIPPED_BY = {"no_reset_domain": "reset_domain", "no_initialize_domain": "initialize_domain"}


def namespace_of(domain: str) -> str:
    """The first part of a domain's name."""
    return domain.partition(" ")[0]


def aggregated(aggregators: Iterable[Aggregator], program: str) -> str:
    """The name that a program goes by: that of the first aggregator that matches, else its own."""
    return next((entry.program for entry in aggregators if matches(entry.pattern, program)), program)


def control(controls: Iterable[TransitionControl], domain: str, program: str) -> str:
    """Which kind of transition control decides when `domain` executes `program`.

    Returns:
        `reset_domain`, `initialize_domain`, `keep_domain`, or "" when the program gets a child domain.
    """
    last = domain.rpartition(" ")[2]
    kinds = {
        entry.kind
        for entry in controls
        if entry.program in (None, program)
        and (entry.domain is None or entry.domain == (domain if is_domain_name(entry.domain) else last))
    }
    for exempting, kind in _SKIPPED_BY.items():
        if kind in kinds and exempting not in kinds:
            return kind
    return "keep_domain" if "keep_domain" in kinds and "no_keep_domain" not in kinds else ""


def destination(domain: str, program: str, decided_by: str) -> str:
    """The domain's name after a transition.

    Args:
        domain: the domain that executes.
        program: the program, as aggregators and the matching rule spell it.
        decided_by: what `control` gave, or a transition preference of the rule.
    """
    match decided_by:
        case "keep_domain" | "keep":
            return domain
        case "reset_domain" | "reset":
            return f"<{program}>"
        case "initialize_domain" | "initialize":
            return f"{namespace_of(domain)} {program}"
        case "" | "child":
            return f"{domain} {program}"
        case "parent":
            return domain.rpartition(" ")[0] or domain
    return decided_by if decided_by.startswith("<") else f"{domain} {decided_by}"


def chain(exceptions: ExceptionPolicy, start: str, programs: Iterable[str]) -> str:
    """The domain in which a chain of executions ends when every execution is allowed.

    Rules of the domains have no say here: a rule with a wildcard or a transition preference would change
    names. `harness.policy.decide.ReferenceMonitor.execute` takes them into account.

    Args:
        exceptions: aggregators and transition controls.
        start: the domain that executes the first program.
        programs: names as the kernel sees them, one after another.
    """
    domain = start
    for program in programs:
        namespace = namespace_of(domain)
        name = aggregated(exceptions.aggregators(namespace), program)
        domain = destination(domain, name, control(exceptions.transitions(namespace), domain, name))
    return domain
