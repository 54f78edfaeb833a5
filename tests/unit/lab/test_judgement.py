"""A verdict also for a machine that does not answer any more."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.errors import GuestError, HostError
from harness.lab.enforcement import enforcement
from harness.lab.judgement import at_once, judge, records_left
from harness.lab.lab import Lab
from harness.policy.audit import records_in
from harness.record.schema import VerdictRecord
from tests.unit.enforced_run import POLICY

TASK = "task={ pid=1 ppid=0 uid=0 gid=0 euid=0 egid=0 suid=0 sgid=0 fsuid=0 fsgid=0 }"


def record(entry: str, second: int = 56) -> bytes:
    head = f"#2026/11/22 18:47:{second}# profile=3 mode=enforcing granted=no (global-pid=1) {TASK}"
    return f"{head}\n<kernel> /usr/sbin/init\n{entry}\n\0".encode()


class Written:
    def __init__(self) -> None:
        self.record: VerdictRecord | None = None

    def verdict(self, verdict: VerdictRecord) -> None:
        self.record = verdict


ENFORCED = enforcement(POLICY, "enforcing", "boot")


def test_a_boot_that_hung_failed_with_its_denials() -> None:
    written = Written()
    notices = judge(written, ENFORCED, "error", at_once(record("file read /x")), gathered="memory")
    assert notices == []
    assert written.record is not None
    assert (written.record.verdict, written.record.gathered) == ("failed", "memory")
    assert [denial.entry for denial in written.record.denials] == ["file read /x"]


def test_a_full_audit_is_a_notice() -> None:
    data = b"".join(record(f"file read /{number}") for number in range(65536))
    (notice,) = judge(Written(), ENFORCED, "passed", at_once(data))
    assert notice.kind == "audit-lost"


@pytest.mark.parametrize(("counted", "lost"), [(2, 0), (1, 0), (9, 7), (None, 0)])
def test_a_denial_that_only_the_kernel_counted_is_a_notice(counted: int | None, lost: int) -> None:
    written = Written()
    data = record("file read /x") + record("use_profile 3\nuse_group 0") + record("file read /x")
    notices = judge(written, ENFORCED, "passed", at_once(data), counted=counted)
    assert [notice.kind for notice in notices] == (["audit-lost"] if lost else [])
    assert written.record is not None
    assert written.record.lost == lost


MEMORY = (
    bytes(5000)
    + record("file read /late", 59)
    + b"\xff" * 100
    + record("file execute /early", 10)
    + record("file execute /early", 10)
    + b"# profile=3 mode=enforcing granted=no (global-pid=x garbage"
    + bytes(9000)
)


def test_records_are_found_in_memory_each_once_and_in_time(tmp_path: Path) -> None:
    image = tmp_path / "memory"
    image.write_bytes(MEMORY)
    assert records_in(image, most=9) == [record("file execute /early", 10), record("file read /late", 59)]
    assert len(records_in(image, most=1)) == 1


class Machine:
    """A machine whose memory is what the test says, or cannot be had."""

    def __init__(self, folder: Path, memory: bytes | None, *, runs: bool = True) -> None:
        self.folder, self.memory, self.runs = folder, memory, runs

    def is_running(self) -> bool:
        return self.runs

    def dump(self, path: Path) -> None:
        if self.memory is None:
            raise HostError("the disk is full")
        path.write_bytes(self.memory)


def lab(machine: Machine, audit: bytes | None) -> Lab:
    def drain() -> bytes:
        if audit is None:
            raise GuestError("the agent does not answer")
        return audit

    return cast(Lab, SimpleNamespace(machine=machine, tomoyo=SimpleNamespace(drain_audit=drain)))


def test_an_agent_that_answers_is_asked(tmp_path: Path) -> None:
    left = records_left(lab(Machine(tmp_path, b""), record("file read /x")))
    assert (left.data, left.place, left.problem) == (record("file read /x"), "audit", "")


def test_without_an_agent_the_memory_tells(tmp_path: Path) -> None:
    left = records_left(lab(Machine(tmp_path, MEMORY), None))
    assert (left.place, left.problem) == ("memory", "")
    assert left.data.startswith(record("file execute /early", 10))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("runs", "why"), [(True, "the disk is full"), (False, "the machine runs no more")])
def test_where_nothing_can_be_had_it_is_said(tmp_path: Path, *, runs: bool, why: str) -> None:
    left = records_left(lab(Machine(tmp_path, None, runs=runs), None))
    assert left.data == b""
    assert left.problem.startswith(f"what was denied is not known: {why}")
