"""The tasks and who exercises them: for a terminal, and as the page `docs/user-tasks.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.analysis.coverage import Answer, Coverage
from harness.record import Run
from harness.report.text import OUTCOME_STYLE, count_of, outcome_of, printable

_KINDS = _EXERCISED, _NOT_HERE, _SKIPPED, _OPEN = "exercised", "not possible here", "skipped", "open"


def coverage_view(coverage: Coverage) -> RenderableType:
    """A line a task with its scenarios or the reason why there is none, then what is left open."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Task", no_wrap=True)
    table.add_column("Exercised by", overflow="fold")
    for area, answers in coverage.areas:
        table.add_row("", Text(area.title, style="bold"))
        for answer in answers:
            table.add_row(Text(answer.task.id), _exercised(answer))
    parts: list[RenderableType] = [table, Text("")]
    parts += [
        Text(f"{scenario.feature}: {printable(scenario.name)}: {problem}", style="bold red")
        for scenario, problem in coverage.strays
    ]
    return Group(*parts, Text(summary(coverage), style="green" if coverage.complete else "bold red"))


def summary(coverage: Coverage) -> str:
    """One line: how many tasks have which kind of answer."""
    answers = list(coverage.answers)
    kinds = Counter(map(_kind, answers))
    shown = (kind for kind in _KINDS if kind != _SKIPPED or kinds[kind])
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in shown)
    count = len(coverage.strays)
    strays = f"; {count_of(count, 'scenario belongs', 'scenarios belong')} to none" if count else ""
    areas = count_of(len(coverage.areas), "area")
    return f"{count_of(len(answers), 'task')} in {areas}: {counted}{strays}"


def _kind(answer: Answer) -> str:
    if answer.problem:
        return _OPEN
    if answer.is_skipped:
        return _SKIPPED
    return _EXERCISED if answer.scenarios else _NOT_HERE


def coverage_page(coverage: Coverage, run: Run | None = None) -> str:
    """The same as a page in Markdown; with a run's outcomes, when the coverage is one of a run."""
    return "\n".join(_lines(coverage, run)) + "\n"


def _lines(coverage: Coverage, run: Run | None) -> Iterator[str]:
    yield "# What people do"
    yield ""
    yield "<!-- Written by `tomograph coverage --page`, from features/tasks.toml and the features. -->"
    yield ""
    yield summary(coverage) + "."
    if run is not None:
        image, started = run.manifest.image, run.manifest.started
        yield ""
        yield f"What became of each in a run of {started:%Y-%m-%d} on the image `{image.label}`:"
    for area, answers in coverage.areas:
        yield from ("", f"## {area.title}", "", "| task | | exercised by |", "|---|---|---|")
        for answer in answers:
            yield f"| `{answer.task.id}` | {answer.task.title} | {_cell(answer)} |"


def _cell(answer: Answer) -> str:
    names = [
        f"{scenario.name} (`{scenario.feature}`){_outcomes(answer.outcomes(scenario))}"
        for scenario in answer.scenarios
    ]
    parts = [*names, *([answer.task.reason] if answer.task.reason else [])]
    return "<br>".join(part.replace("|", "\\|") for part in parts) or "**no scenario yet**"


def _outcomes(counted: Counter[str]) -> str:
    """Of a scenario that was tried once its outcome, of one with rows or repetitions how many of each."""
    if not counted:
        return ""
    told = ", ".join(
        outcome if counted.total() == 1 else f"{count} {outcome}" for outcome, count in counted.items()
    )
    return f": *{told}*"


def _exercised(answer: Answer) -> Text:
    lines: list[Text] = []
    if answer.recorded is None:
        lines += [Text(printable(scenario.name)) for scenario in answer.scenarios]
    else:
        tried = Counter(
            (
                one.record.repeated,  # two features may have a scenario of one name
                outcome_of(one),
                one.record.name,
                one.record.error if one.record.outcome == "skipped" else "",
            )
            for one in answer.recorded
        )
        lines += [
            Text.assemble(
                (outcome if times == 1 else f"{times} {outcome}", OUTCOME_STYLE[outcome]),
                f" {printable(name)}",
                f": {printable(why)}" if why else "",
            )
            for (_id, outcome, name, why), times in tried.items()
        ]
    if answer.task.reason:
        lines.append(Text(answer.task.reason, style="yellow"))
    if answer.problem:
        lines.append(Text(f"{answer.task.title}: {answer.problem}", style="bold red"))
    return Text("\n").join(lines)
