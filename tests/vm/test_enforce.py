"""From learning to a policy in force on a text console: verdicts, a refusal, and a rule that is missing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.policy import DomainPolicy
from harness.record import ShippedPolicy
from harness.record.reader import RecordedScenario, Run
from harness.record.schema import VerdictRecord
from tests.vm.conftest import TOMOGRAPH

Learn = Callable[..., "subprocess.CompletedProcess[str]"]

BASH = "<kernel> /usr/sbin/agetty /usr/bin/login /usr/bin/bash"
REFUSED = "The shell reads another user's file"
TASKS = "Log_in_and_look or Pack_files_and_unpack_them_elsewhere"


def tomograph(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOMOGRAPH, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "160"},
    )


@pytest.fixture(scope="module")
def policy(learn: Learn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy learned from two tasks and tuned."""
    folder = tmp_path_factory.mktemp("enforce")
    result = learn("-k", TASKS, "--out", folder / "learned")
    assert result.returncode == 0, result.stdout + result.stderr
    result = tomograph("tune", folder / "learned", "-o", folder / "policy")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "policy"


def verdict(scenario: RecordedScenario) -> VerdictRecord:
    found = scenario.verdict()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def enforced(policy: Path, console_iso: Path) -> tuple[Run, str]:
    """A run of both tasks and of what must be refused, and what was said of it."""
    out = policy.with_name("enforced")
    result = tomograph(
        *("enforce", policy, f"--image={console_iso}", "--from=checkpoint", "--out", out),
        *("-k", f"{TASKS} or The_shell_reads_another_users_file"),
    )
    assert result.returncode in (0, 1), result.stdout + result.stderr
    return Run.read(out), result.stdout


def test_the_policy_is_in_the_record(enforced: tuple[Run, str], policy: Path) -> None:
    manifest = enforced[0].manifest
    assert manifest.mode == "enforcing"
    assert manifest.enforced is not None
    assert manifest.enforced.sha256 == ShippedPolicy.read(policy).digest
    assert manifest.enforced.unconfined == ()


def test_tasks_that_were_learned_pass(enforced: tuple[Run, str]) -> None:
    tasks = [scenario for scenario in enforced[0].scenarios if scenario.record.kind == "task"]
    assert len(tasks) == 2
    assert [task.record.outcome for task in tasks] == ["passed", "passed"], [
        (task.record.error, verdict(task).unwanted[:5]) for task in tasks
    ]


def test_what_must_be_refused_is_refused_by_tomoyo(enforced: tuple[Run, str]) -> None:
    run, said = enforced
    (refused,) = (scenario for scenario in run.scenarios if scenario.record.kind == "refused")
    assert (refused.record.outcome, refused.record.counts.refusals) == ("passed", 1)
    (denial,) = (one for one in verdict(refused).denials if one.expected)
    assert (denial.domain, denial.entry) == (BASH, "file read /home/bob/diary.txt")
    assert REFUSED in said


def test_a_rule_that_is_missing_is_named(policy: Path, console_iso: Path) -> None:
    shipped = ShippedPolicy.read(policy)
    bash = shipped.domains[BASH]
    (gone,) = (rule for rule in bash.rules if rule.startswith("file execute /usr/bin/tar "))
    less = replace(bash, rules=tuple(rule for rule in bash.rules if rule != gone), lines=())
    domains = DomainPolicy({**shipped.domains, BASH: less}.values())
    replace(shipped, domains=domains).write(policy.with_name("less"))
    out = policy.with_name("run-of-less")
    result = tomograph(
        *("enforce", policy.with_name("less"), f"--image={console_iso}", "--from=checkpoint"),
        *("--out", out, "-k", "Pack_files_and_unpack_them_elsewhere"),
    )
    assert result.returncode == 1, result.stdout + result.stderr
    (scenario,) = Run.read(out).scenarios
    found = verdict(scenario)
    assert found.verdict == "failed"
    (denial,) = (one for one in found.denials if one.entry == "file execute /usr/bin/tar")
    assert denial.least == (gone,)
    assert denial.step is not None
    assert "tar -czf" in scenario.record.steps[denial.step].text
    assert gone in " ".join(result.stdout.split())
