"""`tomograph doctor`: what this host can do, and what to install."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from harness.lab.checkup import Finding, examine

_MARKS = {"ok": "[green]ok[/]", "slow": "[yellow]slow[/]", "missing": "[red]missing[/]"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for a program")
def doctor(*, as_json: bool) -> None:
    """What this host can do, and what to install."""
    findings = list(examine())
    if as_json:
        Console(soft_wrap=True).print_json(data=[finding.as_dict() for finding in findings])
    else:
        Console().print(_table(findings))
    if any(finding.state == "missing" for finding in findings):
        raise click.exceptions.Exit(3)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "seen", "to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        table.add_row(_MARKS[finding.state], finding.what, finding.seen, finding.hint)
    return table
