"""What became of the scenarios: how one ended, and what differs between two runs."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record import Run
from harness.record.schema import ScenarioRecord


@dataclass(frozen=True, slots=True)
class Changed:
    """A scenario that ended otherwise than before."""

    before: ScenarioRecord
    after: ScenarioRecord


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The scenarios of two runs, by ID.

    Attributes:
        same: how many of those that both runs tried ended in the same way.
        changed: those that did not, in the later run's order.
        gone: only the earlier run tried them.
        new: only the later run did.
    """

    same: int
    changed: tuple[Changed, ...]
    gone: tuple[ScenarioRecord, ...]
    new: tuple[ScenarioRecord, ...]

    @property
    def both(self) -> int:
        """How many scenarios both runs tried."""
        return self.same + len(self.changed)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.changed or self.gone or self.new)


def compare_outcomes(before: Run, after: Run) -> Outcomes:
    """What became of each scenario in two runs; one that was broken off was not tried."""
    was, now = _ended(before), _ended(after)
    both = [Changed(was[name], record) for name, record in now.items() if name in was]
    changed = tuple(one for one in both if ended_as(one.before) != ended_as(one.after))
    return Outcomes(
        len(both) - len(changed),
        changed,
        tuple(record for name, record in was.items() if name not in now),
        tuple(record for name, record in now.items() if name not in was),
    )


def ended_as(record: ScenarioRecord) -> str:
    """What became of a scenario: under a policy the verdict, which tells of denials too."""
    return record.verdict or record.outcome


def end_of(record: ScenarioRecord) -> str:
    """In which step a scenario ended that did not pass, and why; empty where it passed."""
    if record.outcome == "passed":
        return ""
    step = next((step for step in record.steps if step.outcome not in ("passed", "skipped")), None)
    where = f"{step.keyword} {step.text}: " if step is not None else ""
    return where + (record.error.splitlines() or [""])[0]


def _ended(run: Run) -> dict[str, ScenarioRecord]:
    return {scenario.id: scenario.record for scenario in run.scenarios if not scenario.interrupted}
