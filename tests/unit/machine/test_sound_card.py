"""Where a sound card goes: into the PCI port that is free."""

import pytest

from harness.errors import HostError
from harness.machine.sound_card import free_port

PORT = '<controller type="pci" index="{0}" model="pcie-root-port"/>'
DEVICE = '<interface><address type="pci" bus="0x0{0}" slot="0x00"/></interface>'


def machine(ports: int, devices: int) -> str:
    inside = [PORT.format(n) for n in range(1, ports + 1)] + [DEVICE.format(n) for n in range(1, devices + 1)]
    return f'<domain><devices><controller index="0" model="pcie-root"/>{"".join(inside)}</devices></domain>'


def test_the_first_free_port_is_taken() -> None:
    assert free_port(machine(7, 6)) == 7
    assert free_port(machine(3, 1)) == 2


def test_that_none_is_free_is_told() -> None:
    with pytest.raises(HostError, match="all 3 PCI ports"):
        free_port(machine(3, 3))
