"""`tomograph why`: who asked for a rule."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.analysis import Answer, tuning, who_asked
from harness.analysis.iteration import read_additions
from harness.cli._damage import tell_damage
from harness.record import Run, ShippedPolicy
from harness.record.kinds import is_run, not_a_run
from harness.record.shipped import EXPLANATION
from harness.report.text import answers_view, count_of
from harness.report.tuning import changed_note, reason_json, reason_view

_SHOWN = 20
_LINES = 5
_TAKEN = "a run, or a policy folder that `tomograph tune` wrote, with its tuning.json"


@click.command()
@click.argument("rule")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help=f"Show every rule, not only the first {_SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, one line an answer.")
def why(rule: str, run: Path, *, everything: bool, as_json: bool) -> int:
    r"""Who asked for RULE in RUN, or in a policy that `tune` wrote: scenario, step, process and arguments.

    RULE is a line of policy, a path, a pattern such as '/tmp/\*', or any part of a line. In a policy it
    names shipped lines, a rule those that grant it, a path or an address those that admit it, a domain or
    'acl_group N' all of its own; each is traced to the learned rules behind it, or to the denial that it was
    added for.
    Exits with 1 when there is no such rule.
    """
    if not rule.strip():
        raise click.BadParameter("an empty text is a part of every line", param_hint="RULE")
    if (run / EXPLANATION).is_file():
        return _in_policy(rule, run, everything=everything, as_json=as_json)
    if not is_run(run):
        raise not_a_run(run, expected=_TAKEN)
    read = Run.read(run)
    tell_damage(read)
    answers = who_asked(read, rule)
    if as_json:
        for answer in answers:
            click.echo(json.dumps(_as_json(answer)))
    elif answers:
        limit = len(answers) if everything else _SHOWN
        Console(highlight=False).print(answers_view(answers, limit=limit), soft_wrap=True)
    else:
        Console(stderr=True, highlight=False).print(
            f"no scenario of {run} learned such a rule; a part of its path is enough to find it", markup=False
        )
    return 0 if answers else 1


def _in_policy(rule: str, policy: Path, *, everything: bool, as_json: bool) -> int:
    shipped = ShippedPolicy.read(policy)
    explanation = shipped.explanation
    assert explanation is not None
    aloud = Console(stderr=True, highlight=False)
    if note := changed_note(policy, shipped):
        aloud.print(note, markup=False, style="yellow")
    found = tuning.reasons(shipped, rule, additions=read_additions(policy))
    shown = found if everything or as_json else found[:_LINES]
    console = Console(highlight=False)
    for reason in shown:
        answers, missing = tuning.who_asked_for(explanation, reason)
        if as_json:
            click.echo(json.dumps(reason_json(reason, [_as_json(answer) for answer in answers])))
        else:
            console.print(reason_view(reason, answers, missing), soft_wrap=True)
    if len(found) > len(shown):
        console.print(f"{count_of(len(found) - len(shown), 'more line')}: --all, or name a whole line")
    if not found:
        aloud.print(f"no line of {policy} is this, has it or grants it", markup=False)
    return 0 if found else 1


def _as_json(answer: Answer) -> dict[str, object]:
    step = answer.step
    return {
        "scenario": answer.scenario.id,
        "name": answer.scenario.record.name,
        "step_text": f"{step.keyword} {step.text}" if step else None,
        **answer.provenance.model_dump(mode="json"),
    }
