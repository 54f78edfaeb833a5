"""How many machines a host carries at a time, and how large each may be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_OWN_MIB = 1024
"""What QEMU and the harness take beside a machine's own memory."""
_MOST_VCPUS = 2
"""A desktop's tasks follow one another; more processors than this make none of them quicker."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a host has: processors this process may use, and MiB of memory that are free."""

    processors: int
    free_mib: int

    @classmethod
    def of_this_host(cls) -> Capacity:
        """What this host has now."""
        meminfo = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        return cls(len(os.sched_getaffinity(0)), int(meminfo["MemAvailable"].split()[0]) // 1024)

    def workers(self, memory_mib: int, vcpus: int) -> int:
        """As many machines as there are processors for, and room in memory; one at least.

        Machines that share processors without hardware virtualisation take longer for all their tasks
        together than one of them alone.
        """
        return max(1, min(self.processors // vcpus, self.free_mib // (memory_mib + _OWN_MIB)))

    def vcpus(self) -> int:
        """The processors of a machine: a desktop that boots on one is too slow for its own time limits."""
        return max(1, min(_MOST_VCPUS, self.processors))
