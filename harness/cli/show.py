"""`tomograph show`: what a run, or one scenario, did, learned, and was denied."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.analysis.saturation import Saturation
from harness.cli._damage import tell_damage
from harness.cli._repetitions import compared_repetitions
from harness.record import RecordedScenario, Run
from harness.record.loop import Loop
from harness.report.loop import loop_view
from harness.report.saturation import saturation_view
from harness.report.text import run_view, scenario_view
from harness.report.verdicts import denials_view, verdicts_view

_DENIALS = 20


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("scenario", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def show(run: Path, scenario: str | None, *, as_json: bool) -> None:
    """What RUN, or one SCENARIO of it, did and learned.

    SCENARIO is an ID, or a part of an ID or name that only one scenario has. Where `tomograph enforce` left
    several runs, RUN may be the folder around them: the table of all of them is shown.
    """
    if scenario is None and not (run / "manifest.json").exists() and (loop := Loop.read(run)) is not None:
        if as_json:
            click.echo(loop.model_dump_json(by_alias=True))
        else:
            Console(highlight=False).print(loop_view(loop))
        return
    read = Run.read(run)
    chosen = read.scenario(scenario) if scenario is not None else None
    if chosen is not None or as_json:  # the view of a whole run tells it itself
        tell_damage(read)
    if as_json:
        click.echo(_scenario_json(chosen) if chosen else _run_json(read))
    else:
        console = Console(highlight=False)
        console.print(scenario_view(chosen) if chosen else run_view(read))
        if read.manifest.enforced is not None:
            console.print("")
            verdicts = denials_view(chosen) if chosen else verdicts_view(read, limit=_DENIALS)
            console.print(verdicts, soft_wrap=True)  # a rule is there to be copied
            if chosen is None and (loop := Loop.of_run(run)) is not None:
                console.print("")
                console.print(loop_view(loop))
        if chosen is None and (repeated := compared_repetitions(read)):
            console.print(saturation_view(repeated))


def _run_json(run: Run) -> str:
    scenarios = ",".join(_scenario_json(scenario) for scenario in run.scenarios)
    checkpoints = ",".join(checkpoint.record.model_dump_json(by_alias=True) for checkpoint in run.checkpoints)
    manifest = run.manifest.model_dump_json(by_alias=True)
    repeated = json.dumps([_saturation_json(one) for one in compared_repetitions(run)])
    return (
        f'{{"manifest":{manifest},"checkpoints":[{checkpoints}],"scenarios":[{scenarios}],'
        f'"repeated":{repeated}}}'
    )


def _saturation_json(one: Saturation) -> dict[str, object]:
    return {
        "scenario": one.name,
        "outcomes": one.outcomes,
        "added": one.added,
        "expected": one.expected,
        "worth_another": one.worth_another,
        "varying": [
            {"domain": domain, "rule": rule, "repetitions": times} for (domain, rule), times in one.varying
        ],
    }


def _scenario_json(scenario: RecordedScenario) -> str:
    return scenario.record.model_dump_json(by_alias=True)
