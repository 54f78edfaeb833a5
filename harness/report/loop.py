"""The loop as tables for a terminal: rounds, rules before and after, over-permission, time of each stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from harness.record.loop import Loop, Pass, Round, Stage, Standing, Trial
from harness.report.text import chain, duration, printable

_DOMAINS = 10
_UNLIMITED = 10_000


def loop_view(loop: Loop) -> RenderableType:
    """The whole table of a loop."""
    parts: list[RenderableType] = [RoundsTable(loop.trials)]
    if any(trial.figures is not None for trial in loop.trials):
        parts += [Text(""), _figures(loop.trials)]
    for trial in loop.trials:
        if trial.widths:
            parts += [Text(""), _widths(trial)]
    return Group(*parts, Text(""), _stages(loop.trials))


@dataclass(frozen=True, slots=True)
class RoundsTable:
    """A line for each run of each round of each policy: what passed, what was denied, what is proposed.

    What would be the same all along is left out. Where the lines have no room, each run becomes a column.
    """

    trials: Sequence[Trial]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, for as many columns of characters as there are."""
        lines = self._lines()
        table = _table(lines, is_text=lambda title: title in ("Policy", "Run"))
        if console.measure(table, options=options.update(max_width=_UNLIMITED)).maximum > options.max_width:
            turned = [[row[at] for row in lines] for at in range(len(lines[0]))]
            table = _table(turned, is_text=lambda title: title == lines[0][0])
        yield table

    @property
    def titles(self) -> list[str]:
        """What is told of each run."""
        return [str(title) for title in self._lines()[0]]

    def _lines(self) -> list[list[Text | str]]:
        """The titles, then a line for each run."""
        cells = [
            _cells(trial, one, part) for trial in self.trials for one in trial.rounds for part in one.passes
        ]
        always = {"Run", "Rules", "Tasks", "Denials", "Time"}
        titles = [title for title in cells[0] if title in always or any(str(row[title]) for row in cells)]
        if len(self.trials) == 1:
            titles.remove("Policy")
        return [[*titles], *([row[title] for title in titles] for row in cells)]


def _table(lines: Sequence[Sequence[Text | str]], *, is_text: Callable[[str], bool]) -> Table:
    """The first line is the titles; numbers are flushed right."""
    table = Table(box=None, pad_edge=False)
    for title in map(str, lines[0]):
        table.add_column(title, justify="left" if is_text(title) else "right", no_wrap=title != "Policy")
    for line in lines[1:]:
        table.add_row(*line)
    return table


def _cells(trial: Trial, one: Round, part: Pass) -> dict[str, Text | str]:
    """A line of the table; what the line above says already is left out."""
    gate, is_first, is_last = part.gate, part is one.passes[0], part is one.passes[-1]
    goes_round = len(trial.rounds) > 1 or one.proposed
    return {
        "Policy": printable(trial.name) if is_first and one is trial.rounds[0] else "",
        "Run": part.name,
        "Round": str(one.number) if is_first and goes_round else "",
        "Rules": f"{one.rules:,}" if is_first else "",
        "Boot": _boot(part),
        "Tasks": _standing(gate.tasks),
        "Variants": _standing(gate.variants),
        "Refused": _standing(gate.refused),
        "Denials": Text(f"{gate.denials:,}", "" if gate.holds else "yellow") if gate.tasks.total else "",
        "In variants": f"{gate.variant_denials:,}" if gate.variant_denials else "",
        "By replay": by_replay(part),
        "Proposed": f"{one.proposed:,}" if is_last and goes_round else "",
        "Time": duration(part.seconds),
    }


def by_replay(part: Pass) -> str:
    """The denials of the tasks replay by replay; empty where there was one alone."""
    return " + ".join(map(str, part.gate.replays)) if len(part.gate.replays) > 1 else ""


def stages_of(trial: Trial) -> list[Stage]:
    """All stages of a policy in their order, those of a run named by it."""
    runs = [
        stage.model_copy(update={"what": f"round {one.number}: {part.name}"})
        for one in trial.rounds
        for part in one.passes
        for stage in part.stages
    ]
    return [*trial.stages, *runs]


def _figures(trials: Iterable[Trial]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Policy", overflow="fold")
    for title in ("Learned rules", "Shipped rules", "Lines", "Paths beyond"):
        table.add_column(title, justify="right")
    for trial in trials:
        if (figures := trial.figures) is not None:
            beyond = "unknown: tune --image" if figures.beyond is None else f"{figures.beyond:,}"
            lines = f"{figures.lines_before:,} → {figures.lines_after:,}"
            table.add_row(
                printable(trial.name), f"{figures.learned:,}", f"{figures.shipped:,}", lines, beyond
            )
    return table


def _widths(trial: Trial) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(f"Domain of {printable(trial.name)}, most paths beyond first", overflow="fold")
    table.add_column("Rules", justify="right")
    table.add_column("Paths beyond", justify="right")
    for width in trial.widths[:_DOMAINS]:
        table.add_row(chain(width.domain), f"{width.rules:,}", f"{width.beyond:,}")
    if len(trial.widths) > _DOMAINS:
        table.caption = f"{len(trial.widths) - _DOMAINS} more with fewer: loop.json"
        table.caption_justify = "left"
    return table


def _stages(trials: Iterable[Trial]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("Policy", "Stage", "Of"):
        table.add_column(title, overflow="fold")
    table.add_column("Time", justify="right")
    for trial in trials:
        for index, stage in enumerate(stages_of(trial)):
            name = printable(trial.name) if index == 0 else ""
            table.add_row(name, stage.name, printable(stage.what), duration(stage.seconds))
    return table


def _boot(part: Pass) -> Text:
    denied = "" if part.gate.boot_denials is None else f"{part.gate.boot_denials:,}"
    if part.gate.boot_failed:
        # Of a boot that was broken off nobody asked for the audit.
        return Text(f"failed: {denied}" if part.gate.boot_denials else "failed", "bold red")
    return Text(denied)


def _standing(standing: Standing) -> str:
    return f"{standing.passed}/{standing.total}" if standing.total else ""
