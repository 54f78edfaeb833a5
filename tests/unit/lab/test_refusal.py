"""One sentence for both modes; each way in which it does not count is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from harness.deadline import Deadline
from harness.lab.lab import Lab
from harness.lab.life import Life
from harness.lab.refusal import check, looks, wait_until_asked
from harness.policy import AuditRecord, read_audit
from harness.record.schema import Mode

BASH = "<kernel> /usr/bin/login /usr/bin/bash"
TASK = "task={ pid=1 ppid=0 uid=0 gid=0 euid=0 egid=0 suid=0 sgid=0 fsuid=0 fsgid=0 }"


class Scenario:
    """A life in which the kernel has recorded what the test says."""

    attempt = 1

    def __init__(self, *records: bytes) -> None:
        self.records = [one for one in read_audit(b"".join(records)) if isinstance(one, AuditRecord)]
        self.kept: list[str] = []

    def asked_since(self, step: int) -> list[AuditRecord]:
        assert step == self.attempt
        return self.records

    def refused(self, record: AuditRecord) -> None:
        self.kept.append(record.entry)


def record(entry: str, mode: Mode, domain: str = BASH, granted: str = "no") -> bytes:
    head = f"#2026/11/22 18:47:56# profile=3 mode={mode} granted={granted} (global-pid=1) {TASK}"
    return f"{head}\n{domain}\n{entry}\n\0".encode()


def hold(
    scenario: Scenario,
    mode: Mode,
    *,
    succeeded: bool,
    access: str = "file read /etc/shadow",
    program: str = "/usr/bin/bash",
) -> None:
    lab = cast(Lab, SimpleNamespace(setup=SimpleNamespace(mode=mode)))
    check(lab, cast(Life, scenario), access, program, succeeded=succeeded)


def test_under_a_policy_it_fails_and_tomoyo_says_that_it_was_tomoyo() -> None:
    scenario = Scenario(record("file read /etc/shadow", "enforcing"))
    hold(scenario, "enforcing", succeeded=False)
    assert scenario.kept == ["file read /etc/shadow"]


@pytest.mark.parametrize("mode", ["learning", "permissive"])
def test_without_a_consequence_it_succeeds_and_tomoyo_was_asked(mode: Mode) -> None:
    scenario = Scenario(record("file read /etc/shadow", mode))
    hold(scenario, mode, succeeded=True)
    assert scenario.kept == ["file read /etc/shadow"]


def test_an_attempt_that_succeeds_under_a_policy_fails_the_scenario() -> None:
    with pytest.raises(AssertionError, match="the attempt succeeded"):
        hold(Scenario(record("file read /etc/shadow", "enforcing")), "enforcing", succeeded=True)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(record("file read /etc/passwd", "enforcing"), id="another file"),
        pytest.param(record("file write /etc/shadow", "enforcing"), id="another access"),
        pytest.param(
            record("file read /etc/shadow", "enforcing", f"{BASH} /usr/bin/cat"), id="another domain"
        ),
        pytest.param(record("file read /etc/shadow", "learning"), id="learned"),
        pytest.param(record("file read /etc/shadow", "enforcing", granted="yes"), id="granted"),
        pytest.param(b"", id="nothing: the file's mode, or a program that is missing"),
    ],
)
def test_what_fails_for_another_reason_does_not_count(other: bytes) -> None:
    with pytest.raises(AssertionError, match="not because TOMOYO refused it"):
        hold(Scenario(other), "enforcing", succeeded=False)


def test_what_was_denied_instead_is_shown() -> None:
    with pytest.raises(AssertionError, match="bash: file read /etc/passwd"):
        hold(Scenario(record("file read /etc/passwd", "enforcing")), "enforcing", succeeded=False)


def test_a_control_that_fails_by_itself_is_no_control() -> None:
    with pytest.raises(AssertionError, match="fails although TOMOYO is learning"):
        hold(Scenario(record("file read /etc/shadow", "learning")), "learning", succeeded=False)


def test_a_control_in_which_tomoyo_was_asked_for_something_else_is_no_control() -> None:
    with pytest.raises(AssertionError, match="has not asked TOMOYO for file read /etc/shadow"):
        hold(Scenario(record("file read /etc/passwd", "learning")), "learning", succeeded=True)


def test_wildcards_stand_for_what_varies() -> None:
    scenario = Scenario(record("file read proc:/812/mem", "enforcing"))
    hold(scenario, "enforcing", succeeded=False, access=r"file read proc:/\$/mem")
    assert scenario.kept == ["file read proc:/812/mem"]


def test_the_end_of_the_chain_may_be_longer_than_a_program() -> None:
    scenario = Scenario(record("file read /etc/shadow", "enforcing"))
    hold(scenario, "enforcing", succeeded=False, program="/usr/bin/login /usr/bin/bash")
    with pytest.raises(AssertionError, match="not because TOMOYO"):
        hold(scenario, "enforcing", succeeded=False, program="/usr/bin/su /usr/bin/bash")


def test_a_sentence_that_names_no_access_is_told() -> None:
    with pytest.raises(AssertionError, match="is no access in TOMOYO's language"):
        hold(Scenario(), "enforcing", succeeded=False, access="file raed /etc/shadow")


class SlowScenario(Scenario):
    """A life in which the kernel records what the test says, but not at the first look."""

    looks = 0

    def asked_since(self, step: int) -> list[AuditRecord]:
        self.looks += 1
        return super().asked_since(step) if self.looks > 1 else []


def wait(scenario: Scenario, seconds: float) -> None:
    lab = cast(Lab, SimpleNamespace(setup=SimpleNamespace(mode="enforcing")))
    access = "file read /etc/shadow", "/usr/bin/bash"
    wait_until_asked(lab, cast(Life, scenario), *access, deadline=Deadline.after(seconds))


def test_it_is_waited_for_until_tomoyo_was_asked() -> None:
    scenario = SlowScenario(record("file read /etc/shadow", "enforcing"))
    wait(scenario, 60)
    assert scenario.looks == 2


def test_waiting_ends_without_a_word_and_the_check_tells() -> None:
    scenario = SlowScenario(record("file read /etc/passwd", "enforcing"))
    wait(scenario, 0)
    with pytest.raises(AssertionError, match="not because TOMOYO refused it"):
        hold(scenario, "enforcing", succeeded=False)


@pytest.mark.parametrize(("mode", "seconds"), [("learning", 180), ("permissive", 180), ("enforcing", 48)])
def test_what_was_denied_is_not_looked_for_as_long_as_what_may_come(mode: Mode, seconds: int) -> None:
    def deadline(wanted: float) -> Deadline:
        return Deadline.after(wanted, scale=6)

    lab = cast(Lab, SimpleNamespace(setup=SimpleNamespace(mode=mode), deadline=deadline))
    assert looks(lab).seconds == seconds
