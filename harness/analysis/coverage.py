"""Which task is exercised by which scenario, and what is left open. Nothing vanishes silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.tasks import Area, Task, WrittenScenario, learned, mistaken_twin, tasks_of
from harness.record import RecordedScenario, Run
from harness.record.naming import without_repetition


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is for a task.

    Attributes:
        scenarios: those that exercise it.
        recorded: what a run has of them; None when no run was looked at, or while learning for what a policy
            has to refuse: those scenarios are controls then, which are done when somebody asks for them.
    """

    task: Task
    scenarios: tuple[WrittenScenario, ...]
    recorded: tuple[RecordedScenario, ...] | None = None

    def outcomes(self, scenario: WrittenScenario) -> Counter[str]:
        """How often the run has which outcome of one of the scenarios, all rows and repetitions together."""
        recorded = self.recorded or ()
        return Counter(one.record.outcome for one in recorded if without_repetition(one.id) in scenario.ids)

    @property
    def is_skipped(self) -> bool:
        """Whether the run could try none of its scenarios; each says why."""
        outcomes = {scenario.record.outcome for scenario in self.recorded or ()}
        return outcomes == {"skipped"}

    @property
    def problem(self) -> str:
        """Why the task counts as open; empty when it does not."""
        if not self.scenarios:
            return "" if self.task.reason else "no scenario, and no reason why"
        if self.recorded is None:
            return ""
        if self.is_skipped or any(one.record.outcome == "passed" for one in self.recorded):
            return ""
        outcomes = {scenario.record.outcome for scenario in self.recorded}
        return f"not passed in the run: {', '.join(sorted(outcomes))}" if outcomes else "not in the run"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answers by area, and the scenarios that belong to no task.

    Attributes:
        strays: scenarios without a task, each with what is wrong.
    """

    areas: tuple[tuple[Area, tuple[Answer, ...]], ...]
    strays: tuple[tuple[WrittenScenario, str], ...]

    @property
    def answers(self) -> Iterator[Answer]:
        """All answers, area by area."""
        return (answer for _area, answers in self.areas for answer in answers)

    @property
    def open(self) -> tuple[Answer, ...]:
        """The tasks without an answer."""
        return tuple(answer for answer in self.answers if answer.problem)

    @property
    def complete(self) -> bool:
        """Whether each task has an answer and each scenario a task."""
        return not self.open and not self.strays


def coverage(areas: Sequence[Area], scenarios: Sequence[WrittenScenario], run: Run | None = None) -> Coverage:
    """Lay scenarios, and a run of them, beside the tasks."""
    tries = _tries(run) if run is not None else ()

    def answer(task: Task) -> Answer:
        written = tuple(one for one in scenarios if task.id in one.tasks)
        if run is None:
            return Answer(task, written)
        recorded = tuple(one for one in tries if task.id in tasks_of(one.record.tags))
        controls = run.manifest.mode == "learning" and all("refused" in one.tags for one in written)
        return Answer(task, written, None if controls and not recorded else recorded)

    known = {task.id for area in areas for task in area.tasks}
    folders = {area.name for area in areas}
    ids = learned(scenarios)
    return Coverage(
        tuple((area, tuple(map(answer, area.tasks))) for area in areas),
        tuple((one, problem) for one in scenarios if (problem := _stray(one, known, folders, ids))),
    )


def _tries(run: Run) -> tuple[RecordedScenario, ...]:
    """What a run has of scenarios, but for a try that was broken off of one that it tried again."""
    ended = {one.record.repeated for one in run.scenarios if not one.interrupted}
    return tuple(one for one in run.scenarios if not one.interrupted or one.record.repeated not in ended)


def _stray(scenario: WrittenScenario, known: set[str], folders: set[str], ids: frozenset[str]) -> str:
    """Why `scenario` belongs to no task; empty when it does, or is a variant of one that does."""
    if mistake := mistaken_twin(scenario, ids):
        return mistake
    if "variant" in scenario.tags:
        return ""
    if unknown := scenario.tasks - known:
        return f"no such task: {', '.join(sorted(unknown))}"
    if not scenario.tasks:
        return "it has no tag @task:AREA/NAME"
    folder = scenario.feature.partition("/")[0]
    return "" if folder in folders else f"its folder {folder} is no area"
