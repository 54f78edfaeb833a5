"""Who asked for a rule: the lines of a fragment joined with the records of the audit.

In learning mode the kernel writes a record for the first access that adds to the policy, with
`granted=no`. It names the process; the program's file and arguments it names only where a program is
started (`file execute`, `misc env`), so they are carried over to later records of the same process in
the same domain. A program that starts another one inside its domain (`keep_domain`) without asking for
anything new is the case that this cannot see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness.analysis.access import Access, accesses
from harness.policy import AuditReader, AuditRecord, DomainPolicy
from harness.policy.audit import Execution
from harness.record import Drain, Process, RecordedScenario, RuleProvenance

RING = 1024


@dataclass(frozen=True, slots=True)
class _Seen:
    """A record with what only its place in the audit tells.

    Attributes:
        order: its position among all records; the guest's clock may jump.
        program: what the process was started from, when an earlier record tells.
    """

    record: AuditRecord
    order: int
    step: int | None
    program: Execution | None


@dataclass(slots=True)
class _Audit:
    """All records, by domain and entry, and what is known to be missing.

    Attributes:
        full: steps whose drain found the ring full, so that records after it were lost.
    """

    seen: dict[tuple[str, str], list[_Seen]] = field(default_factory=dict)
    records: int = 0
    torn: int = 0
    full: list[int | None] = field(default_factory=list)


def attribute(fragment: DomainPolicy, drains: Iterable[Drain], *, ring: int = RING) -> list[RuleProvenance]:
    """The provenance of every rule of a fragment, in the fragment's order.

    Args:
        fragment: what the scenario added.
        drains: its audit, in order.
        ring: `max_audit_log` of the profiles in use, the records that the kernel keeps at most.

    Returns:
        One line a rule. A rule without a record says why in `unknown`.
    """
    audit = _read(drains, ring)
    reason = _reason(audit)
    return [
        _of_rule(domain.name, rule, audit, reason) for domain in fragment.values() for rule in domain.rules
    ]


def recorded_provenance(scenario: RecordedScenario) -> list[RuleProvenance]:
    """The provenance of every rule of a recorded fragment, also where a crash left none."""
    known = {(line.domain, line.rule): line for line in scenario.provenance()}
    return [
        known.get((domain.name, rule))
        or RuleProvenance(domain=domain.name, rule=rule, unknown="the scenario ended before it was computed")
        for domain in scenario.fragment().values()
        for rule in domain.rules
    ]


def unknown_reasons(lines: Iterable[RuleProvenance]) -> Counter[str]:
    """How many rules have no record, by reason."""
    return Counter(line.unknown for line in lines if line.unknown)


def _read(drains: Iterable[Drain], ring: int) -> _Audit:
    audit = _Audit()
    reader = AuditReader(capacity=ring)
    programs: dict[tuple[int, str], Execution] = {}
    for drain in drains:
        full = reader.full_drains
        for record in (*reader.feed(drain.data), *reader.end_of_drain()):
            if not isinstance(record, AuditRecord):
                continue
            process = (record.global_pid, record.domain)
            if record.exec is not None and not _is_execute(record):
                programs[process] = record.exec
            seen = _Seen(record, reader.records, drain.step, programs.get(process))
            audit.seen.setdefault((record.domain, record.entry), []).append(seen)
        if reader.full_drains > full:
            audit.full.append(drain.step)
    audit.records, audit.torn = reader.records, reader.torn
    return audit


def _reason(audit: _Audit) -> str:
    """Why a rule may have no record, as well as the audit as a whole tells."""
    if audit.full:
        where = ", ".join(
            "before the first step" if step is None else f"step {step + 1}" for step in audit.full
        )
        return f"records were lost: the kernel's audit was full ({where})"
    if not audit.records:
        return "the audit held no record"
    if audit.torn:
        return f"no record; {audit.torn} of them were torn"
    return "no record: the kernel logged no access for this line"


def _of_rule(domain: str, rule: str, audit: _Audit, reason: str) -> RuleProvenance:
    found = [
        seen
        for access in accesses(rule)
        for seen in audit.seen.get((domain, access.entry), ())
        if _asks_for(seen.record, access)
    ]
    if not found:
        return RuleProvenance(domain=sayable(domain), rule=sayable(rule), unknown=reason)
    first = min(found, key=lambda seen: seen.order)
    record, program = first.record, first.program
    return RuleProvenance(
        domain=sayable(domain),
        rule=sayable(rule),
        step=first.step,
        time=record.time,
        process=Process(
            pid=record.global_pid,
            ppid=record.task.ppid,
            uid=record.task.uid,
            program=sayable(program.realpath if program else domain.rpartition(" ")[2]),
            argv=_words(program),
        ),
        starts=_words(record.exec) if _is_execute(record) else None,
        records=len(found),
    )


def _is_execute(record: AuditRecord) -> bool:
    """Whether `exec` is what the process was about to become, not what it is."""
    return record.entry.startswith("file execute ")


def _words(execution: Execution | None) -> tuple[str, ...] | None:
    return None if execution is None else tuple(map(sayable, execution.argv))


def _asks_for(record: AuditRecord, access: Access) -> bool:
    """Whether the record is of this line and not of one that differs in what learning attached to it."""
    known = {}
    if record.exec is not None:
        known["exec.realpath"] = record.exec.realpath
        if record.exec.argv:
            known["exec.argv[0]"] = record.exec.argv[0]
    if record.symlink_target is not None:
        known["symlink.target"] = record.symlink_target
    pairs = (condition.partition("=") for condition in access.conditions)
    return all(known.get(name, value.strip('"')) == value.strip('"') for name, _, value in pairs)


def sayable(text: str) -> str:
    """Text that JSON can hold: bytes that are no UTF-8 become escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
