"""Drives in the guest, seen through the agent: has it noticed what was plugged in or pulled out?"""

from __future__ import annotations

import shlex

from harness.errors import GuestError
from harness.guest.agent import Agent

_USB = "ls /dev/disk/by-id/usb-* > /dev/null 2>&1"


def wait_for_usb_drive(agent: Agent) -> None:
    """Wait until the guest has a USB drive under a name.

    Raises:
        GuestError: it never has.
    """
    if not agent.comes_true(_USB):
        raise GuestError(
            "the guest has no USB drive some time after it was plugged in",
            expected="a name below /dev/disk/by-id",
            hint="the journal in the record tells what the kernel made of it",
        )


def wait_until_gone(agent: Agent, path: str) -> None:
    """Wait until the guest has no device `path` any more.

    Raises:
        AssertionError: it stays.
    """
    assert agent.comes_true(f"[ ! -e {shlex.quote(path)} ]"), f"{path} is still there"


def wait_until_unused(agent: Agent, path: str) -> None:
    """Wait until the device `path` is there, nothing of it is mounted, and no encrypted volume in it is open.

    Raises:
        AssertionError: something stays, or there is no such device.
    """
    script = (
        f"device={shlex.quote(path)}; name=${{device##*/}}; "
        "[ -b $device ] && ! grep -q ^$device /proc/mounts || exit 1; "
        "for holder in /sys/class/block/$name*/holders/*; do [ ! -e $holder ] || exit 1; done"
    )
    assert agent.comes_true(script), f"{path} is still in use, or is not there"
