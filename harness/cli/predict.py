"""`tomograph predict`: what a policy would have denied to a run that learned."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.analysis.prediction import Predicted, not_judged
from harness.analysis.prediction import predict as predicted
from harness.cli._damage import tell_damage
from harness.errors import RecordError
from harness.record import Run, ShippedPolicy
from harness.record.kinds import is_policy, is_run
from harness.report.text import printable
from harness.report.verdicts import predictions_view
from harness.report.waiting import waiting

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("policy", type=_PATH)
@click.argument("run", type=_PATH)
@click.option("--limit", default=5, show_default=True, help="Denials to show of each scenario.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def predict(policy: Path, run: Path, *, limit: int, as_json: bool) -> int:
    """What POLICY would have denied to RUN, which learned: a minute or two, where trying it takes hours.

    The run should not be among those that the policy was tuned from. Then its denials are those of a new
    release, or of the same tasks done once more. Only what learning asked for is known: what a program does
    after its first denial is not.

    Exits with 1 when something would have been denied.
    """
    if is_run(policy) and is_policy(run):
        raise RecordError(
            f"POLICY and RUN are swapped: {policy} is a run, and {run} a policy folder",
            expected="the policy first, then the run that learned",
            hint=f"tomograph predict {run} {policy}",
        )
    read = Run.read(run)
    tell_damage(read)
    errors = Console(stderr=True, highlight=False)
    for name, outcome in not_judged(read):
        errors.print(f"left out, {outcome}: {printable(name)}", style="yellow", markup=False, soft_wrap=True)
    with waiting(errors) as progress:
        found = predicted(ShippedPolicy.read(policy), read, progress)
    if as_json:
        click.echo(json.dumps([_json(one) for one in found], indent=1))
    else:
        Console(highlight=False).print(predictions_view(found, limit=limit), soft_wrap=True)
    return 0 if all(one.holds for one in found) else 1


def _json(one: Predicted) -> dict[str, object]:
    return {
        "name": one.name,
        "unknown": dict(one.unknown),
        "denials": [denial.model_dump(mode="json") for denial in one.verdict.denials],
    }
