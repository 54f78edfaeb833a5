"""A sound card, and whether it is heard."""

from __future__ import annotations

from pytest_bdd import given, then

from harness.guest.sound import wait_for_sound_card, wait_until_plays, wait_until_records
from harness.lab.lab import Lab


@given("the computer has a sound card")
def has_sound_card(lab: Lab) -> None:
    lab.machine.plug_in_sound_card()
    wait_for_sound_card(lab.agent)


@then("the computer plays a sound")
def plays(lab: Lab) -> None:
    wait_until_plays(lab.agent)


@then("the computer records a sound")
def records(lab: Lab) -> None:
    wait_until_records(lab.agent)
