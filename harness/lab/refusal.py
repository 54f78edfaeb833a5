"""Whether TOMOYO refused an attempt, or, while it learns, whether the attempt would succeed without it."""

from __future__ import annotations

from collections.abc import Iterable

from harness.deadline import Deadline
from harness.errors import PolicyError
from harness.lab.lab import Lab
from harness.lab.life import Life
from harness.policy import AuditRecord, parse_rule
from harness.policy.covering import covers
from harness.policy.rule import Rule

_SHOWN = 12
_ASKED_WITHIN = 60.0
_SHOWS_AFTER = 30.0
_SHOWS_AFTER_DENIAL = 8.0
"""Seconds on a person's machine. Who was denied has the answer, and gets no other by asking again."""


def check(lab: Lab, life: Life, access: str, program: str, *, succeeded: bool) -> None:
    """Hold an attempt against what TOMOYO says of it.

    Args:
        lab: the machine, for the mode that it is in.
        life: the scenario.
        access: a rule that names the access; wildcards stand for what varies.
        program: the program that is refused, the last of its domain's name; or several of the chain's end.
        succeeded: whether the attempt went through, as far as a person sees.

    Raises:
        AssertionError: it ended otherwise than it should, or TOMOYO's audit does not say what was expected.
    """
    mode = lab.setup.mode
    records = life.asked_since(life.attempt)
    found = matching(records, access, program, mode)
    if mode == "enforcing":
        assert not succeeded, "the attempt succeeded\n" + _instead(records, mode)
        assert found, f"the attempt failed, but not because TOMOYO refused it\n{_instead(records, mode)}"
    else:
        assert succeeded, (
            f"the attempt fails although TOMOYO is {mode}: that it fails under a policy would show nothing"
        )
        assert found, (
            f"it succeeds, but {program} has not asked TOMOYO for {access}\n{_instead(records, mode)}"
        )
    for record in found:
        life.refused(record)


def wait_until_asked(
    lab: Lab, life: Life, access: str, program: str, deadline: Deadline | None = None
) -> None:
    """Wait until TOMOYO was asked for what is to be refused, or the deadline is over.

    A program on the desktop takes its time; that what it must not show is not there yet would tell nothing.
    What came in the end is `check`'s affair.

    Raises:
        AssertionError: `access` is no rule.
    """
    deadline = deadline or lab.deadline(_ASKED_WITHIN)
    for last in deadline.attempts():
        if last or matching(life.asked_since(life.attempt), access, program, lab.setup.mode):
            return


def looks(lab: Lab) -> Deadline:
    """How long to look, once TOMOYO was asked, for what an attempt would show or write."""
    return lab.deadline(_SHOWS_AFTER_DENIAL if lab.setup.mode == "enforcing" else _SHOWS_AFTER)


def matching(records: Iterable[AuditRecord], access: str, program: str, mode: str) -> list[AuditRecord]:
    """The records that say that `program` asked for `access` and the policy held no rule for it.

    Raises:
        AssertionError: `access` is no rule.
    """
    try:
        wanted = parse_rule(access)
    except PolicyError as error:
        raise AssertionError(f"{access!r} is no access in TOMOYO's language: {error}") from error
    return [
        record
        for record in records
        if not record.granted
        and record.mode == mode
        and record.domain.endswith(f" {program}")
        and _is_part(wanted, record.entry)
    ]


def _is_part(wanted: Rule, entry: str) -> bool:
    try:
        return covers(wanted, parse_rule(entry))
    except PolicyError:
        return False


def _instead(records: Iterable[AuditRecord], mode: str) -> str:
    """What TOMOYO was asked for instead, the last of it."""
    seen = list(
        dict.fromkeys(f"  {record.domain}: {record.entry}" for record in records if record.mode == mode)
    )
    return "\n".join([f"asked for in {mode} mode meanwhile, the last {_SHOWN}:", *seen[-_SHOWN:]])
