"""`tomograph enforce`: put a policy in force, do the tasks again, and say what it did to each.

The scenarios are those of `tomograph learn`, the variants that are never learned from, and what must be
refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
from harness.analysis.loop import pass_of, trial_of
from harness.cli._running import (
    INTERRUPTED,
    going_on,
    machines,
    named_parameters,
    place_of,
    processors,
    proofread,
    reference,
    run_scenarios,
    scenario_options,
    to_go_on,
)
from harness.errors import RecordError
from harness.lab.run import RunOptions
from harness.record import Run, ShippedPolicy
from harness.record.loop import Loop, Round, Trial
from harness.record.schema import Mode, Start
from harness.report.loop import RoundsTable, loop_view
from harness.report.page import write_page
from harness.report.tuning import changed_note
from harness.report.verdicts import verdicts_view


@click.command()
@click.argument("policy", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
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
@click.option("--replays", type=click.IntRange(1), default=1, show_default=True, metavar="N",
              help="How often each task is done again; all else is tried once.")  # fmt: skip
@click.option("--all", "unlearned", is_flag=True,
              help="Also tasks that the policy was not made from, and their variants.")  # fmt: skip
@click.option("--beside", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="POLICY",
              help="A policy to try once in the same way and show in the same table, such as one "
              "without tuning. It has no say in the exit code.")  # fmt: skip
@click.option("--resume", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Go on with what stopped in this folder, under the policy it began with; name the same "
              "rounds and starts, if there were several.")  # fmt: skip
@click.option("--denials", "limit", type=click.IntRange(0), default=20, show_default=True,
              help="How many denials of a scenario to show.")  # fmt: skip
def enforce(
    *,
    policy: Path | None,
    image: Path | None,
    flavour: str,
    expression: str,
    tags: str,
    start: str,
    permissive: bool,
    rounds: int,
    replays: int,
    unlearned: bool,
    beside: Path | None,
    workers: int | None,
    out: Path | None,
    resume: Path | None,
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
    place = place_of(out, resume)
    begun = going_on(_first_run(resume)) if resume is not None else None
    policy = policy or _begun_under(begun)
    # Before an image is built, or hours have gone.
    shipped = ShippedPolicy.read(policy)
    other = ShippedPolicy.read(beside) if beside is not None else None
    if note := changed_note(policy, shipped):
        figures = "what the table says of its rules is as it was tuned"
        console.print(f"{note}; {figures}", markup=False, soft_wrap=True, style="yellow")
    proofread(folder, expression=expression, tags=tags)
    options = begun or RunOptions(
        image=str(image or reference(flavour, console)), run="", accelerator=accel, connect=connect,
        memory=memory, vcpus=vcpus or processors(), append=append, repeat=replays,
        unlearned=unlearned,
    )  # fmt: skip
    workers = workers or machines(options.memory, options.vcpus)
    way = _Way(
        options, _Scenarios(folder, expression, tags, workers),
        _passes_of(begun, place) or _passes(start, permissive=permissive), place, console, limit,
        alone=rounds == 1 and beside is None,
    )  # fmt: skip
    try:
        runs = way.go_round(policy, shipped, rounds)
        if beside is not None and other is not None:
            way.try_once(beside, other)
    except _BrokenOff:
        console.print(f"to go on: {to_go_on(place)}", highlight=False, soft_wrap=True)
        return INTERRUPTED
    finally:
        way.show()
    return _exit_code(runs)


class _BrokenOff(Exception):  # noqa: N818 - no error: somebody wanted it to end
    """Ctrl-C while scenarios ran; the table has what they had come to."""


@dataclass(frozen=True, slots=True)
class _Scenarios:
    """Which scenarios are run, and on how many machines."""

    folder: Path
    expression: str
    tags: str
    workers: int


@dataclass(slots=True)
class _Way:
    """How policies are tried, and what came of those that were.

    Attributes:
        options: of each run, but for its folder, its policy and how that is in force.
        passes: the runs of a round.
        alone: there is one round of one policy: with one pass its run is the output folder itself.
    """

    options: RunOptions
    scenarios: _Scenarios
    passes: list[tuple[Mode, Start]]
    out: Path
    console: Console
    limit: int
    alone: bool
    trials: list[Trial] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def go_round(self, policy: Path, shipped: ShippedPolicy, rounds: int) -> list[Run]:
        """Try a policy, add what the tasks lack, try again; returns the runs of the last round."""
        done: list[Round] = []
        original = policy, shipped
        runs: list[Run] = []
        for number in range(1, rounds + 1):
            runs, whole = self._try(policy, f"round-{number}")
            added = proposals(runs, shipped, number) if whole else []
            if runs:
                done.append(self._round(number, policy, shipped, runs, len(added), whole=whole))
                self._keep(trial_of(*original, done), is_new=number == 1)
            if not whole:
                raise _BrokenOff
            if rounds == 1 or not added:
                break
            self.console.print(RoundsTable(self.trials))
            policy = _next_policy(policy, shipped, added, self.out / f"policy-{number + 1}")
            shipped = ShippedPolicy.read(policy)
            self.console.print(f"policy: {policy}", highlight=False, soft_wrap=True)
        return runs

    def try_once(self, policy: Path, shipped: ShippedPolicy) -> None:
        """Try another policy in the same way."""
        runs, whole = self._try(policy, "beside")
        if runs:
            tried = self._round(1, policy, shipped, runs, 0, whole=whole)
            self._keep(trial_of(policy, shipped, [tried]), is_new=True)
        if not whole:
            raise _BrokenOff

    def show(self) -> None:
        """The table, on the terminal and in the page of each run."""
        if self.trials:
            self.console.print(loop_view(Loop(trials=tuple(self.trials))))
        for run in self.runs:
            write_page(run, run.path / "report.html")

    def _try(self, policy: Path, name: str) -> tuple[list[Run], bool]:
        """The runs of a round, and whether all of them came to their end."""
        runs: list[Run] = []
        for mode, start in self.passes:
            place = self.out if self.alone and len(self.passes) == 1 else self.out / f"{name}.{start}.{mode}"
            changes = {
                "run": str(place), "policy": str(policy), "mode": mode, "start": start,
                "resume": self.options.resume and _is_run(place),
            }  # fmt: skip
            code = run_scenarios(
                self.options.model_copy(update=changes),
                self.console,
                folder=self.scenarios.folder,
                expression=self.scenarios.expression,
                tags=self.scenarios.tags,
                workers=self.scenarios.workers,
                go_on=to_go_on(self.out),
            )
            if _is_run(place):
                runs.append(Run.read(place))
                self.runs.append(runs[-1])
                _show(runs[-1], self.console, self.limit)
            if code == INTERRUPTED:
                return runs, False
        return runs, True

    def _round(
        self,
        number: int,
        policy: Path,
        shipped: ShippedPolicy,
        runs: list[Run],
        proposed: int,
        *,
        whole: bool,
    ) -> Round:
        """What a round tried; of one that was broken off the last run has more to do."""
        passes = (pass_of(run, self.out, broken_off=not whole and run is runs[-1]) for run in runs)
        return Round(
            number=number,
            policy=str(policy),
            rules=shipped.domains.rule_count,
            passes=tuple(passes),
            proposed=proposed,
        )

    def _keep(self, trial: Trial, *, is_new: bool) -> None:
        """Write the table after each round: the next may be broken off."""
        self.trials[len(self.trials) - (not is_new) :] = [trial]
        Loop(trials=tuple(self.trials)).write(self.out)


def _first_run(folder: Path) -> Path:
    """A run in the folder of what is to go on: the folder itself, or the first in it."""
    runs = [place for place in (folder, *sorted(folder.iterdir())) if _is_run(place)]
    if not runs:
        raise RecordError(
            f"no run was begun in {folder}", expected="what an earlier `tomograph enforce --out` named"
        )
    return runs[0]


def _begun_under(begun: RunOptions | None) -> Path:
    """The policy of a run that is gone on with."""
    if begun is None:
        raise click.UsageError("name the POLICY to put in force: a folder that `tomograph tune -o` wrote")
    if not begun.policy:
        raise click.UsageError(
            f"{begun.run} is a run that learns; `tomograph learn --resume {begun.run}` goes on with it"
        )
    return Path(begun.policy)


def _passes_of(begun: RunOptions | None, place: Path) -> list[tuple[Mode, Start]]:
    """How a single run was begun; none where there are several, or where it is said anew.

    What is said and is not as it was is refused where the run is opened.
    """
    if (
        begun is None
        or not _is_run(place)
        or {"start", "permissive"} & {name for name, _ in named_parameters()}
    ):
        return []
    return [(begun.mode, begun.start)]


def _is_run(place: Path) -> bool:
    return (place / "manifest.json").is_file()


def _passes(start: str, *, permissive: bool) -> list[tuple[Mode, Start]]:
    starts: tuple[Start, ...] = ("boot", "checkpoint")
    wanted = [one for one in starts if start in (one, "both")]
    modes: tuple[Mode, ...] = ("permissive", "enforcing") if permissive else ("enforcing",)
    return [(mode, one) for mode in modes for one in wanted]


def _show(run: Run, console: Console, limit: int) -> None:
    console.print(verdicts_view(run, limit=limit), soft_wrap=True)
    console.print(f"record: {run.path}", highlight=False, soft_wrap=True)
    console.print(f"page:   {run.path / 'report.html'}", highlight=False, soft_wrap=True)


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
