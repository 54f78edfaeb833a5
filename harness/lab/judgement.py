"""From what a machine under a policy left in its audit to a verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol

from harness.analysis.denials import Access, denials, verdict_of
from harness.errors import GuestError, HostError
from harness.lab.enforcement import RING, Enforcement
from harness.lab.harvest import Notice
from harness.policy.audit import records_in
from harness.record import Drain
from harness.record.schema import Outcome, VerdictRecord

if TYPE_CHECKING:
    from harness.lab.lab import Lab

_MOST = 20_000
"""Records taken out of a memory image."""

Gathered = Literal["audit", "memory"]


class Judged(Protocol):
    """What a verdict is written to: a scenario or a checkpoint."""

    def verdict(self, verdict: VerdictRecord) -> None:
        """Write it down."""


@dataclass(frozen=True, slots=True)
class Left:
    """Audit records and where they are from.

    Attributes:
        problem: why there may be none although there were denials; empty when all were had.
    """

    data: bytes
    place: Gathered
    problem: str = ""


def judge(
    judged: Judged,
    enforced: Enforcement,
    outcome: Outcome,
    drains: Iterable[Drain],
    *,
    gathered: Gathered = "audit",
    expected: Collection[Access] = (),
    ours: bool = False,
    counted: int | None = None,
) -> list[Notice]:
    """Write the verdict on what ended with `outcome` under a policy.

    Args:
        judged: where to.
        enforced: the policy.
        outcome: how it ended.
        drains: the audit meanwhile.
        gathered: where that is from.
        expected: what had to be refused.
        ours: the failure was the host's or the harness's.
        counted: how many denials the kernel has counted meanwhile, should it have been asked.

    Returns:
        What must not pass silently: records that were lost.
    """
    denied = denials(drains, ring=RING, expected=expected, tuned=enforced.tuned, counted=counted)
    verdict = verdict_of(outcome, denied.denials, ours=ours)
    judged.verdict(
        VerdictRecord(
            verdict=verdict,
            mode=enforced.mode,
            denials=denied.denials,
            made=denied.made,
            gathered=gathered,
            lost=denied.lost,
        )
    )
    if not denied.lost:
        return []
    lost = f"{denied.lost} denials or more have no record: the kernel's audit was full, or had no memory left"
    return [Notice("audit-lost", lost)]


def at_once(data: bytes) -> list[Drain]:
    """Records outside of any step as a drain."""
    return [Drain(None, datetime.now(UTC), data)]


def records_left(lab: Lab) -> Left:
    """The audit of a machine that may not answer any more: drained, or else found in its memory.

    A policy that keeps a machine from coming up says so nowhere but in the kernel's memory.
    """
    if not lab.machine.is_running():
        return Left(b"", "memory", "what was denied is not known: the machine runs no more")
    with contextlib.suppress(GuestError, HostError):
        return Left(lab.tomoyo.drain_audit(), "audit")
    image = lab.machine.folder / "memory.dump"
    try:
        lab.machine.dump(image)
        return Left(b"".join(records_in(image, most=_MOST)), "memory")
    except HostError as error:
        return Left(b"", "memory", f"what was denied is not known: {error}")
    finally:
        image.unlink(missing_ok=True)
