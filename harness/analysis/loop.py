"""The loop's figures, out of the runs and the policy's own explanation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.analysis.iteration import gate
from harness.record import Run, ShippedPolicy
from harness.record.loop import Pass, Round, Stage, Trial, Width, read_stages


def seconds_of(run: Run) -> float:
    """How long a run took; for one that was broken off, until the last that is known of it."""
    known = [
        run.manifest.finished,
        *(checkpoint.record.finished for checkpoint in run.checkpoints),
        *(scenario.record.finished for scenario in run.scenarios),
    ]
    last = run.manifest.finished or max((one for one in known if one is not None), default=None)
    return (last - run.manifest.started).total_seconds() if last is not None else 0.0


def learning_stages(runs: Iterable[Run]) -> list[Stage]:
    """How long each run took to learn."""
    return [Stage(name="learn", seconds=round(seconds_of(run), 1), what=run.name) for run in runs]


def trial_of(policy: Path, shipped: ShippedPolicy, rounds: Iterable[Round]) -> Trial:
    """A policy with what is known of its making, and what was tried with it."""
    explanation = shipped.explanation
    domains = explanation.domains if explanation is not None else {}
    widths = [
        Width(domain=name, rules=len(domain.rules), beyond=domain.beyond)
        for name, domain in domains.items()
        if domain.beyond
    ]
    return Trial(
        policy=str(policy),
        sha256=shipped.digest,
        figures=explanation.figures if explanation is not None else None,
        widths=tuple(sorted(widths, key=lambda one: (-one.beyond, one.domain))),
        stages=read_stages(policy),
        rounds=tuple(rounds),
    )


def pass_of(run: Run, folder: Path, *, broken_off: bool = False) -> Pass:
    """A run under a policy as a line of the table.

    Args:
        run: the run.
        folder: where `loop.json` will lie.
        broken_off: there was more to do.

    Raises:
        ValueError: the run was made under no policy.
    """
    enforced = run.manifest.enforced
    if enforced is None:
        raise ValueError(f"{run.path} was made under no policy")
    return Pass(
        run=run.path.resolve().relative_to(folder.resolve()).as_posix(),
        mode=run.manifest.mode,
        start=enforced.start,
        gate=gate(run),
        stages=tuple(_stages(run)),
        seconds=round(seconds_of(run), 1),
        broken_off=broken_off,
    )


def _stages(run: Run) -> Iterator[Stage]:
    boots = [
        one.record.ready_seconds
        for one in run.checkpoints
        if one.record.ready_seconds is not None and not one.record.reused
    ]
    if boots:
        yield Stage(name="boot", seconds=round(sum(boots), 1))
    loads = [one.record.load_seconds for one in run.checkpoints]
    loads += [one.record.load_seconds for one in run.scenarios]
    known = [seconds for seconds in loads if seconds is not None]
    if known:
        yield Stage(name="load", seconds=round(sum(known), 1))
    yield Stage(name="replay", seconds=round(sum(one.record.seconds for one in run.scenarios), 1))
