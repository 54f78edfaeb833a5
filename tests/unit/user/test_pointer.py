import pytest

from harness.errors import GuestError
from harness.user.expectation import Patience
from harness.user.fakes import FakeMachine
from harness.user.pointer import LEFT, RIGHT, Pointer


class Slippery(FakeMachine):
    """Loses its connection in the middle of a drag."""

    def pointer(self, x: int, y: int, buttons: int) -> None:
        super().pointer(x, y, buttons)
        if buttons and x > 50:
            raise GuestError("gone")


def test_a_click_goes_there_first(instant: Patience) -> None:
    machine = FakeMachine()
    Pointer(machine, instant).click((30, 40))
    assert machine.pointer_events == [(30, 40, 0), (30, 40, LEFT), (30, 40, 0)]


def test_double_and_right_clicks(instant: Patience) -> None:
    machine = FakeMachine()
    pointer = Pointer(machine, instant)
    pointer.double_click((1, 2))
    pointer.right_click((1, 2))
    assert [buttons for *_, buttons in machine.pointer_events] == [0, LEFT, 0, LEFT, 0, 0, RIGHT, 0]


def test_a_drag_holds_the_button_over_points_in_between(instant: Patience) -> None:
    machine = FakeMachine()
    Pointer(machine, instant).drag((0, 0), (120, 60))
    (_, pressed, *held, released) = machine.pointer_events
    assert pressed == (0, 0, LEFT)
    assert len(held) >= 10
    assert all(buttons == LEFT for *_, buttons in held)
    assert [x for x, *_ in held] == sorted(x for x, *_ in held)
    assert held[-1] == (120, 60, LEFT)
    assert released == (120, 60, 0)


def test_a_drag_that_fails_lets_go(instant: Patience) -> None:
    machine = Slippery()
    with pytest.raises(GuestError):
        Pointer(machine, instant).drag((0, 0), (120, 60))
    assert machine.pointer_events[-1][2] == 0


@pytest.mark.parametrize(("notches", "wheel"), [(3, 16), (-2, 8)])
def test_scrolling_turns_the_wheel(instant: Patience, notches: int, wheel: int) -> None:
    machine = FakeMachine()
    Pointer(machine, instant).scroll((5, 5), notches)
    assert [buttons for *_, buttons in machine.pointer_events].count(wheel) == abs(notches)
