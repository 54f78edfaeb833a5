"""Sound in the guest, as its kernel tells of it: is there a card, does it play or record?"""

from __future__ import annotations

from harness.errors import GuestError
from harness.guest.agent import Agent

_RUNNING = "grep -qs 'state: RUNNING' /proc/asound/card*/pcm*{direction}/sub*/status"


def wait_for_sound_card(agent: Agent) -> None:
    """Wait until the guest's kernel has a sound card.

    Raises:
        GuestError: it never has.
    """
    if not agent.comes_true("ls -d /proc/asound/card[0-9]* > /dev/null 2>&1"):
        raise GuestError(
            "the guest has no sound card some time after it was plugged in",
            expected="a driver for Intel's AC97, as Debian's kernel has it",
            hint="the journal in the record tells what the kernel made of it",
        )


def wait_until_plays(agent: Agent) -> None:
    """Wait until a program plays something on a sound card.

    Raises:
        AssertionError: nobody does.
    """
    assert agent.comes_true(_RUNNING.format(direction="p")), "no sound card plays anything"


def wait_until_records(agent: Agent) -> None:
    """Wait until a program takes sound from a card's microphone.

    Raises:
        AssertionError: nobody does.
    """
    assert agent.comes_true(_RUNNING.format(direction="c")), "no sound card records anything"
