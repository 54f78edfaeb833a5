"""Settled means idle and still, for a while, both at once."""

from typing import cast

import numpy as np
import pytest

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.lab.settle import Settled, wait_until_settled
from harness.machine.machine import Machine
from harness.user.picture import Picture
from harness.user.screen import Screen


class World:
    """A clock that goes on with each look, and a machine that is busy or paints until some moment."""

    def __init__(self, *, busy_until: float = 0.0, paints_until: float = 0.0, dies_at: float = 1e9) -> None:
        self.now = 0.0
        self.busy_until, self.paints_until, self.dies_at = busy_until, paints_until, dies_at

    def clock(self) -> float:
        self.now += 0.25
        return self.now

    def cpu_seconds(self) -> float:
        return min(self.now, self.busy_until)

    def must_live(self) -> None:
        if self.now > self.dies_at:
            raise GuestError("the machine is gone")

    def capture(self) -> Picture:
        shade = int(min(self.now, self.paints_until)) % 256
        return Picture(np.full((40, 40, 3), shade * 20 % 256, dtype=np.uint8))

    stands_still = staticmethod(Screen.stands_still)


def settle(world: World, seconds: float = 100.0) -> float:
    deadline = Deadline.after(seconds, clock=world.clock)
    wait_until_settled(cast(Machine, world), cast(Screen, world), Settled(0.3, 5.0), deadline)
    return world.now


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The world's own clock goes on; nobody has to wait for a real one."""
    attempts = Deadline.attempts
    monkeypatch.setattr(Deadline, "attempts", lambda self, **_: attempts(self, pause=lambda _seconds: None))


def test_an_idle_machine_has_settled_after_the_time_asked_for() -> None:
    assert 5 <= settle(World()) <= 8


def test_a_busy_machine_is_waited_for() -> None:
    assert settle(World(busy_until=30)) >= 33


def test_a_screen_that_changes_is_waited_for() -> None:
    assert settle(World(paints_until=30)) >= 33


def test_a_machine_that_never_rests_is_an_error_with_its_load() -> None:
    with pytest.raises(
        GuestError, match=r"does not settle within 50 s: at the end it used \d+% of a processor"
    ):
        settle(World(busy_until=1e9), seconds=50)


def test_a_machine_that_dies_meanwhile_is_noticed() -> None:
    with pytest.raises(GuestError, match="is gone"):
        settle(World(busy_until=1e9, dies_at=10))
