"""`tomograph diff`: what changed between two policies."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.policy import parse_exception_policy
from harness.policy.covering import NO_GROUPS, Groups
from harness.policy.diff import diff as compare
from harness.policy.patch import patch_lines
from harness.record.resolve import resolve
from harness.report.comparison import diff_json, diff_view


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--exception",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The exception policy whose groups the rules name.",
)
@click.option("--lines", is_flag=True, help="Print lines for tomoyo-loadpolicy -d that lead from OLD to NEW.")
@click.option("--redundant", is_flag=True, help="Show changes without effect too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def diff(old: str, new: str, *, exception: Path | None, lines: bool, redundant: bool, as_json: bool) -> int:
    """What changed from OLD to NEW, by meaning.

    Each is a run, RUN:SCENARIO, RUN:CHECKPOINT, a folder of tomoyo-savepolicy, or a domain policy file.
    Exits with 0 whether they differ or not.
    """
    before, after = resolve(old).policy, resolve(new).policy
    if lines:
        for line in patch_lines(before, after):
            click.echo(line)
        return 0
    groups = NO_GROUPS
    if exception is not None:
        groups = Groups.of(parse_exception_policy(exception.read_bytes(), source=str(exception)))
    result = compare(before, after, groups)
    if as_json:
        click.echo(json.dumps(diff_json(result), indent=1))
    else:
        Console(highlight=False).print(diff_view(result, redundant=redundant), soft_wrap=True)
    return 0
