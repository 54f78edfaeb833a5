"""What the kernel counts: changes, violations, memory (`tomoyo_read_stat`, `security/tomoyo/common.c`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harness.errors import PolicyError
from harness.policy.line import BadLine, read_lines

_TIME = "%Y/%m/%d %H:%M:%S"
_COUNTER = re.compile(r"Policy ([a-z ]+): ([0-9]+)(?: \(Last: ([0-9/]+ [0-9:]+)\))?")
_MEMORY = re.compile(r"Memory used by ([a-z ]+): ([0-9]+)(?: \(Quota: ([0-9]+)\))?")
_TOTAL = re.compile(r"Total memory used: ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Counter:
    """How often something happened, and when last."""

    count: int
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in use, and how many may be (None: no limit)."""

    used: int
    quota: int | None = None


@dataclass(frozen=True, slots=True)
class Stat:
    """The counters.

    Attributes:
        policy: by `update`, `violation in learning mode`, `… permissive mode`, `… enforcing mode`.
        memory: by `policy`, `audit log`, `query message`.
        total: bytes in use, all together.
        bad_lines: what a lenient reading set aside.
    """

    policy: Mapping[str, Counter]
    memory: Mapping[str, Memory]
    total: int
    bad_lines: tuple[BadLine, ...] = field(default=(), compare=False)

    def text(self) -> str:
        """The counters as the kernel prints them."""
        lines = []
        for name, counter in self.policy.items():
            last = f" (Last: {counter.last.strftime(_TIME)})" if counter.last else ""
            lines.append(f"Policy {name + ':':<30} {counter.count:10}{last}\n")
        for name, memory in self.memory.items():
            quota = f" (Quota: {memory.quota:10})" if memory.quota else ""
            lines.append(f"Memory used by {name + ':':<22} {memory.used:10}{quota}\n")
        return "".join([*lines, f"Total memory used:                    {self.total:10}\n"])


def parse_stat(data: bytes | str, *, source: str = "", lenient: bool = False) -> Stat:
    """Reads the counters.

    Raises:
        PolicyError: at the first bad line, unless lenient.
    """
    policy: dict[str, Counter] = {}
    memory: dict[str, Memory] = {}
    total = 0

    def take(line: str, _: int) -> None:
        nonlocal total
        if match := _COUNTER.fullmatch(line):
            policy[match[1]] = Counter(int(match[2]), _moment(match[3]) if match[3] else None)
        elif match := _MEMORY.fullmatch(line):
            memory[match[1]] = Memory(int(match[2]), int(match[3]) if match[3] else None)
        elif match := _TOTAL.fullmatch(line):
            total = int(match[1])
        else:
            raise PolicyError(
                f"no counter: {line}", expected="Policy …, Memory used by … or Total memory used"
            )

    bad_lines = read_lines(data, take, source=source, lenient=lenient)
    return Stat(policy, memory, total, bad_lines)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError as error:
        raise PolicyError(f"not a time: {text}", expected="YYYY/MM/DD hh:mm:ss") from error
