"""`tomograph enforce`: put a policy in force, do the tasks again, and say what it did to each.

The scenarios are those of `tomograph learn`, the variants that are never learned from, and what must be
refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from harness.analysis.iteration import (
    Addition,
    extended,
    gate,
    proposals,
    read_additions,
    write_additions,
)
from harness.cli._running import INTERRUPTED, reference, run_scenarios, scenario_options, shares
from harness.errors import RecordError
from harness.lab.run import RunOptions
from harness.record import Run, ShippedPolicy
from harness.record.schema import Mode, Start
from harness.report.verdicts import Pass, Round, rounds_view, verdicts_view


@click.command()
@click.argument("policy", type=click.Path(path_type=Path, exists=True, file_okay=False))
@scenario_options
@click.option(
    "--from",
    "start",
    type=click.Choice(["boot", "checkpoint", "both"]),
    default="boot",
    show_default=True,
    help="In force from the first process on, or loaded into a checkpoint that learned.",
)
@click.option("--permissive", is_flag=True, help="First in profile 2, which logs and denies nothing.")
@click.option("--iterate", "rounds", type=click.IntRange(1), default=1, metavar="N",
              help="Add what the tasks lack and go round again, at most N times.")  # fmt: skip
@click.option("--denials", "limit", type=click.IntRange(0), default=20, show_default=True,
              help="How many denials of a scenario to show.")  # fmt: skip
def enforce(
    *,
    policy: Path,
    image: Path | None,
    flavour: str,
    expression: str,
    tags: str,
    start: str,
    permissive: bool,
    rounds: int,
    workers: int | None,
    out: Path | None,
    accel: str,
    connect: str,
    memory: int,
    vcpus: int | None,
    append: str,
    limit: int,
    folder: Path,
) -> int:
    """Put POLICY in force, do all tasks again, and say what it did to each."""
    console = Console()
    out = out or Path("runs") / f"{datetime.now(UTC):%Y-%m-%d.%H%M%S}"
    if out.exists() and any(out.iterdir()):
        raise RecordError(f"{out} is not empty", expected="a new folder", hint="choose another --out")
    workers, vcpus = shares(workers, vcpus, memory)
    passes = _passes(start, permissive=permissive)
    iso = str(image or reference(flavour, console))
    shown: list[Round] = []
    code = 0
    for number in range(1, rounds + 1):
        shipped = ShippedPolicy.read(policy)
        runs = []
        for mode, where in passes:
            name = f"round-{number}.{where}.{mode}"
            options = RunOptions(
                image=iso, run=str(out if len(passes) * rounds == 1 else out / name), accelerator=accel,
                connect=connect, memory=memory, vcpus=vcpus, append=append, policy=str(policy), mode=mode,
                start=where,
            )  # fmt: skip
            code = run_scenarios(
                options, console, folder=folder, expression=expression, tags=tags, workers=workers
            )
            if code == INTERRUPTED:
                return code
            runs.append(Run.read(Path(options.run)))
            _show(runs[-1], console, limit)
        added = proposals(runs, shipped, number)
        shown.append(_round(number, shipped, runs, passes, len(added)))
        console.print(rounds_view(shown))
        if rounds == 1 or not added:
            break
        policy = _next_policy(policy, shipped, added, out / f"policy-{number + 1}")
        console.print(f"policy: {policy}", highlight=False, soft_wrap=True)
    return _exit_code(runs)


def _passes(start: str, *, permissive: bool) -> list[tuple[Mode, Start]]:
    starts: tuple[Start, ...] = ("boot", "checkpoint")
    wanted = [one for one in starts if start in (one, "both")]
    modes: tuple[Mode, ...] = ("permissive", "enforcing") if permissive else ("enforcing",)
    return [(mode, one) for mode in modes for one in wanted]


def _show(run: Run, console: Console, limit: int) -> None:
    console.print(verdicts_view(run, limit=limit))
    console.print(f"record: {run.path}", highlight=False, soft_wrap=True)
    console.print(f"page:   {run.path / 'report.html'}", highlight=False, soft_wrap=True)


def _round(
    number: int, shipped: ShippedPolicy, runs: list[Run], passes: list[tuple[Mode, Start]], proposed: int
) -> Round:
    done = []
    for run, (mode, where) in zip(runs, passes, strict=True):
        finished = run.manifest.finished or run.manifest.started
        seconds = (finished - run.manifest.started).total_seconds()
        done.append(Pass(f"{where}, {mode}", gate(run), seconds))
    return Round(number, shipped.domains.rule_count, tuple(done), proposed)


def _next_policy(policy: Path, shipped: ShippedPolicy, added: list[Addition], folder: Path) -> Path:
    extended(shipped, added).write(folder)
    write_additions(folder, [*read_additions(policy), *added])
    return folder


def _exit_code(runs: list[Run]) -> int:
    """0 when the policy holds wherever it was enforced, 3 when the host or the harness failed."""
    enforced = [run for run in runs if run.manifest.mode == "enforcing"]
    records = [scenario.record for run in enforced for scenario in run.scenarios]
    if any(record.outcome == "error" and record.fault in ("host", "harness") for record in records):
        return 3
    return 0 if all(gate(run).holds for run in enforced) else 1
