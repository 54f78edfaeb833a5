"""From what a policy denied to the next policy: the least rules, each with the denial that asked for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from harness.errors import PolicyError
from harness.policy import Domain, DomainPolicy, parse_rule
from harness.policy.exception_policy import KERNEL
from harness.policy.sets import joined
from harness.record import Run, ShippedPolicy, storage
from harness.record.explanation import AppliedRule, ShippedDomain, ShippedRule
from harness.record.loop import Gate, Standing
from harness.record.schema import Denial, Mode, ScenarioRecord, VerdictRecord

ADDED = "added.json"
ADDED_BY = "denial"
_REASON = "asked for by a task and denied while the policy was enforced"


class Addition(BaseModel):
    """A rule that was added to a policy, and the denial that is its origin.

    Attributes:
        domain: the domain's full name; it may be new.
        rule: the line.
        run: the run in which it was denied.
        scenario: the scenario's ID; empty for a denial on the way to a checkpoint.
        checkpoint: the checkpoint's name; empty for a scenario's denial.
        step: the step's text; empty before the first one.
        program: what was denied.
        mode: what TOMOYO did then.
        round: in which round it was added, from 1.
    """

    model_config = ConfigDict(frozen=True)

    domain: str
    rule: str
    run: str
    scenario: str = ""
    checkpoint: str = ""
    step: str = ""
    program: str = ""
    mode: Mode = "enforcing"
    round: int = 0


def gate(run: Run) -> Gate:
    """What a run under a policy says of it."""
    standings = {kind: _standing(run, kind) for kind in ("task", "variant", "refused")}
    tried = [checkpoint.record for checkpoint in run.checkpoints if checkpoint.record.verdict is not None]
    records = [scenario.record for scenario in run.scenarios]
    enforced = run.manifest.enforced
    boots = enforced is not None and enforced.start == "boot"
    return Gate(
        boot_denials=sum(record.denials for record in tried) if tried else None,
        boot_failed=any(record.verdict == "failed" for record in tried) or (boots and not tried),
        tasks=standings["task"],
        variants=standings["variant"],
        refused=standings["refused"],
        not_tried=sum(
            record.verdict in (None, "not tried") and record.outcome != "skipped" for record in records
        )
        + len(run.damaged),
        denials=_denials(records, "task"),
        variant_denials=_denials(records, "variant"),
        replays=_replays(run),
        lost=sum(any(finding.kind == "audit-lost" for finding in record.findings) for record in records)
        + sum(1 for way in run.checkpoints if (verdict := way.verdict()) is not None and verdict.lost),
    )


def proposals(runs: Iterable[Run], policy: ShippedPolicy, number: int) -> list[Addition]:
    """The least rules that the policy lacks for the tasks of runs under it, each once, with its first denial.

    Denials of variants and of what must be refused propose nothing: who learns from a test has none left.
    """
    found: dict[tuple[str, str], Addition] = {}
    held = {
        (name, str(rule))
        for name, domain in policy.domains.items()
        for rule in domain.parsed(source=policy.domains.source)
    }
    for run in runs:
        for addition in _of_run(run, number):
            key = (addition.domain, str(parse_rule(addition.rule)))
            if key not in held:
                found.setdefault(key, addition)
    return list(found.values())


def extended(policy: ShippedPolicy, additions: Sequence[Addition]) -> ShippedPolicy:
    """The policy with rules added; its explanation names `denial` as what made them.

    A new domain has the groups of the domain that starts it, as the kernel would give it.
    """
    domains = dict(policy.domains)
    for addition in additions:
        domain = domains.get(addition.domain) or _new_domain(addition.domain, domains)
        domains[addition.domain] = replace(domain, rules=(*domain.rules, addition.rule))
    source = policy.domains.source
    explanation = policy.explanation
    if explanation is not None:
        explained = dict(explanation.domains)
        for addition in additions:
            before = explained.get(addition.domain, ShippedDomain())
            rule = ShippedRule(rule=addition.rule, by=(ADDED_BY,))
            explained[addition.domain] = before.model_copy(update={"rules": (*before.rules, rule)})
        rules = tuple(rule for rule in explanation.rules if rule.name != ADDED_BY)
        applied = AppliedRule(name=ADDED_BY, reason=_REASON, file=ADDED, rewrote=len(additions))
        explanation = explanation.model_copy(update={"domains": explained, "rules": (*rules, applied)})
    return replace(
        policy, domains=joined(DomainPolicy(domains.values(), source=source)), explanation=explanation
    )


def read_additions(folder: Path) -> list[Addition]:
    """What was added to the policy in `folder`, and in the rounds before; empty when nothing was."""
    path = folder / ADDED
    return [Addition.model_validate(one) for one in json.loads(path.read_text())] if path.is_file() else []


def write_additions(folder: Path, additions: Iterable[Addition]) -> None:
    """Write down the origin of each added rule beside the policy.

    Raises:
        HostError: the disk is full or the folder cannot be written.
    """
    text = json.dumps([one.model_dump(exclude_defaults=True) for one in additions], indent=1)
    storage.replace(folder / ADDED, text.encode() + b"\n")


def _replays(run: Run) -> tuple[int, ...]:
    """Kinds of accesses denied to tasks, for each time that they were tried."""
    tasks = [scenario.record for scenario in run.scenarios if scenario.record.kind == "task"]
    last = max((record.repetition for record in tasks), default=0)
    return tuple(
        sum(record.counts.denials for record in tasks if record.repetition == number)
        for number in range(1, last + 1)
    )


def _denials(records: Iterable[ScenarioRecord], kind: str) -> int:
    return sum(record.counts.denials for record in records if record.kind == kind)


def _standing(run: Run, kind: str) -> Standing:
    verdicts = [
        scenario.record.verdict
        for scenario in run.scenarios
        if scenario.record.kind == kind and scenario.record.verdict not in (None, "not tried")
    ]
    clean = verdicts.count("passed")
    passed = clean + verdicts.count("passed with denials")
    return Standing(total=len(verdicts), passed=passed, clean=clean)


def _of_run(run: Run, number: int) -> Iterator[Addition]:
    for checkpoint in run.checkpoints:
        verdict = checkpoint.verdict()
        for denial in _causes(verdict):
            yield from _of_denial(
                denial, run=run.name, checkpoint=checkpoint.record.name, mode=run.manifest.mode, round=number
            )
    for scenario in run.scenarios:
        verdict = scenario.verdict() if scenario.record.kind == "task" else None
        steps = scenario.record.steps
        for denial in _causes(verdict):
            step = steps[denial.step] if denial.step is not None and denial.step < len(steps) else None
            yield from _of_denial(
                denial,
                run=run.name,
                scenario=scenario.id,
                step=f"{step.keyword} {step.text}" if step is not None else "",
                mode=run.manifest.mode,
                round=number,
            )


def _causes(verdict: VerdictRecord | None) -> list[Denial]:
    """The denials without their echoes: a shell reads what it was not let execute, as a script."""
    unwanted = verdict.unwanted if verdict is not None else ()
    echoes = {
        (denial.domain, f"file read {denial.entry.split()[2]}")
        for denial in unwanted
        if denial.entry.startswith("file execute ")
    }
    return [denial for denial in unwanted if (denial.domain, denial.entry) not in echoes]


def _of_denial(denial: Denial, **origin: object) -> Iterator[Addition]:
    program = denial.process.program if denial.process is not None else ""
    for rule in denial.least:
        try:
            parse_rule(rule)
        except PolicyError:
            continue  # the kernel asked for what no policy can say, such as a name that is too long
        yield Addition.model_validate({"domain": denial.domain, "rule": rule, "program": program, **origin})


def _new_domain(name: str, domains: dict[str, Domain]) -> Domain:
    parent = domains.get(name.rpartition(" ")[0]) or domains.get(KERNEL)
    return Domain(name, parent.profile if parent else 3, parent.groups if parent else (0,))
