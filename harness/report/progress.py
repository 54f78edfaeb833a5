"""What a run is doing, from its events: the same for one worker or many.

`RunProgress` takes events in and holds what is known; the functions below it show that as a live view or
as plain lines. `follow` does it for a run that is being written.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.record.events import EventFollower
from harness.record.schema import Event
from harness.report.text import OUTCOME_STYLE, count_of, duration, printable

_REASON_LINES = 3
_LOOKS_PER_SECOND = 4
_ON_THE_WAY = {"checkpoint_started": "starting", "checkpoint_settled": "saving"}


@dataclass(slots=True)
class WorkerProgress:
    """What one worker is doing: the scenario, its step, and since when."""

    task: str = ""
    doing: str = ""
    since: datetime | None = None
    rules: int | None = None


@dataclass(slots=True)
class RunProgress:
    """Where a run stands.

    Attributes:
        total: how many scenarios there will be, 0 until known; of a resumed run, those that are left.
        workers: name → what it does.
        finished: the `scenario_finished` events so far; a resumed scenario counts once.
        findings: how many findings so far.
    """

    name: str = ""
    total: int = 0
    started: datetime | None = None
    workers: dict[str, WorkerProgress] = field(default_factory=dict)
    finished: dict[str, Event] = field(default_factory=dict)
    findings: int = 0

    def apply(self, event: Event) -> None:
        """Take an event in."""
        if event.kind == "run_started":
            self.name, self.total, self.started = event.name, event.total or 0, event.at
            self.workers.clear()
            self.finished.clear()
            self.findings = 0
            return
        if event.kind == "run_finished":
            self.workers.clear()
            return
        worker = self.workers.setdefault(event.worker, WorkerProgress(since=event.at))
        match event.kind:
            case "checkpoint_started" | "checkpoint_stage" | "checkpoint_settled":
                # A checkpoint is made on the way of the scenario that needs it first.
                worker.doing = (
                    f"on the way to {event.checkpoint}: {event.text or _ON_THE_WAY.get(event.kind, '')}"
                )
            case "checkpoint_saved" | "checkpoint_failed":
                worker.doing = ""
            case "scenario_started":
                self.finished.pop(event.scenario, None)
                self.workers[event.worker] = WorkerProgress(event.name, since=event.at)
            case "step_started":
                worker.doing = event.text
            case "rules":
                worker.rules = event.rules
            case "finding":
                self.findings += 1
            case "scenario_finished":
                self.finished[event.scenario] = event
                del self.workers[event.worker]

    def seconds_left(self) -> float | None:
        """A guess from the mean of what is done; None while nothing is."""
        times = [event.seconds for event in self.finished.values() if event.seconds]
        if not times or not self.total:
            return None
        waiting = max(0, self.total - len(self.finished))
        return waiting * sum(times) / len(times) / max(1, min(waiting, len(self.workers)))


def live_view(progress: RunProgress, now: datetime) -> RenderableType:
    """The run as it stands: a bar, and a line a worker."""
    done = len(progress.finished)
    bad = sum(event.outcome in {"failed", "error"} for event in progress.finished.values())
    left = progress.seconds_left()
    head = Table.grid(padding=(0, 2))
    head.add_row(
        Text(progress.name or "run", style="bold"),
        ProgressBar(total=max(progress.total, 1), completed=done, width=24),
        f"{done} of {count_of(progress.total, 'scenario') if progress.total else '? scenarios'}",
        Text(f"{bad} failed", style="bold red" if bad else "dim"),
        Text(
            count_of(progress.findings, "finding"),
            style="yellow" if progress.findings else "dim",
        ),
        duration((now - progress.started).total_seconds()) if progress.started else "",
        f"about {duration(left)} left" if left else "",
    )
    rows = Table.grid(padding=(0, 2), expand=True)
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(no_wrap=True, justify="right")
    rows.add_column(no_wrap=True, justify="right", style="cyan")
    rows.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for name, worker in sorted(progress.workers.items()):
        rows.add_row(
            name,
            duration((now - worker.since).total_seconds()) if worker.since else "",
            count_of(worker.rules, "rule") if worker.rules is not None else "",
            Text.assemble((printable(worker.task), "bold"), "  ", printable(worker.doing)),
        )
    return Group(head, rows)


def plain_line(event: Event) -> Text | None:
    """An event as a line of a log; None for one that says nothing by itself."""
    subject, words = event.scenario or event.checkpoint, ""
    match event.kind:
        case "run_started":
            subject, words = (
                event.name,
                "; ".join(filter(None, (count_of(event.total or 0, "scenario"), event.text))),
            )
        case "run_finished":
            subject, words = event.name, "finished"
        case "checkpoint_started":
            words = "checkpoint: starting"
        case "checkpoint_stage" | "finding":
            words = f"{event.name}: {event.text}" if event.name else event.text
        case "checkpoint_settled":
            words = "settled"
        case "checkpoint_saved":
            words = "saved"
        case "checkpoint_failed":
            words = f"failed: {event.text}"
        case "step_finished":
            words = f"{event.outcome}: {event.text}"
        case "scenario_started":
            words = event.name
        case "scenario_finished":
            reason = " / ".join(event.text.strip().splitlines()[:_REASON_LINES])
            words = ": ".join(filter(None, (f"{event.outcome}, {_came_of(event)}", reason)))
        case _:
            return None
    line = Text.assemble((f"{event.at:%H:%M:%S}", "dim"), f" {event.worker:5} ")
    line.append(f"{printable(subject)}: ", "cyan").append(
        printable(words), OUTCOME_STYLE.get(event.outcome or "")
    )
    if event.seconds is not None:
        line.append(f" ({duration(event.seconds)})", "dim")
    return line


def _came_of(event: Event) -> str:
    """What a scenario taught, or what a policy denied to it."""
    if event.denials is not None:
        return count_of(event.denials, "denial")
    return count_of(event.rules or 0, "rule")


def finished_line(event: Event) -> Text:
    """A finished scenario, as it scrolls by above the live view."""
    assert event.outcome is not None
    line = Text.assemble((f"{event.outcome:8}", OUTCOME_STYLE[event.outcome]), " ", printable(event.name))
    line.append(f"  {duration(event.seconds or 0)}, {_came_of(event)}", "dim")
    if event.text:
        first = event.text.strip().partition("\n")[0]
        line.append(f"\n         {printable(first)}", "red")
    return line


@contextmanager
def follow(run: Path, console: Console, *, since: datetime | None = None) -> Iterator[RunProgress]:
    """Show the progress of a run until the block ends: live on a terminal, plain lines elsewhere.

    Args:
        run: its folder, which need not be there yet.
        console: where to show it.
        since: leave out what happened before, which is how a resumed run begins.
    """
    progress, over = RunProgress(), threading.Event()
    follower = EventFollower(run / "events.jsonl", since=since)
    show = _show_live if console.is_terminal else _show_lines
    thread = threading.Thread(
        target=show, args=(progress, follower, console, over), name="progress", daemon=True
    )
    thread.start()
    try:
        yield progress
    finally:
        over.set()
        thread.join()


def _show_live(
    progress: RunProgress, follower: EventFollower, console: Console, over: threading.Event
) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        for event in _events(follower, over):
            if event is not None:
                progress.apply(event)
                if event.kind == "run_started" and event.text:
                    console.print(Text(printable(event.text), "yellow"))
                if event.kind == "scenario_finished":
                    console.print(finished_line(event))
            else:
                live.update(live_view(progress, datetime.now(UTC)), refresh=True)


def _show_lines(
    progress: RunProgress, follower: EventFollower, console: Console, over: threading.Event
) -> None:
    for event in _events(follower, over):
        if event is not None:
            progress.apply(event)
            line = plain_line(event)
            if line is not None:
                console.print(line, soft_wrap=True)


def _events(follower: EventFollower, over: threading.Event) -> Iterator[Event | None]:
    """All events until `over`, with None after each look, also the last."""
    last = False
    while True:
        yield from follower.new()
        yield None
        if last:
            return
        last = over.wait(1 / _LOOKS_PER_SECOND)
