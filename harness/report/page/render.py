"""The page from a run: what is seen at once is rendered here, the rest is packed for `page.js`."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2

from harness.analysis import recorded_provenance, unknown_reasons
from harness.record import RecordedScenario, Run, storage
from harness.record.schema import ScenarioRecord, Step
from harness.report.page.data import pack, programs_data, rules_by_step, scenario_data
from harness.report.page.pictures import Album, preview
from harness.report.text import duration, outcome_of, printable

_BUDGET_FOR_SCREENS = 8_000_000


@dataclass(frozen=True, slots=True)
class _StepView:
    step: Step
    rules: int
    screens: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _ScenarioView:
    """A scenario as the template wants it; `data` is what its script unpacks."""

    record: ScenarioRecord
    outcome: str
    steps: tuple[_StepView, ...]
    rules_before: int
    screens: tuple[tuple[str, str], ...]
    preview: str
    unknown: dict[str, int]
    data: str


def write_page(run: Run, path: Path) -> None:
    """Write the page of a run as one file.

    Raises:
        HostError: the disk is full or the place cannot be written.
    """
    storage.replace(path, render_page(run).encode("utf-8"))


def render_page(run: Run) -> str:
    """The page of a run."""
    screens = [folder / name for scenario in run.scenarios for folder, name in _screens(scenario)]
    album = Album.for_screens(screens, _BUDGET_FOR_SCREENS)
    style, script = _asset("page.css"), _asset("page.js")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_asset),
    )
    environment.filters["duration"] = duration
    environment.filters["visible"] = lambda text: printable(text, lines=True)
    return environment.get_template("page.html.j2").render(
        run=run,
        manifest=run.manifest,
        seconds=_seconds(run),
        scenarios=[_view(scenario, album) for scenario in run.scenarios],
        most_rules=max((scenario.record.counts.rules for scenario in run.scenarios), default=0),
        programs=pack(programs_data(run)),
        style=style,
        script=script,
        # Only this script runs in the page, whatever a guest may have smuggled into it.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _view(scenario: RecordedScenario, album: Album) -> _ScenarioView:
    record = scenario.record
    provenance = recorded_provenance(scenario)
    by_step = rules_by_step(provenance)

    def pictures(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        embedded = ((name, album.embed(scenario.folder / name)) for name in names)
        return tuple((name, address) for name, address in embedded if address)

    every = [name for _, name in _screens(scenario)]
    return _ScenarioView(
        record=record,
        outcome=outcome_of(scenario),
        steps=tuple(_StepView(step, by_step[step.index], pictures(step.screens)) for step in record.steps),
        rules_before=by_step[None],
        screens=pictures(record.screens),
        preview=preview(scenario.folder / every[-1]) if every else "",
        unknown=dict(unknown_reasons(provenance)),
        data=pack(scenario_data(scenario, provenance)),
    )


def _screens(scenario: RecordedScenario) -> list[tuple[Path, str]]:
    record = scenario.record
    names = (*record.screens, *(screen for step in record.steps for screen in step.screens))
    return [(scenario.folder, name) for name in names]


def _seconds(run: Run) -> float | None:
    finished = run.manifest.finished
    return (finished - run.manifest.started).total_seconds() if finished else None
