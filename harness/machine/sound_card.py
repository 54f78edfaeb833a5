"""A sound card that a running machine gets: what libvirt cannot plug in, asked of QEMU itself."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from harness.errors import HostError
from harness.machine.driver import libvirt, libvirt_qemu

_MODEL = "AC97"
"""The one of QEMU's cards that both plays and records and needs no codec on a bus of its own."""
_BACKEND = "audio1"
"""What libvirt calls the sound of a machine with VNC: it goes nowhere, and silence comes from there."""


def plug_in(domain: libvirt.virDomain) -> None:
    """Give the machine a sound card with a microphone.

    Raises:
        HostError: no PCI port of the machine is free, or QEMU refuses.
    """
    command = {
        "execute": "device_add",
        "arguments": {
            "driver": _MODEL, "id": "sound", "bus": f"pci.{free_port(domain.XMLDesc())}", "addr": "0x0",
            "audiodev": _BACKEND,
        },
    }  # fmt: skip
    answer = json.loads(libvirt_qemu.qemuMonitorCommand(domain, json.dumps(command), 0))
    if "error" in answer:
        raise HostError(f"QEMU plugs no sound card in: {answer['error'].get('desc', answer['error'])}")


def free_port(description: str) -> int:
    """The number of a PCI root port that no device is in.

    Args:
        description: the running machine's XML.

    Raises:
        HostError: all are in use.
    """
    devices = ElementTree.fromstring(description).find("devices")  # noqa: S314 - libvirt's own
    assert devices is not None, "a machine has devices"
    ports = {
        int(controller.get("index", "0"))
        for controller in devices.iter("controller")
        if controller.get("model") == "pcie-root-port"
    }
    used = {
        int(address.get("bus", "0"), 0) for address in devices.iter("address") if address.get("type") == "pci"
    }
    free = sorted(ports - used)
    if not free:
        raise HostError(
            f"all {len(ports)} PCI ports of the machine are in use",
            expected="the spare one that libvirt adds",
        )
    return free[0]
