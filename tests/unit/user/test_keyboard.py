import pytest

from harness.errors import GuestError
from harness.user.expectation import Patience
from harness.user.fakes import FakeMachine
from harness.user.keyboard import Keyboard

CTRL, ALT = 0xFFE3, 0xFFE9


class Failing(FakeMachine):
    """Loses its connection when one key goes down."""

    def key(self, keysym: int, *, down: bool) -> None:
        super().key(keysym, down=down)
        if down and keysym == ord("t"):
            raise GuestError("gone")


def test_a_combination_is_released_in_reverse_order(instant: Patience) -> None:
    machine = FakeMachine()
    Keyboard(machine, instant).press("ctrl-alt-t")
    down = [CTRL, ALT, ord("t")]
    assert machine.keys == [(key, True) for key in down] + [(key, False) for key in reversed(down)]


def test_keys_are_released_when_a_press_fails(instant: Patience) -> None:
    machine = Failing()
    with pytest.raises(GuestError):
        Keyboard(machine, instant).press("ctrl-alt-t")
    assert machine.held == frozenset()
    assert machine.keys[-3:] == [(ord("t"), False), (ALT, False), (CTRL, False)]


def test_text_comes_at_a_steady_pace(instant: Patience) -> None:
    machine = FakeMachine()
    began = instant.clock()
    Keyboard(machine, instant, pace=0.1).type("Hi there")
    assert machine.text == "Hi there"
    assert instant.clock() - began == pytest.approx(0.8)


def test_a_key_can_be_pressed_several_times(instant: Patience) -> None:
    machine = FakeMachine("abcdef")
    Keyboard(machine, instant).press("BackSpace", times=4)
    assert machine.text == "ab"
