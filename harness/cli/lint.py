"""`tomograph lint`: what a reviewer of a policy would rather not find."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from harness.cli._damage import tell_damage
from harness.image.liveiso import LiveIso
from harness.policy.lint import CHECKS, Subject, parse_waivers
from harness.policy.lint import lint as check_policy
from harness.record.resolve import read_exceptions, resolve
from harness.report.lint import lint_json, lint_view

_SHOWN = 5
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("policy")
@click.option("--exception", type=_FILE, help="The exception policy; of a saved folder its own by default.")
@click.option("--image", type=_FILE, help="The live ISO whose files stale-path compares with.")
@click.option("--paths", type=_FILE, help="The same from a list of its file names, a name a line.")
@click.option("--waivers", type=_FILE, help="TOML with what is accepted, and why (docs/lint).")
@click.option(
    "--check",
    "checks",
    multiple=True,
    type=click.Choice(list(CHECKS)),
    help="Run this check alone; repeatable.",
)
@click.option("--all", "everything", is_flag=True, help=f"Show every finding, not {_SHOWN} of a check.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def lint(
    policy: str,
    *,
    exception: Path | None,
    image: Path | None,
    paths: Path | None,
    waivers: Path | None,
    checks: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> int:
    """Check POLICY: a domain policy file, a saved folder, a run or RUN:SCENARIO.

    Exits with 1 when something was found that no waiver covers.
    """
    named = resolve(policy)
    tell_damage(named.run)
    exceptions = named.exceptions if exception is None else read_exceptions(exception)
    report = check_policy(
        Subject(named.policy, exceptions, _names(image, paths), named.profiles),
        checks=checks or tuple(CHECKS),
        waivers=parse_waivers(waivers.read_bytes(), CHECKS, source=str(waivers)) if waivers else (),
    )
    if as_json:
        click.echo(json.dumps(lint_json(report), indent=1))
    else:
        limit = len(report.findings) if everything else _SHOWN
        Console(highlight=False).print(lint_view(report, limit=limit), soft_wrap=True)
    return 1 if report.findings else 0


def _names(image: Path | None, paths: Path | None) -> frozenset[str] | None:
    """The image's files as `Subject` takes them, or None where no image was named."""
    if image is not None and paths is not None:
        raise click.UsageError("--image and --paths both tell the image's files: name only one of them")
    if image is not None:
        return LiveIso.read(image).paths()
    if paths is not None:
        return frozenset(paths.read_text(errors="surrogateescape").splitlines())
    return None
