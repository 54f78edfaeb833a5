"""Lint: what a reviewer of a policy would rather not find. Each check has an id and a page in docs/lint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from harness.policy.lint.finding import Finding, Subject, Waiver, parse_waivers
from harness.policy.lint.names import process_number, stale_path, temporary_name
from harness.policy.lint.rights import execute_writable, wide_interpreter, write_system
from harness.policy.lint.structure import (
    covered_rule,
    not_enforcing,
    quota_exceeded,
    transition_failed,
    undefined_group,
    unreachable_domain,
    unreadable_rule,
)

CHECKS: dict[str, Callable[[Subject], Iterator[Finding]]] = {
    "unreadable-rule": unreadable_rule,
    "not-enforcing": not_enforcing,
    "quota-exceeded": quota_exceeded,
    "transition-failed": transition_failed,
    "unreachable-domain": unreachable_domain,
    "undefined-group": undefined_group,
    "covered-rule": covered_rule,
    "stale-path": stale_path,
    "temporary-name": temporary_name,
    "process-number": process_number,
    "write-system": write_system,
    "execute-writable": execute_writable,
    "wide-interpreter": wide_interpreter,
}


@dataclass(frozen=True, slots=True)
class Report:
    """What lint found.

    Attributes:
        findings: what nobody waived, check by check.
        waived: findings with the waiver that holds for each.
        unused: waivers that no finding needed; they may hide a later one.
    """

    findings: tuple[Finding, ...]
    waived: tuple[tuple[Finding, Waiver], ...]
    unused: tuple[Waiver, ...]


def lint(
    subject: Subject, *, checks: Iterable[str] = tuple(CHECKS), waivers: Iterable[Waiver] = ()
) -> Report:
    """Runs checks.

    Args:
        subject: the policy and what is known beside it. Checks that need more than that find nothing.
        checks: ids out of `CHECKS`.
        waivers: what is accepted, and why.

    Raises:
        KeyError: an id that is none.
    """
    waivers = tuple(waivers)
    findings: list[Finding] = []
    waived: list[tuple[Finding, Waiver]] = []
    for check in checks:
        for finding in CHECKS[check](subject):
            waiver = next((waiver for waiver in waivers if waiver.waives(finding)), None)
            if waiver is None:
                findings.append(finding)
            else:
                waived.append((finding, waiver))
    used = {waiver for _, waiver in waived}
    unused = tuple(waiver for waiver in waivers if waiver not in used)
    return Report(tuple(findings), tuple(waived), unused)


__all__ = ["CHECKS", "Finding", "Report", "Subject", "Waiver", "lint", "parse_waivers"]
