"""`tomograph why`: who asked for a rule."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.analysis import Answer, who_asked
from harness.record import Run
from harness.report.text import answers_view

_SHOWN = 20


@click.command()
@click.argument("rule")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help=f"Show every rule, not only the first {_SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, one line an answer.")
def why(rule: str, run: Path, *, everything: bool, as_json: bool) -> int:
    r"""Who asked for RULE in RUN: scenario, step, process and arguments.

    RULE is a line of policy, a path, a pattern such as '/tmp/\*', or any part of a line. Exits with 1 when
    no scenario learned such a rule.
    """
    answers = who_asked(Run.read(run), rule)
    if as_json:
        for answer in answers:
            click.echo(json.dumps(_as_json(answer)))
    elif answers:
        limit = len(answers) if everything else _SHOWN
        Console(highlight=False).print(answers_view(answers, limit=limit))
    else:
        Console(stderr=True, highlight=False).print(f"no scenario of {run} learned such a rule", markup=False)
    return 0 if answers else 1


def _as_json(answer: Answer) -> dict[str, object]:
    step = answer.step
    return {
        "scenario": answer.scenario.id,
        "name": answer.scenario.record.name,
        "step_text": f"{step.keyword} {step.text}" if step else None,
        **answer.provenance.model_dump(mode="json"),
    }
