"""The page from a run: what is seen at once is rendered here, the rest is packed for `page.js`."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2

from harness.analysis import recorded_provenance, short_chain, unknown_reasons
from harness.analysis.denials import Alike, alike, by_domain
from harness.analysis.loop import seconds_of
from harness.analysis.saturation import by_need, saturation, together
from harness.record import RecordedScenario, Run, storage
from harness.record.loop import Loop, Stage, Trial
from harness.record.schema import ScenarioRecord, Step, Verdict, VerdictRecord
from harness.report.loop import by_replay, stages_of
from harness.report.page.data import pack, programs_data, rules_by_step, scenario_data
from harness.report.page.pictures import Album, preview
from harness.report.text import count_of, duration, outcome_of, part_of, printable

# In bytes. What the rules leave of it goes to the screens, which can be smaller; rules cannot.
_WANTED_SIZE = 13_000_000
_LEAST_FOR_SCREENS = 1_000_000
# Of one scenario; verdict.json has all of them.
_MOST_DENIALS = 400
_FIRST: tuple[Verdict, ...] = ("failed", "passed with denials", "not tried", "passed")


@dataclass(frozen=True, slots=True)
class _ScenarioView:
    """A scenario as the template wants it.

    Attributes:
        rules: how many rules each step asked for; None stands for what came before the first step.
        unknown: how many rules have no record, by reason.
        data: what the page's script unpacks.
        verdict: what a policy did to it; None where it was learned from.
    """

    record: ScenarioRecord
    outcome: str
    rules: Mapping[int | None, int]
    preview: str
    unknown: Mapping[str, int]
    data: str
    verdict: VerdictRecord | None


@dataclass(frozen=True, slots=True)
class _Judged:
    """A line of the section on verdicts.

    Attributes:
        title: a scenario's name, or the way to a checkpoint.
        anchor: the scenario's place in the page; empty for a checkpoint.
        steps: the scenario's steps.
        verdict: what the policy did.
        domains: the denials that nobody asked for, by domain, the first of them; their number is `denied`.
    """

    title: str
    anchor: str
    kind: str
    steps: Sequence[Step]
    verdict: VerdictRecord
    domains: Mapping[str, Sequence[Alike]]

    @property
    def denied(self) -> int:
        """How many kinds of accesses were denied that should not have been."""
        return len(self.verdict.unwanted)


@dataclass(frozen=True, slots=True)
class _Bar:
    """The stages of a trial on one line, the longest trial as wide as the page.

    Attributes:
        parts: stages with their share of that width, in percent.
        seconds: all of them together.
    """

    trial: Trial
    parts: Sequence[tuple[Stage, float]]
    seconds: float


def write_page(run: Run, path: Path) -> None:
    """Write the page of a run as one file.

    Raises:
        HostError: the disk is full or the place cannot be written.
    """
    storage.replace(path, render_page(run).encode("utf-8"))


def render_page(run: Run) -> str:
    """The page of a run."""
    scenarios = [_view(scenario) for scenario in run.scenarios]
    left = _WANTED_SIZE - sum(len(scenario.data) for scenario in scenarios)
    screens = [path for scenario in run.scenarios for path in _screens(scenario)]
    album = Album.for_screens(screens, max(left, _LEAST_FOR_SCREENS))
    style, script = _asset("page.css"), _asset("page.js")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_asset),
    )
    environment.filters["count_of"] = count_of
    environment.filters["duration"] = duration
    environment.filters["by_replay"] = by_replay
    environment.filters["chain"] = lambda domain: " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(
        short_chain(domain)
    )
    environment.filters["visible"] = lambda text: printable(text, lines=True)
    environment.filters["part_of"] = part_of
    environment.filters["thousands"] = "{:,}".format
    loop = Loop.of_run(run.path)
    repeated = saturation(run)
    return environment.get_template("page.html.j2").render(
        table=loop,
        bars=_bars(loop) if loop else (),
        run=run,
        manifest=run.manifest,
        seconds=seconds_of(run),
        judged=_judged(run),
        scenarios=scenarios,
        picture=lambda record, name: album.embed(run.path / "scenarios" / record.id / name),
        most_rules=max((scenario.record.counts.rules for scenario in run.scenarios), default=0),
        programs=pack(programs_data(run)),
        repeated=by_need(repeated),
        sums=together(repeated),
        style=style,
        script=script,
        # Only this script runs in the page, whatever a guest may have smuggled into it.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _view(scenario: RecordedScenario) -> _ScenarioView:
    provenance = recorded_provenance(scenario)
    screens = _screens(scenario)
    return _ScenarioView(
        record=scenario.record,
        outcome=outcome_of(scenario),
        rules=rules_by_step(provenance),
        preview=preview(screens[-1]) if screens else "",
        unknown=unknown_reasons(provenance),
        data=pack(scenario_data(scenario, provenance)),
        verdict=scenario.verdict(),
    )


def _bars(loop: Loop) -> list[_Bar]:
    stages = [stages_of(trial) for trial in loop.trials]
    totals = [sum(stage.seconds for stage in one) for one in stages]
    longest = max(totals, default=0.0) or 1.0
    return [
        _Bar(trial, [(stage, 100 * stage.seconds / longest) for stage in one], total)
        for trial, one, total in zip(loop.trials, stages, totals, strict=True)
    ]


def _judged(run: Run) -> list[_Judged]:
    """What failed comes first, then what was denied something; tasks before attempts, in order of trial."""
    found = []
    for checkpoint in run.checkpoints:
        if (verdict := checkpoint.verdict()) is not None:
            title = f"The way to {checkpoint.record.name}"
            found.append(_Judged(title, "", "", (), verdict, _shown(verdict)))
    for scenario in run.scenarios:
        if (verdict := scenario.verdict()) is not None:
            record = scenario.record
            kind = "" if record.kind == "task" else record.kind
            found.append(_Judged(record.title, record.id, kind, record.steps, verdict, _shown(verdict)))
    return sorted(found, key=lambda one: (_FIRST.index(one.verdict.verdict), one.kind == "refused"))


def _shown(verdict: VerdictRecord) -> Mapping[str, Sequence[Alike]]:
    return by_domain(alike(verdict.unwanted)[:_MOST_DENIALS])


def _screens(scenario: RecordedScenario) -> list[Path]:
    record = scenario.record
    names = (*record.screens, *(screen for step in record.steps for screen in step.screens))
    return [scenario.folder / name for name in names]
