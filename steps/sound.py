"""A sound card, and whether it is heard."""

from __future__ import annotations

from pytest_bdd import given, then

from harness.guest.sound import wait_for_sound_card, wait_until_plays, wait_until_records
from harness.lab.lab import Lab
from steps.sentence import Sentence


@given("the computer has a sound card")
def has_sound_card(lab: Lab) -> None:
    lab.machine.plug_in_sound_card()
    wait_for_sound_card(lab.agent)


@then(Sentence("the computer {does:plays|records} a sound"))
def plays_or_records(lab: Lab, does: str) -> None:
    wait = {"plays": wait_until_plays, "records": wait_until_records}[does]
    wait(lab.agent)
