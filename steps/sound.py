"""A sound card, and whether it is heard."""

from __future__ import annotations

from pytest_bdd import given, then

from harness.guest.sound import Direction, wait_for_sound, wait_for_sound_card
from harness.lab.lab import Lab
from steps.sentence import Sentence


@given("the computer has a sound card")
def has_sound_card(lab: Lab) -> None:
    lab.machine.plug_in_sound_card()
    wait_for_sound_card(lab.agent)


@then(Sentence("the computer {does:plays|records} a sound[{ended: no more}]"))
def plays_or_records(lab: Lab, does: Direction, ended: str) -> None:
    wait_for_sound(lab.agent, does, ended=bool(ended))
