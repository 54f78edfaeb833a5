"""Builds reference images for real and boots them; long, so run by hand: `pytest tests/build`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.image import reference
from harness.image.apt import Suite
from harness.image.liveiso import LiveIso
from harness.policy import parse_exception_policy
from harness.record.reader import Run
from harness.user.expectation import Patience
from harness.user.reading import Tesseract
from harness.user.screen import Screen
from harness.user.vnc import VncDisplay

pytestmark = pytest.mark.timeout(3600)
FIRMWARE = {"BIOS": (), "UEFI": ("-bios", "/usr/share/ovmf/OVMF.fd")}


def test_the_same_recipe_gives_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path))
    lists = []
    for fresh in (False, True):
        iso = reference.build("console", "trixie", fresh=fresh, progress=print)
        lists.append({end: iso.with_suffix(end).read_text() for end in (".files", ".packages")})
        assert not LiveIso.read(iso).root.exists("usr/sbin/qemu-ga")
    assert lists[0] == lists[1]


@pytest.mark.parametrize("suite", ["trixie", "bookworm"])
@pytest.mark.parametrize("firmware", FIRMWARE)
def test_it_boots_by_itself_to_a_login(tmp_path: Path, firmware: str, suite: Suite) -> None:
    iso = reference.build("console", suite, progress=print)
    socket = tmp_path / "vnc"
    machine = (
        *("qemu-system-x86_64", "-m", "2048", "-machine", "q35", "-vga", "std", *FIRMWARE[firmware]),
        *(
            "-cdrom",
            str(iso),
            "-nic",
            "none",
            "-vnc",
            f"unix:{socket}",
            "-monitor",
            "none",
            "-serial",
            "none",
        ),
    )
    patience = Patience(scale=6)
    with subprocess.Popen(machine) as process:
        try:
            for last in patience.deadline(10).attempts():
                if socket.exists():
                    break
                assert not last, "QEMU did not start"
            display = VncDisplay(socket, patience)
            Screen(display, Tesseract(), patience).wait_for_text("amnesia login", within=150)
            display.close()
        finally:
            process.kill()


@pytest.mark.parametrize(("suite", "with_tomoyo"), [("trixie", True), ("bookworm", False)])
def test_the_other_kinds_are_learned_from(tmp_path: Path, suite: Suite, *, with_tomoyo: bool) -> None:
    iso = reference.build("console", suite, with_tomoyo=with_tomoyo, progress=print)
    learn = [
        Path(sys.executable).with_name("tomograph"),
        "learn",
        "--image",
        iso,
        "-k",
        "Log_in_and_look or Make_a_key_sign",
    ]
    subprocess.run([*learn, "--out", tmp_path / "run"], check=True)
    run = Run.read(tmp_path / "run")
    assert [scenario.record.outcome for scenario in run.scenarios] == ["passed", "passed"]
    assert any(package.startswith("tomoyo-tools ") for package in run.manifest.overlay) is not with_tomoyo
    if with_tomoyo:
        _has_the_images_own_policy(run, LiveIso.read(iso))


def _has_the_images_own_policy(run: Run, iso: LiveIso) -> None:
    own = iso.root.read("etc/tomoyo/policy/00-01-01.00:00:00/exception_policy.conf")
    path = next(run.scenarios[0].folder.glob("policy/*/exception_policy.conf"))
    of_the_image = set(parse_exception_policy(own, source="the image's").text().splitlines())
    in_the_kernel = set(parse_exception_policy(path.read_bytes(), source=str(path)).text().splitlines())
    assert of_the_image <= in_the_kernel
    added = in_the_kernel - of_the_image
    assert added
    # The last two are built into Debian's kernel.
    ours = ("qemu-ga", "system-shutdown/tomograph", "/sbin/modprobe", "/sbin/hotplug")
    assert [line for line in added if not any(word in line for word in ours)] == []
