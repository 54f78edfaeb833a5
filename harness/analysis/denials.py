"""What a policy did not admit: the audit of a machine under it, access by access."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from harness.analysis.provenance import sayable
from harness.policy import AuditReader, AuditRecord, read_audit
from harness.policy.least import is_new_domain, least_rule
from harness.record import Drain, Process
from harness.record.schema import Denial, Outcome, Verdict

Access = tuple[str, str]
"""A domain's name and an entry of the audit."""

Tuner = Callable[[str, str], tuple[str, ...]]
"""From a domain and the least rule to the rules that tuning would ship for it."""

_MODES = ("permissive", "enforcing")


def was_denied(record: AuditRecord) -> bool:
    """Whether the policy in force did not admit what the record tells of."""
    return not record.granted and record.mode in _MODES


def denied_in(records: bytes) -> int:
    """How many of the records in an audit are of denials."""
    return sum(
        isinstance(record, AuditRecord) and not is_new_domain(record) and was_denied(record)
        for record in read_audit(records)
    )


@dataclass(frozen=True, slots=True)
class Denied:
    """What the audit says.

    Attributes:
        denials: each access once, in order.
        made: domains that the kernel made by itself.
        lost: how many denials have no record, as the kernel counts them; where it was not asked, how many
            drains found its audit full, so that what came after it was lost.
    """

    denials: tuple[Denial, ...] = ()
    made: tuple[str, ...] = ()
    lost: int = 0


@dataclass(slots=True)
class _Gathering:
    tuned: Tuner
    expected: Collection[Access]
    denies: Callable[[AuditRecord], bool]
    found: dict[Access, Denial] = field(default_factory=dict)
    made: dict[str, None] = field(default_factory=dict)

    def take(self, record: AuditRecord, step: int | None) -> None:
        if is_new_domain(record):
            self.made[sayable(record.domain)] = None
            return
        if not self.denies(record):
            return
        access = (record.domain, record.entry)
        before = self.found.get(access)
        if before is not None:
            self.found[access] = before.model_copy(update={"count": before.count + 1})
            return
        self.found[access] = Denial(
            domain=sayable(record.domain),
            entry=sayable(record.entry),
            least=tuple(map(sayable, self.tuned(record.domain, least_rule(record)))),
            step=step,
            time=record.time,
            process=Process(
                pid=record.global_pid,
                ppid=record.task.ppid,
                uid=record.task.uid,
                program=sayable(record.domain.rpartition(" ")[2]),
            ),
            expected=access in self.expected,
        )


def untuned(_domain: str, rule: str) -> tuple[str, ...]:
    """The tuner that changes nothing."""
    return (rule,)


def denials(
    drains: Iterable[Drain],
    *,
    ring: int,
    expected: Collection[Access] = (),
    tuned: Tuner = untuned,
    denies: Callable[[AuditRecord], bool] = was_denied,
    counted: int | None = None,
) -> Denied:
    """The denials in an audit.

    Args:
        drains: the audit, in order.
        ring: `max_audit_log` of the profile in force.
        expected: what had to be refused.
        tuned: how a least rule would be shipped.
        denies: which records count.
        counted: how many denials the kernel has counted meanwhile, should it have been asked.
    """
    reader = AuditReader(capacity=ring)
    gathering = _Gathering(tuned, expected, denies)
    for drain in drains:
        for record in (*reader.feed(drain.data), *reader.end_of_drain()):
            if isinstance(record, AuditRecord):
                gathering.take(record, drain.step)
    found = tuple(gathering.found.values())
    lost = reader.full_drains
    if counted is not None:
        lost = max(0, counted - sum(denial.count for denial in found))
    return Denied(found, tuple(gathering.made), lost)


def verdict_of(outcome: Outcome, denied: Iterable[Denial], *, ours: bool = False) -> Verdict:
    """The verdict on something that ended with `outcome` under a policy.

    Args:
        outcome: how it ended.
        denied: what was denied meanwhile.
        ours: its failure was the host's or the harness's: it says nothing about the policy.
    """
    if outcome == "skipped" or (outcome == "error" and ours):
        return "not tried"
    if outcome != "passed":
        return "failed"
    return "passed with denials" if any(not one.expected for one in denied) else "passed"


@dataclass(frozen=True, slots=True)
class Alike:
    """Denials in one domain that the same rules would have prevented.

    Attributes:
        first: the one that came first.
        others: how many more there are.
        count: how often any of them was asked for.
    """

    first: Denial
    others: int
    count: int


def alike(denied: Iterable[Denial]) -> list[Alike]:
    """Denials, those that differ in a name alone put together, as of temporary files; first ones first."""
    groups: dict[tuple[str, tuple[str, ...]], list[Denial]] = {}
    for denial in denied:
        groups.setdefault((denial.domain, denial.least or (denial.entry,)), []).append(denial)
    return [Alike(same[0], len(same) - 1, sum(one.count for one in same)) for same in groups.values()]


def by_domain(denied: Iterable[Alike]) -> dict[str, list[Alike]]:
    """Denials by domain, in order of first appearance."""
    groups: dict[str, list[Alike]] = {}
    for one in denied:
        groups.setdefault(one.first.domain, []).append(one)
    return groups
