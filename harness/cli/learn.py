"""`tomograph learn`: boot an image, run the scenarios, keep what each one taught the kernel.

A comfortable front for `pytest features/`: it builds the reference image when no other is named, shows
progress, and closes with the page.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import click
from rich.console import Console

from harness.analysis.tuning import load_domains
from harness.cli._repetitions import compared_repetitions
from harness.cli._running import (
    INTERRUPTED,
    going_on,
    machines,
    place_of,
    processors,
    proofread,
    reference,
    run_scenarios,
    scenario_options,
    to_go_on,
)
from harness.lab.run import RunOptions
from harness.record.reader import Run
from harness.record.schema import Isolation
from harness.report.saturation import saturation_view
from harness.report.text import run_view


@click.command()
@scenario_options
@click.option("--resume", type=click.Path(path_type=Path), help="Go on with this run where it stopped.")
@click.option(
    "--isolation",
    type=click.Choice(["checkpoint", "session"]),
    default="checkpoint",
    show_default=True,
    help="Each scenario from a checkpoint, or all in one boot with a save after each.",
)
@click.option(
    "--repeat", type=click.IntRange(1, 100), default=1, show_default=True,
    help="How often the whole suite is run: shows what varies, and when it is enough.",
)  # fmt: skip
@click.option(
    "--domains", metavar="FILE",
    help="TOML with lines that choose domains, or `reference`: TOMOYO begins to learn with them.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Boot even where the record of an earlier boot is kept.")
def learn(
    *,
    image: Path | None,
    flavour: str,
    expression: str,
    tags: str,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
    isolation: Isolation,
    accel: str,
    connect: str,
    memory: int,
    vcpus: int | None,
    repeat: int,
    domains: str | None,
    append: str,
    fresh: bool,
    folder: Path,
) -> int:
    """Boot an image, run the scenarios, and keep what each one taught the kernel."""
    console = Console()
    run = place_of(out, resume)
    begun = going_on(resume) if resume is not None else None
    if begun is not None and begun.policy:
        raise click.UsageError(
            f"{resume} is a run under a policy, which learns nothing; "
            f"`tomograph enforce {begun.policy} --resume {resume}` goes on with it"
        )
    lines = None if domains is None else tuple(map(str, load_domains(domains)))
    proofread(folder, expression=expression, tags=tags)
    options = begun or RunOptions(
        image=str(image or reference(flavour, console)), run=str(run), accelerator=accel, connect=connect,
        memory=memory, vcpus=vcpus or processors(), isolation=isolation, append=append, fresh=fresh,
        repeat=repeat,
    )  # fmt: skip
    if lines is not None:
        options = options.model_copy(update={"exceptions": lines})
    if workers is None:
        # Of several machines each would have a boot, and so a session, of its own.
        workers = 1 if options.isolation == "session" else machines(options.memory, options.vcpus)
    options.setup("main", lambda text: console.print(f"==> {text}", highlight=False))
    go_on = to_go_on(run)
    code = run_scenarios(
        options, console, folder=folder, expression=expression, tags=tags, workers=workers, go_on=go_on,
    )  # fmt: skip
    return _closing(run, code, console, go_on)


def _closing(run: Path, code: int, console: Console, go_on: str) -> int:
    """The summary, and where to look further."""
    if code == INTERRUPTED and not run.exists():
        return code  # before there was anything to record
    record = Run.read(run)
    console.print(run_view(record))
    if repeated := compared_repetitions(record):
        console.print(saturation_view(repeated))
    for failed in (one.record for one in record.scenarios if one.record.outcome in ("failed", "error")):
        console.print(f"why: tomograph show {run} {failed.id}", highlight=False, soft_wrap=True)
    console.print(f"record: {run}", highlight=False, soft_wrap=True)
    console.print(f"page:   {run / 'report.html'}", highlight=False, soft_wrap=True)
    if code == INTERRUPTED:
        console.print(f"to go on: {go_on}", highlight=False, soft_wrap=True)
        return code
    outcomes = [scenario.record for scenario in record.scenarios]
    if any(one.outcome == "passed" for one in outcomes):
        next_one = f"tomograph tune {shlex.quote(str(run))} -o policy"
        console.print(f"next:   {next_one}", highlight=False, soft_wrap=True)
    if any(one.outcome == "error" and one.fault in ("host", "harness") for one in outcomes):
        return 3
    return 1 if code or any(one.outcome in ("failed", "error") for one in outcomes) else 0
