from __future__ import annotations

from pathlib import Path

from harness.image.commandline import adapted, command_line
from harness.image.liveiso import LiveIso

TAILS = (
    "boot=live config live-media=removable nopersistence noprompt timezone=Etc/UTC splash noautologin "
    "module=Tails slab_nomerge apparmor=1 security=apparmor quiet"
)


def test_what_tails_asks_for_stays() -> None:
    words = adapted(TAILS).split()
    assert words[:3] == ["boot=live", "config", "live-media=removable"]
    assert {"nopersistence", "module=Tails", "slab_nomerge"} <= set(words)


def test_what_conflicts_goes() -> None:
    words = adapted(f"{TAILS} console=ttyS1,9600 loglevel=7").split()
    assert "splash" not in words
    assert [word for word in words if word.startswith("security=")] == ["security=tomoyo"]
    assert [word for word in words if word.startswith("console=")] == ["console=tty0", "console=ttyS0"]
    assert [word for word in words if word.startswith("loglevel=")] == ["loglevel=3"]
    assert words.count("quiet") == 1


def test_an_image_that_activates_tomoyo_itself_says_it_once() -> None:
    assert adapted("boot=live security=tomoyo").split().count("security=tomoyo") == 1


def test_a_list_of_security_modules_gets_tomoyo_added() -> None:
    assert "lsm=yama,apparmor,tomoyo" in adapted("boot=live lsm=yama,apparmor").split()
    assert "lsm=yama,tomoyo,bpf" in adapted("boot=live lsm=yama,tomoyo,bpf").split()


def test_more_words_come_last(iso: Path) -> None:
    line = command_line(LiveIso.read(iso), "panic=-1", "systemd.unit=rescue.target")
    assert line.startswith("boot=live security=tomoyo ")
    assert line.endswith(" panic=-1 systemd.unit=rescue.target")
