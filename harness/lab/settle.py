"""When a machine has settled: its processor is nearly idle and its screen stands still.

A running shell is not a settled desktop: indexers and caches go on for a minute, and a checkpoint saved
meanwhile would hand their rules to whichever scenario comes first. The processor's use is read from
libvirt, so that looking does not keep the guest busy.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.machine.machine import Machine
from harness.user.screen import Screen


@dataclass(frozen=True, slots=True)
class Settled:
    """A definition of settled.

    Attributes:
        share: at most this part of one processor in use,
        seconds: for this long on end (of the host's time: an idle guest is idle at any speed).
    """

    share: float
    seconds: float


def wait_until_settled(machine: Machine, screen: Screen, settled: Settled, deadline: Deadline) -> None:
    """Wait until the machine has been idle, and its screen stood still, for `settled.seconds`.

    Raises:
        GuestError: it is busy to the end, or dies.
    """
    clock = deadline.clock
    since, used, shown = clock(), machine.cpu_seconds(), screen.capture()
    seen = "no time was left to look"
    for last in deadline.attempts(first=1.0, longest=1.0):
        machine.must_live()
        elapsed = clock() - since
        if elapsed >= settled.seconds:
            now_used, now_shown = machine.cpu_seconds(), screen.capture()
            share = (now_used - used) / elapsed
            seen = f"at the end it used {share:.0%} of a processor"
            if share <= settled.share and screen.stands_still(shown, now_shown):
                return
            since, used, shown = clock(), now_used, now_shown
        if last:
            raise GuestError(
                f"the machine does not settle within {deadline.seconds:.0f} s: {seen}",
                expected=f"at most {settled.share:.0%} and a still screen for {settled.seconds:g} s",
                hint="the checkpoint's screen and journal show what goes on",
            )
