"""What a policy would have denied to a run that learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.prediction import not_judged, predict
from harness.errors import RecordError
from harness.policy import Domain, DomainPolicy, parse_exception_policy
from harness.record import Manifest, Run, RunWriter, ShippedPolicy
from tests.unit.conftest import FRAGMENT, SHELL, audit_record, write_run
from tests.unit.enforced_run import POLICY, write_enforced_run

BROWSER = f"{SHELL} /usr/bin/firefox"
EXCEPTIONS = r"""
path_group OVERLAY_LAYER squashfs:/\{\*\}/\*
acl_group 100 file read @OVERLAY_LAYER task.uid=0
acl_group 7 misc env HOME
"""


def shipped(**rules: tuple[str, ...]) -> ShippedPolicy:
    """A policy for the shell and the browser, whose domains use group 7."""
    domains = [
        Domain(SHELL, 3, (0,), rules=rules.get("shell", ("file execute /usr/bin/firefox",))),
        Domain(BROWSER, 3, (0, 7), rules=rules.get("browser", ())),
    ]
    return replace(
        POLICY, domains=DomainPolicy(domains), exceptions=parse_exception_policy(EXCEPTIONS), explanation=None
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.read(write_run(tmp_path / "run").path)


def denied(policy: ShippedPolicy, run: Run) -> list[str]:
    (browse,) = [one for one in predict(policy, run) if one.name == "Open the browser"]
    return [denial.entry for denial in browse.verdict.denials]


def test_each_scenario_is_told_before_it_is_judged(run: Run) -> None:
    told: list[str] = []
    predict(shipped(), run, told.append)
    assert told == ["reading the policy", "1 of 2: the way to desktop-ready", "2 of 2: Open the browser"]


def test_what_the_policy_has_no_rule_for_is_told_with_its_step(run: Run) -> None:
    policy = shipped(browser=("file read /etc/fonts/fonts.conf",))
    way, browse = predict(policy, run)
    assert (way.name, way.holds) == ("the way to desktop-ready", True)
    assert (browse.holds, browse.verdict.verdict) == (False, "passed with denials")
    (denial,) = browse.verdict.denials
    assert (denial.domain, denial.entry, denial.step) == (BROWSER, "file write /home/amnesia/.mozilla/x", 0)
    assert denial.least == ("file write /home/amnesia/.mozilla/x",)


def test_the_way_to_a_checkpoint_is_judged_too(tmp_path: Path) -> None:
    made = write_run(tmp_path / "run")
    audit = audit_record(BROWSER, "file read /etc/fonts/fonts.conf") + audit_record(BROWSER, "file read /x")
    (made.path / "checkpoints" / "desktop-ready" / "audit.log").write_bytes(audit)
    way, _browse = predict(shipped(browser=("file read /etc/fonts/fonts.conf",)), Run.read(made.path))
    assert not way.holds
    assert [(denial.entry, denial.step) for denial in way.verdict.denials] == [("file read /x", None)]


def test_patterns_groups_and_conditions_grant(run: Run) -> None:
    policy = shipped(browser=(r"file read /etc/fonts/\*", r"file read/write /home/amnesia/.mozilla/\*"))
    assert denied(policy, run) == []
    assert all(one.holds for one in predict(policy, run))
    without = shipped(shell=('file execute /usr/bin/firefox exec.realpath="/usr/bin/other"',))
    assert "file execute /usr/bin/firefox" in denied(without, run)


def test_what_a_domain_asks_for_that_the_policy_has_not_is_counted(run: Run) -> None:
    policy = shipped()
    only_shell = replace(policy, domains=DomainPolicy([policy.domains[SHELL]]))
    (browse,) = [one for one in predict(only_shell, run) if not one.holds]
    assert browse.verdict.denials == ()
    assert browse.unknown == ((BROWSER, 3),)


def test_only_what_learned_and_passed_is_predicted(tmp_path: Path, run: Run) -> None:
    assert [one.name for one in predict(shipped(), run)] == ["the way to desktop-ready", "Open the browser"]
    assert FRAGMENT[BROWSER].rules
    with pytest.raises(RecordError, match="did not learn"):
        predict(shipped(), Run.read(write_enforced_run(tmp_path / "enforced")))


@pytest.mark.parametrize(("uid", "holds"), [(0, True), (1000, False)])
def test_overlayfs_looks_at_a_layer_as_root(tmp_path: Path, uid: int, *, holds: bool) -> None:
    run = RunWriter.create(
        tmp_path / "run", Manifest.model_validate({"run": "run", "started": "2026-11-22T18:45:00Z"})
    )
    run.started(1)
    scenario = run.scenario("features/web.feature", "Look")
    scenario.step_started("When", "I look")
    record = audit_record(BROWSER, "file read squashfs:/etc/fonts/fonts.conf")
    scenario.audit(record.replace(b" uid=1000 ", f" uid={uid} ".encode()))
    scenario.step_finished("passed")
    scenario.finish("passed")
    policy = shipped()
    domains = [replace(policy.domains[BROWSER], groups=(100,)), policy.domains[SHELL]]
    (look,) = predict(replace(policy, domains=DomainPolicy(domains)), Run.read(run.path))
    assert look.holds is holds


def test_what_the_kernel_had_no_room_for_is_told(tmp_path: Path) -> None:
    made = write_run(tmp_path / "run")
    folder = made.path / "checkpoints" / "desktop-ready"
    (folder / "audit.log").write_bytes(audit_record(BROWSER, "file read /etc/fonts/fonts.conf") * 3)
    policy = shipped(browser=("file read /etc/fonts/fonts.conf",))
    for ring, lost in ((4, 0), (3, 1)):
        (folder / "profile.conf").write_text(f"1-PREFERENCE={{ max_audit_log={ring} }}\n")
        way = predict(policy, Run.read(made.path))[0]
        assert (way.verdict.lost, way.holds) == (lost, not lost)


def test_a_run_of_which_nothing_passed_is_no_answer(run: Run) -> None:
    assert not_judged(run)[-1] == ("Print", "running")
    none = replace(
        run, checkpoints=(), scenarios=tuple(s for s in run.scenarios if s.record.outcome != "passed")
    )
    with pytest.raises(RecordError, match="nothing in run can be judged"):
        predict(shipped(), none)
