"""`tomograph coverage`: which tasks are exercised, and what is left open."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

import features
from harness.analysis import coverage as analysis
from harness.analysis.tasks import LIST, read_scenarios, read_tasks
from harness.record import Run, storage
from harness.report.coverage import coverage_page, coverage_view

_FEATURES = Path(features.__file__).parent


@click.command()
@click.argument("run", type=click.Path(path_type=Path), required=False)
@click.option("--features", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
              default=_FEATURES, help="Default: Tomograph's own.")  # fmt: skip
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page in Markdown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def coverage(*, run: Path | None, folder: Path, page: Path | None, as_json: bool) -> int:
    """Which tasks of tasks.toml are exercised, by which scenarios, and what became of them in RUN.

    Exits with 1 when a task has neither a scenario nor a reason, when a scenario has no task, or when RUN
    has no scenario of a task that passed.
    """
    record = Run.read(run) if run else None
    found = analysis.coverage(read_tasks(folder / LIST), read_scenarios(folder), record)
    if page is not None:
        storage.replace(page, coverage_page(found, record).encode())
    if as_json:
        click.echo(json.dumps(_json(found), indent=1))
    else:
        Console(highlight=False).print(coverage_view(found))
    return 0 if found.complete else 1


def _json(found: analysis.Coverage) -> dict[str, object]:
    return {
        "tasks": [
            {
                "task": answer.task.id,
                "title": answer.task.title,
                "reason": answer.task.reason,
                "scenarios": {name: scenario.name for scenario in answer.scenarios for name in scenario.ids},
                "outcomes": None
                if answer.recorded is None
                else {one.id: one.record.outcome for one in answer.recorded},
                "problem": answer.problem,
            }
            for answer in found.answers
        ],
        "strays": {f"{one.feature}: {one.name}": problem for one, problem in found.strays},
    }
