"""The end of a scenario's life: what its policy is."""

from __future__ import annotations

import contextlib
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

from harness.errors import GuestError
from harness.guest.tomoyo import SavedPolicy
from harness.lab.enforcement import enforcement
from harness.lab.lab import Start
from harness.lab.life import Life, Unfit
from harness.record import Manifest, Run, RunWriter
from tests.unit.conftest import audit_record
from tests.unit.enforced_run import POLICY

PROGRAM = "<kernel> /usr/bin/pidgin"


class Machine:
    """A lab whose kernel learns what `tail` holds, one entry between each save and the drain after it."""

    def __init__(self, tail: list[str]) -> None:
        self.setup = SimpleNamespace(enforcement=None)
        self.last_words = b""
        self.machine = SimpleNamespace(
            console_tail=lambda _size: b"",
            cpu_seconds=lambda: 0.0,
            shutdown_bytes=lambda: self.last_words,
        )
        self.journal: Any = SimpleNamespace(since=lambda _cursor: b"")
        self.agent: Any = None
        self.person = SimpleNamespace(screen=SimpleNamespace(last=None))
        self.is_on = True
        self.can_be_observed = False
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


def begun(path: Path, machine: Machine, start: str = "console-ready") -> Life:
    run = RunWriter.create(path, Manifest.model_validate({"run": "run", "started": "2026-11-22T18:45:00Z"}))
    run.started(1)
    scenario = run.scenario("features/chat.feature", "Write", checkpoint=start)
    life = Life(cast("Any", machine), scenario, isolation="checkpoint")
    life.begin()
    return life


@pytest.mark.parametrize(
    ("tail", "saves", "learned"),
    [
        (["file read /a", "use_profile 1", "file read /b"], 2, 1),
        (["file read /a", "file create /run/user/1000/orcexec.c7jqVU 0600"], 3, 2),
        ([f"file read /{number}" for number in range(9)], 4, 3),
        # GNOME's terminal looks at each process that starts, and to save the policy starts some.
        ([f"file read proc:/{number}/stat" for number in range(11, 19)], 2, 1),
        (["file read proc:/1/stat", "file read proc:/2/stat", "file read proc:/3/stat"], 3, 2),
    ],
)
def test_what_a_task_does_after_its_last_step_is_in_its_policy(
    tmp_path: Path, tail: list[str], saves: int, learned: int
) -> None:
    machine = Machine(tail)
    life = begun(tmp_path / "run", machine)
    life.finish()
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert machine.saves == saves
    assert sum(len(domain.rules) for domain in scenario.fragment().values()) == learned
    assert (scenario.record.outcome, len(scenario.record.saved_policy)) == ("passed", 1)


class Governed(Machine):
    """A lab under a policy, whose kernel denies what the test says, and keeps records of some of it."""

    def __init__(self, *, on: bool = True) -> None:
        super().__init__([])
        self.setup = SimpleNamespace(enforcement=enforcement(POLICY, "enforcing", "checkpoint"))
        self.tomoyo = SimpleNamespace(violations=lambda _mode: self.counted)
        self.is_on, self.counted = on, 0

    def deny(self, times: int, *, recorded: int) -> None:
        self.counted += times
        record = audit_record(PROGRAM, "file read /x").replace(b"granted=yes", b"granted=no")
        self.unread += record.replace(b"mode=learning", b"mode=enforcing") * recorded

    def switch_off(self) -> None:
        """It is off."""


@pytest.mark.parametrize(("recorded", "lost"), [(3, 0), (1, 2)], ids=["all", "some"])
@pytest.mark.parametrize("start", ["console-ready", "power-off"])
def test_denials_of_which_there_is_no_record_are_told(
    tmp_path: Path, start: str, recorded: int, lost: int
) -> None:
    machine = Governed(on=start != "power-off")
    if machine.is_on:
        machine.deny(5, recorded=0)  # of a boot that was judged already
        machine.deny(4, recorded=4)  # while the checkpoint was saved
    life = begun(tmp_path / "run", machine, start)
    machine.is_on = True
    machine.deny(3, recorded=recorded)
    life.finish()
    (scenario,) = Run.read(tmp_path / "run").scenarios
    verdict = scenario.verdict()
    assert verdict is not None
    assert verdict.lost == lost
    assert [finding.kind for finding in scenario.record.findings] == ["audit-lost"] * bool(lost)


def silent() -> NoReturn:
    raise GuestError("the agent does not answer")


def test_a_machine_that_is_off_is_asked_once(tmp_path: Path) -> None:
    machine = Machine([f"file read /{number}" for number in range(9)])
    machine.save_policy()
    life = begun(tmp_path / "run", machine)
    machine.is_on = False
    life.finish()
    assert machine.saves == 2


@pytest.mark.parametrize("begins", [True, False])
def test_what_goes_wrong_around_a_step_is_in_the_record(tmp_path: Path, *, begins: bool) -> None:
    machine = Machine([])
    life = begun(tmp_path / "run", machine)
    machine.agent = SimpleNamespace(clock=silent)
    if not begins:
        life.step_started("When", "I write")
    machine.can_be_observed = True
    around = (lambda: life.step_started("When", "I write")) if begins else life.step_passed
    with pytest.raises(GuestError):
        around()
    life.finish()
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert (scenario.record.outcome, scenario.record.fault) == ("error", "guest")
    assert [step.outcome for step in scenario.record.steps] == ["error"]


@pytest.mark.parametrize("words", [b"#complete", b""], ids=["in order", "killed"])
def test_a_machine_may_go_off_while_it_is_looked_at(tmp_path: Path, words: bytes) -> None:
    machine = Machine(["file read /a", "use_group 0"])
    machine.save_policy()

    def goes_off() -> NoReturn:
        machine.is_on, machine.last_words = False, words
        silent()

    life = begun(tmp_path / "run", machine)
    machine.agent = SimpleNamespace(clock=goes_off)
    machine.can_be_observed = True
    with contextlib.nullcontext() if words else pytest.raises(GuestError):
        life.step_started("When", "I press the power button")
    machine.can_be_observed = False
    if words:
        life.step_passed()
    life.finish()
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert scenario.record.outcome == ("passed" if words else "error")


def test_a_harvest_that_breaks_leaves_no_scenario_running(tmp_path: Path) -> None:
    machine = Machine([])
    life = begun(tmp_path / "run", machine)

    def broken(_cursor: str) -> NoReturn:
        raise OSError("connection refused")

    machine.journal = SimpleNamespace(since=broken)
    with pytest.raises(OSError, match="refused"):
        life.finish()
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert (scenario.record.outcome, scenario.record.fault) == ("error", "harness")


@pytest.mark.parametrize(("error", "outcome"), [(KeyboardInterrupt, "running"), (OSError, "error")])
def test_who_interrupts_the_way_to_a_scenario_has_it_done_later(
    tmp_path: Path, error: type[BaseException], outcome: str
) -> None:
    machine = Machine([])

    def broken(_name: str) -> NoReturn:
        raise error

    machine.go_to = broken  # type: ignore[assignment]
    with pytest.raises(error):
        begun(tmp_path / "run", machine)
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert scenario.record.outcome == outcome


def test_what_the_kernel_warns_of_is_in_the_journal_alone(tmp_path: Path) -> None:
    machine = Machine(["file read /a"])
    said = b"2026-11-26T20:12:01.123456+00:00 debian kernel: ERROR: Domain '<kernel> /x' not defined."
    machine.journal = SimpleNamespace(since=lambda _cursor: said)
    life = begun(tmp_path / "run", machine)
    with pytest.raises(Unfit, match="transition-failed"):
        life.finish()
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert [finding.kind for finding in scenario.record.findings] == ["transition-failed"]
