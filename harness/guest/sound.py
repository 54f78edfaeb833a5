"""Sound in the guest, as its kernel tells of it: is there a card, does it play or record?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from harness.errors import GuestError
from harness.guest.agent import Agent

Direction = Literal["plays", "records"]

_RUNNING = "grep -qs 'state: RUNNING' /proc/asound/card*/pcm*{letter}/sub*/status"
_DIRECTIONS: Mapping[Direction, str] = {"plays": "p", "records": "c"}


def wait_for_sound_card(agent: Agent) -> None:
    """Wait until the guest's kernel has a sound card that something can be played on.

    The card's folder is there before its devices are registered, which /proc/asound/pcm tells of.

    Raises:
        GuestError: it never has.
    """
    if not agent.comes_true("grep -qs playback /proc/asound/pcm"):
        raise GuestError(
            "the guest has no sound card some time after it was plugged in",
            expected="a driver for Intel's AC97, as Debian's kernel has it",
            hint="the journal in the record tells what the kernel made of it",
        )


def wait_for_sound(agent: Agent, direction: Direction, *, ended: bool = False) -> None:
    """Wait until a program plays something on a sound card, or takes sound from a card's microphone.

    Args:
        agent: of the guest.
        direction: `plays` or `records`.
        ended: wait until nobody does any more, instead. A sound server stops some seconds after its programs.

    Raises:
        AssertionError: it does not come to that.
    """
    running = _RUNNING.format(letter=_DIRECTIONS[direction])
    if ended:
        assert agent.comes_true(f"! {running}"), f"a sound card {direction} still"
    else:
        assert agent.comes_true(running), f"no sound card {direction} anything"
