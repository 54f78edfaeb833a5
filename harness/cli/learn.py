"""`tomograph learn`: boot an image, run the scenarios, keep what each one taught the kernel.

A comfortable front for `pytest features/`: it builds the reference image when no other is named, shows
progress, and closes with the page.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

import features
from harness.cli._running import INTERRUPTED, reference, run_scenarios
from harness.lab.capacity import Capacity
from harness.lab.run import RunOptions
from harness.record.reader import Run
from harness.record.schema import Isolation
from harness.report.text import run_view


@click.command()
@click.option(
    "--image", type=click.Path(path_type=Path), help="The ISO under test; default: the reference image."
)
@click.option("--flavour", type=click.Choice(["desktop", "console"]), default="desktop", show_default=True,
              help="Which reference image, when no --image is given.")  # fmt: skip
@click.option(
    "-k", "expression", default="", help="Only scenarios whose name matches this pytest expression."
)
@click.option("-m", "tags", default="", help="Only scenarios whose tags match, such as 'console-ready'.")
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Machines at a time; default: as many as the host carries."
)
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder; default: runs/DATE.")
@click.option("--resume", type=click.Path(path_type=Path), help="Go on with this run where it stopped.")
@click.option(
    "--isolation",
    type=click.Choice(["checkpoint", "session"]),
    default="checkpoint",
    show_default=True,
    help="Each scenario from a checkpoint, or all in one boot with a save after each.",
)
@click.option("--accel", type=click.Choice(["auto", "kvm", "tcg"]), default="auto", show_default=True)
@click.option("--connect", default="qemu:///embed", show_default=True, help="libvirt's URI.")
@click.option(
    "--memory", type=click.IntRange(1024), default=4096, show_default=True, help="MiB of a machine."
)
@click.option(
    "--vcpus", type=click.IntRange(1, 64), help="Processors of a machine; default: the host's, shared out."
)
@click.option("--append", default="", metavar="WORDS", help="Added to the kernel's command line.")
@click.option("--features", "folder", type=click.Path(path_type=Path, exists=True),
              default=Path(features.__file__).parent, help="Default: Tomograph's own.")  # fmt: skip
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
    append: str,
    folder: Path,
) -> int:
    """Boot an image, run the scenarios, and keep what each one taught the kernel."""
    console = Console()
    if out is not None and resume is not None:
        raise click.UsageError("--out begins a run and --resume goes on with one: name only one of them")
    run = resume or out or Path("runs") / f"{datetime.now(UTC):%Y-%m-%d.%H%M%S}"
    if resume is not None:
        Run.read(resume)
    capacity = Capacity.of_this_host()
    workers = workers or (1 if isolation == "session" else capacity.workers(memory))
    vcpus = vcpus or capacity.vcpus(workers)
    options = RunOptions(
        image=str(image or reference(flavour, console)), run=str(run), resume=resume is not None,
        accelerator=accel, connect=connect, memory=memory, vcpus=vcpus, isolation=isolation,
        append=append,
    )  # fmt: skip
    options.setup("main", lambda text: console.print(f"==> {text}", highlight=False))
    code = run_scenarios(
        options, console, features=folder, expression=expression, tags=tags, workers=workers,
        go_on=f"tomograph learn --resume {run}",
    )  # fmt: skip
    return _closing(run, code, console)


def _closing(run: Path, code: int, console: Console) -> int:
    """The summary, and where to look further."""
    record = Run.read(run)
    console.print(run_view(record))
    console.print(f"record: {run}", highlight=False, soft_wrap=True)
    console.print(f"page:   {run / 'report.html'}", highlight=False, soft_wrap=True)
    if code == INTERRUPTED:
        console.print(f"to go on: tomograph learn --resume {run}", highlight=False, soft_wrap=True)
        return code
    outcomes = [scenario.record for scenario in record.scenarios]
    if any(one.outcome == "error" and one.fault in ("host", "harness") for one in outcomes):
        return 3
    return 1 if code else 0
