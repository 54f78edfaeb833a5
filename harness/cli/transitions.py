"""`tomograph transitions`: the tree of domains, and what another set of transition rules would change."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.cli._damage import tell_damage
from harness.errors import PolicyError, RecordError
from harness.policy import ExceptionPolicy
from harness.policy.exception_policy import Entry, parse_entry
from harness.policy.what_if import WhatIf, programs_like, reached, what_if
from harness.record.resolve import NamedPolicy, placing, read_exceptions, resolve
from harness.report.transitions import tree_view, what_if_view

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog="Example: --what-if 'initialize_domain /usr/bin/gpg from any'")
@click.argument("policy")
@click.option(
    "--exception",
    type=_FILE,
    help="The exception policy that POLICY was learned under; of a folder its own by default.",
)
@click.option("--what-if", "tried", multiple=True, metavar="LINE", help="Try a line of exception policy.")
@click.option("--program", metavar="PATH", help="Show only the domains in which this program runs.")
@click.option("--all", "everything", is_flag=True, help="Show every permission that is gained.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def transitions(
    policy: str,
    exception: Path | None,
    tried: tuple[str, ...],
    program: str | None,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """The domains of POLICY as a tree; with --what-if, what would become of them.

    POLICY is a domain policy file, a saved folder, a run, or RUN:SCENARIO.
    """
    named = resolve(policy)
    tell_damage(named.run)
    domains = named.policy
    if not tried:
        names = list(domains) if program is None else _running(program, named)
        if as_json:
            click.echo(json.dumps(names, indent=2))
        else:
            Console(highlight=False).print(tree_view(names))
        return
    exceptions = named.exceptions if exception is None else read_exceptions(exception)
    added = [_tried(line) for line in tried]
    with placing(named.run):
        result = what_if(domains, exceptions or ExceptionPolicy(), added)
    if as_json:
        click.echo(json.dumps(_document(result), indent=2))
    else:
        Console(highlight=False).print(what_if_view(result, everything=everything))


def _running(program: str, named: NamedPolicy) -> list[str]:
    names = reached(named.policy, program)
    if not names:
        near = programs_like(named.policy, program)
        raise RecordError(
            f"no domain of {named.label} runs {program}",
            expected="the whole path of a program" + (f", such as {', '.join(near)}" if near else ""),
            hint="leave --program out to see all domains",
        )
    return names


def _tried(line: str) -> Entry:
    try:
        return parse_entry(line)
    except PolicyError as error:
        error.source = f"--what-if '{line}'"
        raise


def _document(result: WhatIf) -> dict[str, object]:
    return {
        "moved": result.moved,
        "merged": result.merged,
        "unmet": list(result.unmet),
        "gains": [
            {"domain": gain.domain, "becomes": gain.becomes, "rules": [str(rule) for rule in gain.rules]}
            for gain in result.gains
        ],
    }
