"""As many machines as a host has processors and memory for."""

import os

import pytest

from harness.lab.capacity import Capacity


@pytest.mark.parametrize(
    ("processors", "free_mib", "workers", "vcpus"),
    [
        (2, 24000, 1, 2),
        (2, 8000, 1, 2),
        (1, 24000, 1, 1),
        (8, 64000, 4, 2),
        (8, 16000, 3, 2),
        (4, 24000, 2, 2),
        (4, 2000, 1, 2),
    ],
)
def test_machines_fit_the_host(processors: int, free_mib: int, workers: int, vcpus: int) -> None:
    capacity = Capacity(processors, free_mib)
    assert capacity.vcpus() == vcpus
    assert capacity.workers(4096, vcpus) == workers


def test_what_this_host_has_is_read_from_it() -> None:
    capacity = Capacity.of_this_host()
    all_of_it = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    assert 1 <= capacity.processors <= (os.cpu_count() or 0)
    assert all_of_it // 100 < capacity.free_mib <= all_of_it, "MiB, and not KiB or bytes"
