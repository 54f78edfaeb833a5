"""Drives in the guest, seen through the agent: has it noticed what was plugged in or pulled out?"""

from __future__ import annotations

import shlex

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest.agent import Agent

_USB = "ls /dev/disk/by-id/usb-* > /dev/null 2>&1"


def wait_for_usb_drive(agent: Agent, deadline: Deadline | None = None) -> None:
    """Wait until the guest has a USB drive under a name.

    Raises:
        GuestError: it never has.
    """
    deadline = deadline or agent.deadline(20)
    for last in deadline.attempts():
        if agent.shell(_USB).code == 0:
            return
        if last:
            raise GuestError(
                f"the guest has no USB drive {deadline.seconds:.0f} s after it was plugged in",
                expected="a name below /dev/disk/by-id",
                hint="the journal in the record tells what the kernel made of it",
            )


def wait_until_gone(agent: Agent, path: str, deadline: Deadline | None = None) -> None:
    """Wait until the guest has no device `path` any more.

    Raises:
        AssertionError: it stays.
    """
    deadline = deadline or agent.deadline(20)
    for last in deadline.attempts():
        if agent.shell(f"[ ! -e {shlex.quote(path)} ]").code == 0:
            return
        assert not last, f"{path} is still there"
