"""`tomograph diff`: what changed between two policies."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.policy import ExceptionPolicy
from harness.policy.diff import diff as compare
from harness.policy.patch import patch_lines
from harness.record.resolve import NamedPolicy, placing, read_exceptions, resolve
from harness.report.comparison import diff_json, diff_view
from harness.report.text import count_of


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
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def diff(old: str, new: str, *, exception: Path | None, lines: bool, redundant: bool, as_json: bool) -> int:
    """What changed from OLD to NEW, by meaning.

    Each is a run, RUN:SCENARIO, RUN:CHECKPOINT, a policy folder, or a domain policy file. Rules that
    domains share count as each one's own. Exits with 0 whether they differ or not.
    """
    before, after = resolve(old), resolve(new)
    was, now = _exceptions(before, after, exception)
    if lines:
        if others := len(set(was.entries) ^ set(now.entries)):
            left_out = count_of(others, "line that is", "lines that are")
            click.echo(f"the exception policies differ too, in {left_out} not among these", err=True)
        with placing(before.run, after.run):
            for line in patch_lines(before.policy, after.policy):
                click.echo(line)
        return 0
    with placing(before.run, after.run):
        result = compare(before.policy, after.policy, was, now)
    if as_json:
        click.echo(json.dumps(diff_json(result), indent=1))
    else:
        Console(highlight=False).print(diff_view(result, redundant=redundant), soft_wrap=True)
    return 0


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
