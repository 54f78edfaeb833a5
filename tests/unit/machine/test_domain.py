"""What every machine has and has not, whatever is asked for."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.machine.accelerator import kvm, tcg
from harness.machine.domain import Boot, Definition, Sockets, Spec, next_half_hour
from harness.machine.enclosure import launcher

FOLDER = Path("/tmp/tomograph-0/0/tomograph")
DEFINITION = Definition(
    "tomograph",
    Spec(memory=2048, vcpus=3),
    Boot(
        Path("/c/vmlinuz"), Path("/c/initrd"), 'boot=live security=tomoyo x="<&>"', Path("/i/live & well.iso")
    ),
    tcg("asked for"),
)


def domain(definition: Definition = DEFINITION) -> ElementTree.Element:
    return ElementTree.fromstring(definition.xml(FOLDER))


def test_the_guests_only_network_is_that_of_the_enclosure() -> None:
    assert [interface.get("type") for interface in domain().findall(".//interface")] == ["user"]
    assert domain().findall(".//interface/backend") == []
    assert domain().findtext("./devices/emulator") == str(launcher())
    assert domain().findall(".//hostdev") == []


def test_nothing_listens_on_a_port() -> None:
    (graphics,) = domain().findall("./devices/graphics")
    assert graphics.get("socket") == str(FOLDER / "vnc")
    assert graphics.get("port") is None
    assert {device.get("type") for device in domain().findall("./devices/channel")} == {"unix", "file"}
    assert [serial.get("type") for serial in domain().findall("./devices/serial")] == ["unix"]


def test_every_socket_lies_in_the_private_folder() -> None:
    sockets = {source.get("path") for source in domain().findall("./devices/*/source") if source.get("mode")}
    places = Sockets.in_folder(FOLDER)
    assert sockets == {str(places.serial), str(places.agent), str(places.bulk)}


def test_the_medium_is_read_only_and_its_name_escaped() -> None:
    (disk,) = domain().findall("./devices/disk")
    assert disk.find("readonly") is not None
    source = disk.find("source")
    assert source is not None
    assert source.get("file") == "/i/live & well.iso"
    assert domain().findtext("./os/cmdline") == 'boot=live security=tomoyo x="<&>"'


@pytest.mark.parametrize(
    ("now", "begins"),
    [("03:17:00", "03:30"), ("03:29:59", "03:30"), ("03:30:00", "04:30"), ("23:59:59", "00:30")],
)
def test_the_clock_begins_where_no_job_is_due(now: str, begins: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-26T{now}+00:00").timestamp()
    start = next_half_hour(moment)
    assert moment < start <= moment + 3600
    assert f"{datetime.fromtimestamp(start, UTC):%H:%M}" == begins


def test_the_machine_has_that_clock() -> None:
    clock = domain().find("clock")
    assert clock is not None
    assert clock.get("offset") == "absolute"
    assert 0 <= int(clock.get("start", "")) - time.time() <= 3600


def test_under_tcg_the_processor_has_no_avx_and_under_kvm_it_is_the_hosts() -> None:
    assert domain().findtext("./cpu/model") == "Nehalem"
    cpu = domain(replace(DEFINITION, accelerator=kvm("it works"))).find("cpu")
    assert cpu is not None
    assert cpu.get("mode") == "host-model"


def test_the_key_changes_with_the_hardware_and_not_with_what_boots() -> None:
    other_boot = replace(DEFINITION, boot=replace(DEFINITION.boot, command_line="boot=live"))
    assert other_boot.key() == DEFINITION.key()
    assert replace(DEFINITION, spec=replace(DEFINITION.spec, vcpus=1)).key() != DEFINITION.key()
    assert replace(DEFINITION, accelerator=kvm("it works")).key() != DEFINITION.key()


def test_another_qemu_has_checkpoints_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with_this_one = DEFINITION.key()
    monkeypatch.setattr("harness.machine.domain.emulator_version", lambda: "99.0.0")
    assert DEFINITION.key() != with_this_one
