"""What a run under a policy says of it, and the next policy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.analysis.iteration import (
    extended,
    gate,
    proposals,
    read_additions,
    write_additions,
)
from harness.record import Run, RunWriter, ShippedPolicy
from harness.record.schema import Verdict, VerdictRecord
from tests.unit.enforced_run import BASH, POLICY, denial, write_enforced_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.read(write_enforced_run(tmp_path / "run"))


def test_each_kind_of_scenario_is_counted(run: Run) -> None:
    found = gate(run)
    assert (found.tasks.total, found.tasks.passed) == (1, 0)
    assert (found.variants.total, found.variants.passed, found.variants.clean) == (1, 1, 0)
    assert (found.refused.total, found.refused.passed) == (2, 1)
    assert (found.boot_denials, found.boot_failed) == (1, False)
    assert (found.denials, found.variant_denials) == (3, 1)  # what must be refused is no part of them
    assert not found.holds


def clean(path: Path) -> RunWriter:
    run = RunWriter.create(path, Run.read(write_enforced_run(path.with_name("other"))).manifest)
    boot = run.checkpoint("console-ready")
    boot.verdict(VerdictRecord(verdict="passed", mode="enforcing"))
    boot.finish("passed")
    scenario = run.scenario("a.feature", "A task")
    scenario.verdict(VerdictRecord(verdict="passed", mode="enforcing"))
    scenario.finish("passed")
    return run


def test_a_policy_holds_when_all_passed_and_nothing_was_denied(tmp_path: Path) -> None:
    clean(tmp_path / "run")
    assert gate(Run.read(tmp_path / "run")).holds


def test_nothing_tried_is_nothing_held(tmp_path: Path) -> None:
    run = clean(tmp_path / "run")
    shutil.rmtree(run.path / "scenarios")
    skipped = run.scenario("a.feature", "For Tails alone")
    skipped.verdict(VerdictRecord(verdict="not tried", mode="enforcing"))
    skipped.finish("skipped")
    assert not gate(Run.read(tmp_path / "run")).holds


def variants(run: RunWriter, passed: int, failed: int) -> None:
    for number in range(passed + failed):
        variant = run.scenario("a.feature", f"Variant {number}", kind="variant")
        denied = (denial("file read /v"),)
        verdict: Verdict = "failed" if number < failed else "passed with denials"
        variant.verdict(VerdictRecord(verdict=verdict, mode="enforcing", denials=denied))
        variant.finish("failed" if number < failed else "passed")


@pytest.mark.parametrize(("passed", "failed", "holds"), [(19, 1, True), (18, 2, False), (1, 0, True)])
def test_of_the_variants_nearly_all_have_to_pass(
    tmp_path: Path, passed: int, failed: int, *, holds: bool
) -> None:
    variants(clean(tmp_path / "run"), passed, failed)
    assert gate(Run.read(tmp_path / "run")).holds is holds


def test_a_scenario_that_came_to_no_end_breaks_the_gate(tmp_path: Path) -> None:
    clean(tmp_path / "run").scenario("a.feature", "A worker died in it")
    assert gate(Run.read(tmp_path / "run")).not_tried == 1
    assert not gate(Run.read(tmp_path / "run")).holds


def test_a_scenario_whose_record_cannot_be_read_breaks_the_gate(tmp_path: Path) -> None:
    clean(tmp_path / "run")
    next((tmp_path / "run").glob("scenarios/*/scenario.json")).write_text("{")
    assert gate(Run.read(tmp_path / "run")).not_tried == 1
    assert not gate(Run.read(tmp_path / "run")).holds


def test_a_run_from_boot_that_tells_of_no_boot_breaks_the_gate(tmp_path: Path) -> None:
    clean(tmp_path / "run")
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    assert gate(Run.read(tmp_path / "run")).boot_failed
    assert not gate(Run.read(tmp_path / "run")).holds


def test_an_audit_that_lost_records_breaks_the_gate(tmp_path: Path) -> None:
    run = clean(tmp_path / "run")
    scenario = run.scenario("a.feature", "Another task")
    scenario.finding("audit-lost", "a drain found the audit full")
    scenario.verdict(VerdictRecord(verdict="passed", mode="enforcing"))
    scenario.finish("passed")
    assert gate(Run.read(tmp_path / "run")).lost == 1
    assert not gate(Run.read(tmp_path / "run")).holds


def test_so_does_a_boots(tmp_path: Path) -> None:
    run = clean(tmp_path / "run")
    run.checkpoint("console-ready").verdict(VerdictRecord(verdict="passed", mode="enforcing", lost=1))
    assert gate(Run.read(tmp_path / "run")).lost == 1
    assert not gate(Run.read(tmp_path / "run")).holds


@pytest.mark.parametrize("verdict", ["failed", "passed with denials"])
def test_a_boot_that_fails_or_is_denied_something_breaks_the_gate(tmp_path: Path, verdict: str) -> None:
    run = clean(tmp_path / "run")
    denials = [{"domain": "<kernel>", "entry": "file read /x"}]
    run.checkpoint("console-ready").verdict(
        VerdictRecord.model_validate({"verdict": verdict, "mode": "enforcing", "denials": denials})
    )
    assert not gate(Run.read(tmp_path / "run")).holds


def test_what_could_not_be_tried_breaks_the_gate_and_what_was_skipped_does_not(tmp_path: Path) -> None:
    run = clean(tmp_path / "run")
    skipped = run.scenario("a.feature", "Skipped")
    skipped.verdict(VerdictRecord(verdict="not tried", mode="enforcing"))
    skipped.finish("skipped")
    assert gate(Run.read(tmp_path / "run")).holds
    lost = run.scenario("a.feature", "Lost")
    lost.verdict(VerdictRecord(verdict="not tried", mode="enforcing"))
    lost.finish("error", fault="host")
    assert not gate(Run.read(tmp_path / "run")).holds


def test_the_boot_and_tasks_propose_and_nothing_else_does(run: Run) -> None:
    found = proposals([run], POLICY, 1)
    assert [(one.domain, one.rule) for one in found] == [
        ("<kernel> /sbin/init", "file read /etc/boot"),
        (BASH, 'file execute /usr/bin/cat exec.realpath="/usr/bin/cat" exec.argv[0]="cat"'),
        (f"{BASH} /usr/bin/cat", "misc env HOME"),
        (BASH, r"file read /tmp/\*"),
    ]


def test_what_a_shell_does_when_it_may_not_execute_is_not_proposed(tmp_path: Path) -> None:
    run = clean(tmp_path / "run")
    task = run.scenario("a.feature", "Pack")
    denied = tuple(map(denial, (
        "file execute /usr/bin/tar", "file read /usr/bin/tar", "file read /usr/bin/gzip",
    )))  # fmt: skip
    task.verdict(VerdictRecord(verdict="failed", mode="enforcing", denials=denied))
    task.finish("failed")
    proposed = [one.rule for one in proposals([Run.read(tmp_path / "run")], POLICY, 1)]
    assert proposed == ["file execute /usr/bin/tar", "file read /usr/bin/gzip"]


def test_a_proposal_names_its_denial(run: Run) -> None:
    boot, cat, *_ = proposals([run], POLICY, 3)
    assert (boot.checkpoint, boot.scenario) == ("console-ready", "")
    assert (cat.scenario, cat.step, cat.program, cat.round, cat.run) == (
        "files-folder.list-files", "When I run ls", "/usr/bin/bash", 3, "run",
    )  # fmt: skip


def test_what_the_policy_has_is_not_proposed_again(run: Run) -> None:
    assert proposals([run, run], extended(POLICY, proposals([run], POLICY, 1)), 2) == []


def test_the_next_policy_has_the_rules_and_new_domains_are_governed_like_their_parents(run: Run) -> None:
    policy = extended(POLICY, proposals([run], POLICY, 1))
    assert POLICY.domains[BASH].rules == policy.domains[BASH].rules[:2]
    assert r"file read /tmp/\*" in policy.domains[BASH].rules
    child = policy.domains[f"{BASH} /usr/bin/cat"]
    assert (child.profile, child.groups) == (3, (0, 1))
    assert policy.domains["<kernel> /sbin/init"].groups == (0,)


def test_the_explanation_says_that_a_denial_made_the_rule(run: Run) -> None:
    explanation = extended(POLICY, proposals([run], POLICY, 1)).explanation
    assert explanation is not None
    assert [rule.by for rule in explanation.domains[BASH].rules] == [("denial",), ("denial",)]
    assert [rule.name for rule in explanation.rules] == ["denial"]


def test_origins_are_kept_beside_the_policy(run: Run, tmp_path: Path) -> None:
    added = proposals([run], POLICY, 1)
    extended(POLICY, added).write(tmp_path / "next")
    write_additions(tmp_path / "next", added)
    assert read_additions(tmp_path / "next") == added
    assert read_additions(tmp_path) == []
    assert ShippedPolicy.read(tmp_path / "next").domains.rule_count == 6
