"""`tomograph diff`: what changed between two policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from harness.analysis.outcomes import Outcomes, compare_outcomes
from harness.cli._damage import tell_damage
from harness.policy import ExceptionPolicy
from harness.policy.diff import diff as compare
from harness.policy.patch import patch_lines
from harness.record.resolve import NamedPolicy, placing, read_exceptions, resolve
from harness.report.comparison import diff_json, diff_view
from harness.report.outcomes import outcomes_json, outcomes_view
from harness.report.text import count_of

_SHOWN = 20

_Beside = TypeVar("_Beside")


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--exception",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The exception policy of both; of a folder its own by default.",
)
@click.option("--lines", is_flag=True, help="Print lines for tomoyo-loadpolicy -d that lead from OLD to NEW.")
@click.option("--redundant", is_flag=True, help="Show changes without effect too.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"Domains to show, and changes of each; by default {_SHOWN} on a terminal, and all elsewhere.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def diff(
    old: str,
    new: str,
    *,
    exception: Path | None,
    lines: bool,
    redundant: bool,
    limit: int | None,
    as_json: bool,
) -> int:
    """What changed from OLD to NEW, by meaning; of two runs also which scenarios ended otherwise.

    Each is a run, RUN:SCENARIO, RUN:CHECKPOINT, a policy folder, or a domain policy file. Rules that
    domains share count as each one's own. Of two folders the profiles and the managers are compared too.
    Exits with 0 whether they differ or not.
    """
    before, after = resolve(old), resolve(new)
    tell_damage(before.run, after.run)
    was, now = _exceptions(before, after, exception)
    if lines:
        _print_lines(before, after, was, now)
        return 0
    alone = _alone(before, after)
    with placing(before.run, after.run):
        result = compare(
            before.policy,
            after.policy,
            was,
            now,
            profiles=_both(before.profiles, after.profiles),
            managers=_both(before.managers, after.managers),
        )
    outcomes = _outcomes(before, after)
    if as_json:
        told = {} if outcomes is None else {"outcomes": outcomes_json(outcomes)}
        click.echo(json.dumps({**told, **diff_json(result)}, indent=1))
    else:
        console = Console(highlight=False)
        if outcomes is not None:
            console.print(outcomes_view(outcomes), soft_wrap=True)
        if limit is None and console.is_terminal:
            limit = _SHOWN
        view = diff_view(result, redundant=redundant, limit=limit, whole=not alone)
        console.print(view, soft_wrap=True)
    return 0


def _print_lines(before: NamedPolicy, after: NamedPolicy, was: ExceptionPolicy, now: ExceptionPolicy) -> None:
    """What tomoyo-loadpolicy takes for the domains; that more differs goes to the error output."""
    if others := len(set(was.entries) ^ set(now.entries)):
        left_out = count_of(others, "line that is", "lines that are")
        click.echo(f"the exception policies differ too, in {left_out} not among these", err=True)
    for what, pair in (
        ("profiles", _both(before.profiles, after.profiles)),
        ("managers", _both(before.managers, after.managers)),
    ):
        if pair is not None and pair[0] != pair[1]:
            click.echo(f"the {what} differ too, and are not among these lines", err=True)
    with placing(before.run, after.run):
        for line in patch_lines(before.policy, after.policy):
            click.echo(line)


def _outcomes(before: NamedPolicy, after: NamedPolicy) -> Outcomes | None:
    """Of two whole runs."""
    if before.run is None or after.run is None:
        return None
    return compare_outcomes(before.run, after.run)


def _both(before: _Beside | None, after: _Beside | None) -> tuple[_Beside, _Beside] | None:
    return (before, after) if before is not None and after is not None else None


def _alone(before: NamedPolicy, after: NamedPolicy) -> bool:
    """Whether one side has a file that the other has not, which is told."""
    files = (
        ("profile.conf", before.profiles, after.profiles),
        ("manager.conf", before.managers, after.managers),
    )
    for missing in (before, after):
        sides = ((file, *((was, now) if missing is before else (now, was))) for file, was, now in files)
        names = [file for file, mine, other in sides if mine is None and other is not None]
        if names:
            why = "a run learns under others" if missing.run is not None else f"{missing.label} has none"
            click.echo(f"not compared: {' and '.join(names)}; {why}", err=True)
    return any((was is None) != (now is None) for _, was, now in files)


def _exceptions(
    before: NamedPolicy, after: NamedPolicy, given: Path | None
) -> tuple[ExceptionPolicy, ExceptionPolicy]:
    """The exception policies of both; what is not known of one side counts as the other's."""
    if given is not None:
        known = read_exceptions(given)
        return known, known
    was, now = before.exceptions, after.exceptions
    if (was is None) != (now is None):
        without = before.label if was is None else after.label
        click.echo(f"{without} has no exception policy beside it: the other one's is taken for it", err=True)
    none = ExceptionPolicy()
    return was or now or none, now or was or none
