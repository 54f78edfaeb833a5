"""The computer itself: on, off, ready."""

from __future__ import annotations

from pytest_bdd import then, when

from harness.lab.lab import Lab


@when("the computer is switched on")
def switch_on(lab: Lab) -> None:
    lab.switch_on()


@then("the system is ready for its user")
def is_ready(lab: Lab) -> None:
    lab.get_ready()


@when("I press the power button")
def press_power_button(lab: Lab) -> None:
    lab.machine.press_power_button()


@then("the computer switches itself off")
def switches_off(lab: Lab) -> None:
    lab.machine.wait_until_off(lab.deadline(60))
