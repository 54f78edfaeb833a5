"""Drives that a person plugs in and pulls out."""

from __future__ import annotations

from pathlib import Path

from pytest_bdd import given, parsers, then, when

from harness.guest.drives import wait_for_usb_drive, wait_until_gone, wait_until_unused
from harness.lab.lab import Lab
from harness.machine import drive
from harness.machine.drive import Drive

_LUKS = b"LUKS\xba\xbe"
_VOLUMES = {"LUKS": drive.luks_stick, "VeraCrypt": drive.veracrypt_stick}


@given("I plug in an empty USB stick", target_fixture="stick")
@when("I plug in an empty USB stick", target_fixture="stick")
def plug_in_empty(lab: Lab) -> Drive:
    return _plugged_in(lab, drive.empty_stick(_image(lab)))


@when("I plug in a USB stick with nothing readable on it", target_fixture="stick")
def plug_in_unreadable(lab: Lab) -> Drive:
    return _plugged_in(lab, drive.unreadable_stick(_image(lab)))


@when(
    parsers.parse('I plug in a USB stick with the file "{name}" that says "{text}"'), target_fixture="stick"
)
def plug_in_with_file(lab: Lab, name: str, text: str) -> Drive:
    return _plugged_in(lab, drive.stick_with(_image(lab), {name: f"{text}\n".encode()}))


@when(
    parsers.parse(
        'I plug in a USB stick with a {kind} volume that "{passphrase}" opens, '
        'in it the file "{name}" that says "{text}"'
    ),
    target_fixture="stick",
)
def plug_in_encrypted(lab: Lab, kind: str, passphrase: str, name: str, text: str) -> Drive:
    return _plugged_in(lab, _VOLUMES[kind](_image(lab), passphrase, {name: f"{text}\n".encode()}))


@when(parsers.parse('I put in a disc with the file "{name}" that says "{text}"'))
def put_in_disc(lab: Lab, name: str, text: str) -> None:
    _plugged_in(lab, drive.disc_with(lab.machine.folder / "disc", {name: f"{text}\n".encode()}))


@when("I pull the USB stick out")
def pull_out(lab: Lab, stick: Drive) -> None:
    lab.machine.pull_out(stick)


@then(parsers.parse('the drive "{path}" is gone'))
def drive_is_gone(lab: Lab, path: str) -> None:
    wait_until_gone(lab.agent, path)


@then(parsers.parse('the drive "{path}" is not in use'))
def drive_is_not_in_use(lab: Lab, path: str) -> None:
    wait_until_unused(lab.agent, path)


@then("the USB stick has a LUKS volume on it")
def has_luks(stick: Drive) -> None:
    begins = stick.content()[: len(_LUKS)]
    assert begins == _LUKS, f"it begins with {begins!r}"


@then(parsers.parse('the USB stick contains "{text}"'))
def stick_contains(stick: Drive, text: str) -> None:
    assert text.encode() in stick.content(), f"{text!r} cannot be read on it"


@then(parsers.parse('the USB stick does not contain "{text}"'))
def stick_does_not_contain(stick: Drive, text: str) -> None:
    assert text.encode() not in stick.content(), f"{text!r} can be read on it"


def _image(lab: Lab) -> Path:
    return lab.machine.folder / "stick"


def _plugged_in(lab: Lab, one: Drive) -> Drive:
    lab.machine.plug_in(one)
    wait_for_usb_drive(lab.agent)
    return one
