"""`tomograph tune`: learned rules become a policy to ship, and each rewriting is explained."""

from __future__ import annotations

import json
import shlex
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import click
from rich.console import Console

from harness.analysis import tuning
from harness.analysis.loop import learning_stages
from harness.errors import RecordError
from harness.image.liveiso import LiveIso
from harness.progress import Progress
from harness.record import Run
from harness.record.loop import Stage, write_stages
from harness.record.resolve import placing
from harness.report.text import count_of
from harness.report.tuning import proposals_toml, tuned_json, tuned_view
from harness.report.waiting import waiting

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=_FOLDER, metavar="POLICY", help="The folder to write.")
@click.option(
    "--rules",
    multiple=True,
    metavar="FILE",
    help=f"Tuning rules: a file, one of {', '.join(tuning.SHIPPED)}, or `all` for all of these; repeatable. "
    "All of these by default; `--rules all --rules FILE` adds a file to them.",
)
@click.option("--domains", metavar="FILE", help="TOML with lines that choose domains, or `reference`.")
@click.option("--no-tuning", "untuned", is_flag=True, help="Ship the rules as they were learned, to compare.")
@click.option(
    "--image",
    type=_FILE,
    help="The live ISO of RUNS: counts which of its paths are admitted beyond those learned, and tells which "
    "of its files the system writes anew.",
)
@click.option("--profile", default=3, show_default=True, help="The profile of all domains.")
@click.option("--propose", "proposing", is_flag=True, help="Print rules for names that vary, as TOML.")
@click.option("--all", "everything", is_flag=True, help="Show all domains and tuning rules.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def tune(
    runs: tuple[Path, ...],
    *,
    out: Path | None,
    rules: tuple[str, ...],
    domains: str | None,
    untuned: bool,
    image: Path | None,
    profile: int,
    proposing: bool,
    everything: bool,
    as_json: bool,
) -> int:
    """Make a policy to ship out of what RUNS learned: baselines, and scenarios that passed.

    POLICY gets TOMOYO's four files and tuning.json, which tells for each line where it comes from
    (`tomograph why RULE POLICY`). Without -o the summary is all. A run of all tasks takes a minute or two.
    """
    began = time.monotonic()
    # First what is written by hand and checked at once: reading the runs takes much longer.
    sets = tuning.load_rules(rules or tuning.SHIPPED)
    settings = tuning.Settings(
        rules=() if untuned else sets,
        domains=tuning.load_domains(domains) if domains is not None else (),
        profile=profile,
        overlay=not untuned,
        groups=not untuned,
    )
    read = [Run.read(path) for path in runs]
    errors = Console(stderr=True)
    if proposing:
        _propose(read, sets, errors)
        return 0
    with waiting(errors) as progress, placing(*read):
        learned = tuning.gather(read, progress=progress)
        if image is not None:
            settings = replace(settings, paths=_paths(image, learned, progress))
        tuned = tuning.tune(learned, settings, version=version("tomograph"), progress=progress)
    if out is not None:
        tuned.policy.write(out)
        stage = Stage(name="tune", seconds=round(time.monotonic() - began, 1))
        write_stages(out, [*learning_stages(read), stage])
    if as_json:
        click.echo(json.dumps(tuned_json(tuned), indent=1))
    else:
        console = Console(highlight=False)
        console.print(tuned_view(tuned, everything=everything))
        if out is not None:
            console.print(f"\n{out}: {tuned.policy.digest[:16]}", markup=False, soft_wrap=True)
            console.print(f"next: tomograph enforce {shlex.quote(str(out))}", markup=False, soft_wrap=True)
    return 0


def _propose(runs: list[Run], sets: tuple[tuning.RuleSet, ...], errors: Console) -> None:
    with waiting(errors) as progress, placing(*runs):
        learned = tuning.gather(runs, progress=progress)
        progress("looking for names that vary")
        proposals = tuning.propose(learned, sets)
    click.echo(proposals_toml(proposals), nl=False)
    families = count_of(len(proposals), "family of names varies", "families of names vary")
    click.echo(f"{families} that no rule covers", err=True)


def _paths(image: Path, learned: tuning.Learned, progress: Progress) -> frozenset[str]:
    progress(f"reading {image.name}")
    iso = LiveIso.read(image)
    others = [run for run in learned.runs if run.sha256 not in ("", iso.sha256)]
    if others:
        raise RecordError(
            f"{image} is not the image that {others[0].name} learned on",
            expected=f"the ISO of SHA-256 {others[0].sha256[:16]}; this one's is {iso.sha256[:16]}",
            hint="name that ISO, or leave --image out",
        )
    return iso.paths()
