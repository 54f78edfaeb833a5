"""Devices that a running machine gets, as its own kernel and tools see them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.guest.drives import wait_for_usb_drive, wait_until_gone
from harness.guest.sound import wait_for_sound, wait_for_sound_card
from harness.lab.lab import Lab
from harness.lab.run import RunOptions, begin_run, open_worker
from harness.machine import drive


@pytest.fixture
def lab(console_iso: Path, tmp_path: Path) -> Iterator[Lab]:
    """A machine at its login prompt."""
    options = begin_run(RunOptions(image=str(console_iso), run=str(tmp_path / "run")), lambda _text: None)
    with options.lab(open_worker(options, "main")) as lab:
        lab.go_to("console-ready")
        yield lab


def test_a_sound_card_and_an_encrypted_stick_are_real_to_the_guest(lab: Lab, tmp_path: Path) -> None:
    assert lab.agent.shell("ls -d /proc/asound/card0").code != 0
    lab.machine.plug_in_sound_card()
    wait_for_sound_card(lab.agent)
    kinds = lab.agent.shell("cat /proc/asound/pcm").out
    assert b"playback 1" in kinds
    assert b"capture 1" in kinds
    with pytest.raises(AssertionError, match="no sound card plays anything"):
        wait_for_sound(lab.agent, "plays")

    stick = drive.luks_stick(tmp_path / "stick", "kettle", {"note.txt": b"hidden away\n"})
    lab.machine.plug_in(stick)
    wait_for_usb_drive(lab.agent)
    assert (
        lab.agent.shell("echo -n teapot | cryptsetup open --test-passphrase --key-file - /dev/sda").code == 2
    )
    opened = lab.agent.shell(
        "echo -n kettle | cryptsetup open --key-file - /dev/sda secret"
        " && mount /dev/mapper/secret /mnt && cat /mnt/note.txt"
    )
    assert opened.out == b"hidden away\n", opened
    lab.agent.shell("umount /mnt && cryptsetup close secret")
    lab.machine.pull_out(stick)
    wait_until_gone(lab.agent, "/dev/sda")
