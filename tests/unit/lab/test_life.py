"""The end of a scenario's life: what its policy is."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.guest.tomoyo import SavedPolicy
from harness.lab.lab import Start
from harness.lab.life import Life
from harness.record import Manifest, Run, RunWriter
from tests.unit.conftest import audit_record

PROGRAM = "<kernel> /usr/bin/pidgin"


class Machine:
    """A lab whose kernel learns what `tail` holds, one entry between each save and the drain after it."""

    def __init__(self, tail: list[str]) -> None:
        self.setup = SimpleNamespace(enforcement=None)
        self.machine = SimpleNamespace(console_tail=lambda _size: b"", cpu_seconds=lambda: 0.0)
        self.journal = SimpleNamespace(since=lambda _cursor: b"")
        self.is_on = True
        self.held: list[str] = []
        self.tail = deque(tail)
        self.unread = b""
        self.saves = 0

    def go_to(self, name: str) -> Start:
        return Start(name, None, "", 0.0)

    def save_policy(self) -> SavedPolicy:
        self.saves += 1
        text = "\n".join([PROGRAM, "use_profile 1", "use_group 0", "", *self.held, "", ""])
        if self.tail:
            entry = self.tail.popleft()
            self.unread += audit_record(PROGRAM, entry)
            if not entry.startswith("use_"):
                self.held.append(entry)
        return SavedPolicy(f"26-11-22.18:48:0{self.saves}", {"domain_policy.conf": text.encode()})

    def drain_audit(self) -> bytes:
        records, self.unread = self.unread, b""
        return records


@pytest.mark.parametrize(
    ("tail", "saves", "learned"),
    [
        (["file read /a", "use_profile 1", "file read /b"], 2, 1),
        (["file read /a", "file create /run/user/1000/orcexec.c7jqVU 0600"], 3, 2),
        ([f"file read proc:/{number}/stat" for number in range(9)], 4, 3),
    ],
)
def test_what_a_task_does_after_its_last_step_is_in_its_policy(
    tmp_path: Path, tail: list[str], saves: int, learned: int
) -> None:
    run = RunWriter.create(
        tmp_path / "run", Manifest.model_validate({"run": "run", "started": "2026-11-22T18:45:00Z"})
    )
    run.started(1)
    machine = Machine(tail)
    life = Life(
        cast("Any", machine), run.scenario("features/chat.feature", "Write", checkpoint="console-ready"),
        isolation="checkpoint",
    )  # fmt: skip
    life.begin()
    life.finish()
    (scenario,) = Run.read(run.path).scenarios
    assert machine.saves == saves
    assert sum(len(domain.rules) for domain in scenario.fragment().values()) == learned
    assert (scenario.record.outcome, len(scenario.record.saved_policy)) == ("passed", 1)
