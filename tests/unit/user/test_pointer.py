import pytest

from harness.user.expectation import Patience
from harness.user.fakes import FakeMachine
from harness.user.pointer import LEFT, RIGHT, Pointer


def test_a_click_goes_there_first(instant: Patience) -> None:
    machine = FakeMachine()
    Pointer(machine, instant).click((30, 40))
    assert machine.pointer_events == [(30, 40, 0), (30, 40, LEFT), (30, 40, 0)]


def test_double_and_right_clicks(instant: Patience) -> None:
    machine = FakeMachine()
    pointer = Pointer(machine, instant)
    pointer.double_click((1, 2))
    pointer.right_click((1, 2))
    assert [buttons for *_, buttons in machine.pointer_events] == [0, LEFT, 0, LEFT, 0, RIGHT, 0]


@pytest.mark.parametrize(("notches", "wheel"), [(3, 16), (-2, 8)])
def test_scrolling_turns_the_wheel(instant: Patience, notches: int, wheel: int) -> None:
    machine = FakeMachine()
    Pointer(machine, instant).scroll((5, 5), notches)
    assert [buttons for *_, buttons in machine.pointer_events].count(wheel) == abs(notches)
