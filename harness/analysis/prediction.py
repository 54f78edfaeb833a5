"""What a policy would have denied to a run that learned: no machine is needed to ask.

Whatever a run learned stands in its audit, access by access, with the process and the step. Held against a
policy, as the kernel would, this tells which tasks of a new release the policy of the last one has no rules
for, and, for a run that the policy was not tuned from, whether it fits the tasks or the recordings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.analysis.denials import denials, verdict_of
from harness.analysis.tuner import tuner_of
from harness.analysis.tuning.layers import ROOT, shared
from harness.errors import RecordError
from harness.policy import AuditRecord, Rule, parse_rule
from harness.policy.covering import Groups, RuleIndex
from harness.policy.least import least_rule
from harness.policy.profile import audit_ring
from harness.progress import Progress, silent
from harness.record import Drain, RecordedCheckpoint, RecordedScenario, Run, ShippedPolicy
from harness.record.schema import Step, VerdictRecord


@dataclass(frozen=True, slots=True)
class Predicted:
    """A scenario, or the way to a checkpoint, as the policy would have judged it.

    Attributes:
        name: of the scenario, or of the checkpoint.
        verdict: `passed`, or `passed with denials`; nobody can tell from outside whether a task bears them.
        steps: of the scenario.
        unknown: domains that the policy does not have, and how many accesses were asked for in each. Where a
            program may not be started, this is all that follows from it.
    """

    name: str
    verdict: VerdictRecord
    steps: tuple[Step, ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()

    @property
    def holds(self) -> bool:
        """Whether all that was asked for is known, and would have been granted."""
        return not self.verdict.denials and not self.unknown and not self.verdict.lost


def predict(policy: ShippedPolicy, run: Run, progress: Progress = silent) -> list[Predicted]:
    """Hold what a run learned against a policy.

    Args:
        policy: domains are compared by name, so it has to be tuned with the run's lines that choose domains.
        run: the checkpoints that it booted to, and its scenarios that passed, but for those to be refused.
        progress: gets a line for each of them.

    Raises:
        RecordError: the run did not learn, or nothing of it came to its end.
        PolicyError: a rule of the policy cannot be read.
    """
    if run.manifest.mode != "learning":
        raise RecordError(
            f"{run.name} did not learn: it was made under a policy",
            expected="a run of `tomograph learn`",
            hint="`tomograph show` tells what that policy denied",
        )
    judged = [(name, one) for name, one in _candidates(run) if one.record.outcome == "passed"]
    if not judged:
        raise RecordError(
            f"nothing in {run.name} can be judged",
            expected="a scenario, or the way to a checkpoint, that passed",
            hint=f"`tomograph show {run.path}` tells what became of them",
        )
    progress("reading the policy")
    monitor = _Monitor(policy.with_instruments(), _ring(run))
    found = []
    for number, (name, one) in enumerate(judged, 1):
        progress(f"{number} of {len(judged)}: {name}")
        steps = one.record.steps if isinstance(one, RecordedScenario) else ()
        found.append(monitor.predicted(name, one.drains(), steps))
    return found


def not_judged(run: Run) -> list[tuple[str, str]]:
    """What `predict` leaves out because it did not pass: names, and how they ended."""
    return [(name, one.record.outcome) for name, one in _candidates(run) if one.record.outcome != "passed"]


def _candidates(run: Run) -> list[tuple[str, RecordedCheckpoint | RecordedScenario]]:
    """What a policy has to grant all of, with names: all but what must be refused."""
    return [
        *((f"the way to {way.record.name}", way) for way in run.checkpoints),
        *((one.record.name, one) for one in run.scenarios if one.record.kind != "refused"),
    ]


def _ring(run: Run) -> int:
    """How many records the kernel of a run kept: its profiles are saved with checkpoints and scenarios."""
    profiles = [one.file("profile.conf") for one in run.checkpoints]
    for scenario in run.scenarios:
        folder = scenario.saved_policy()
        if not any(profiles) and folder is not None and (folder / "profile.conf").is_file():
            profiles.append((folder / "profile.conf").read_bytes())
    return audit_ring(b"\n".join(profiles))


class _Monitor:
    """Answers records of an audit under a policy; `ring`: how many of them the kernel kept."""

    def __init__(self, policy: ShippedPolicy, ring: int) -> None:
        self._policy, self._ring = policy, ring
        self._tuned = tuner_of(policy)
        self._groups = Groups.of(policy.exceptions)
        self._indexes: dict[str, tuple[frozenset[Rule], RuleIndex]] = {}
        self._answers: dict[tuple[str, str, bool], bool] = {}

    def predicted(self, name: str, drains: Iterable[Drain], steps: tuple[Step, ...] = ()) -> Predicted:
        unknown: Counter[str] = Counter()

        def denies(record: AuditRecord) -> bool:
            if record.mode != "learning":
                return False
            if record.domain not in self._policy.domains:
                unknown[record.domain] += 1
                return False
            return not self._grants(record)

        found = denials(drains, ring=self._ring, tuned=self._tuned, denies=denies)
        verdict = VerdictRecord(
            verdict=verdict_of("passed", found.denials),
            mode="enforcing",
            denials=found.denials,
            lost=found.lost,
        )
        return Predicted(name, verdict, steps, tuple(unknown.items()))

    def _grants(self, record: AuditRecord) -> bool:
        line = least_rule(record)
        key = record.domain, line, record.task.uid == ROOT
        if key not in self._answers:
            self._answers[key] = self._decide(*key)
        return self._answers[key]

    def _decide(self, domain: str, line: str, by_root: bool) -> bool:  # noqa: FBT001 - a memo's key
        rules, index = self._of(domain)
        # As tuned first: where a program's name is a pattern, the rule has to be that very pattern.
        wanted = [parse_rule(one) for one in (*self._tuned(domain, line), line)]
        if by_root and (layered := shared(wanted[-1])) is not None:
            wanted.append(layered)
        return any(rule in rules or any(index.covering(rule)) for rule in wanted)

    def _of(self, domain: str) -> tuple[frozenset[Rule], RuleIndex]:
        if domain not in self._indexes:
            held = self._policy.domains[domain]
            rules = [
                *held.parsed(source=self._policy.domains.source),
                *self._policy.exceptions.shared_with(held),
            ]
            self._indexes[domain] = frozenset(rules), RuleIndex(rules, self._groups)
        return self._indexes[domain]
