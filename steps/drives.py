"""Drives that a person plugs in and pulls out."""

from __future__ import annotations

from pathlib import Path

from pytest_bdd import given, parsers, then, when

from harness.guest.drives import wait_for_usb_drive, wait_until_gone, wait_until_unused
from harness.lab.lab import Lab
from harness.machine import drive
from harness.machine.drive import Drive
from steps.sentence import Sentence

_LUKS = b"LUKS\xba\xbe"
_WITHOUT_FILES = {"empty": drive.empty_stick, "unreadable": drive.unreadable_stick}
_VOLUMES = {"LUKS": drive.luks_stick, "VeraCrypt": drive.veracrypt_stick}


@given(Sentence("I plug in an {state:empty|unreadable} USB stick"), target_fixture="stick")
@when(Sentence("I plug in an {state:empty|unreadable} USB stick"), target_fixture="stick")
def plug_in_without_files(lab: Lab, state: str) -> Drive:
    return _plugged_in(lab, _WITHOUT_FILES[state](_image(lab)))


@when(
    Sentence(
        'I plug in a USB stick with [a {kind:LUKS|VeraCrypt} volume that "{passphrase}" opens, in it ]'
        'the file "{name}" that says "{text...}"'
    ),
    target_fixture="stick",
)
def plug_in_with_file(lab: Lab, kind: str, passphrase: str, name: str, text: str) -> Drive:
    image, files = _image(lab), {name: f"{text}\n".encode()}
    made = _VOLUMES[kind](image, passphrase, files) if kind else drive.stick_with(image, files)
    return _plugged_in(lab, made)


@when(parsers.parse('I put in a disc with the file "{name}" that says "{text}"'))
def put_in_disc(lab: Lab, name: str, text: str) -> None:
    _plugged_in(lab, drive.disc_with(lab.machine.folder / "disc", {name: f"{text}\n".encode()}))


@when("I pull the USB stick out")
def pull_out(lab: Lab, stick: Drive) -> None:
    lab.machine.pull_out(stick)


@then(Sentence('the drive "{path}" is {state:gone|not in use}'))
def drive_is(lab: Lab, path: str, state: str) -> None:
    wait = {"gone": wait_until_gone, "not in use": wait_until_unused}[state]
    wait(lab.agent, path)


@then("the USB stick has a LUKS volume on it")
def has_luks(stick: Drive) -> None:
    begins = stick.content()[: len(_LUKS)]
    assert begins == _LUKS, f"it begins with {begins!r}"


@then(Sentence('the USB stick (says|{lacks:does not say}) "{text...}"'))
def stick_says(stick: Drive, lacks: str, text: str) -> None:
    is_there = text.encode() in stick.content()
    if lacks:
        assert not is_there, f"{text!r} can be read on it"
    else:
        assert is_there, f"{text!r} cannot be read on it"


def _image(lab: Lab) -> Path:
    return lab.machine.folder / "stick"


def _plugged_in(lab: Lab, one: Drive) -> Drive:
    lab.machine.plug_in(one)
    wait_for_usb_drive(lab.agent)
    return one
