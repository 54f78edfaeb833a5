"""What became of the scenarios of two runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import cli
from harness.analysis.outcomes import compare_outcomes
from harness.policy import Domain, DomainPolicy
from harness.record import Manifest, Run, RunWriter
from harness.record.schema import VerdictRecord

FEATURE = "features/kitchen/kettle.feature"


def run_of(path: Path, **outcomes: str) -> Run:
    """A run whose scenarios are called, and ended, as `outcomes` says."""
    writer = RunWriter.create(
        path, Manifest.model_validate({"run": path.name, "started": "2026-11-22T18:45:00Z"})
    )
    for name, outcome in outcomes.items():
        scenario = writer.scenario(FEATURE, name)
        scenario.fragment(DomainPolicy([Domain("<kernel> /bin/kettle", profile=1, rules=("file read /a",))]))
        if outcome == "running":
            continue
        scenario.step_started("Then", "I see tea")
        scenario.step_finished("passed" if outcome == "passed" else "failed")
        scenario.finish(outcome, error="" if outcome == "passed" else "no tea\nbut coffee")  # type: ignore[arg-type]
    return Run.read(path)


def test_each_that_ended_otherwise_is_named(tmp_path: Path) -> None:
    before = run_of(tmp_path / "a", boils="passed", whistles="passed", pours="failed", rests="passed")
    after = run_of(tmp_path / "b", boils="passed", whistles="error", pours="passed", cools="passed")
    found = compare_outcomes(before, after)
    assert (found.same, found.both) == (1, 3)
    assert [(one.after.name, one.before.outcome, one.after.outcome) for one in found.changed] == [
        ("whistles", "passed", "error"),
        ("pours", "failed", "passed"),
    ]
    assert [record.name for record in found.gone] == ["rests"]
    assert [record.name for record in found.new] == ["cools"]
    assert not compare_outcomes(before, before)


def test_what_was_broken_off_was_not_tried(tmp_path: Path) -> None:
    before = run_of(tmp_path / "a", boils="passed")
    after = run_of(tmp_path / "b", boils="running")
    found = compare_outcomes(before, after)
    assert (found.both, [record.name for record in found.gone]) == (0, ["boils"])


def test_denials_make_another_end_of_a_task_that_passed(tmp_path: Path) -> None:
    runs = []
    for verdict in ("passed", "passed with denials"):
        place = tmp_path / verdict
        writer = RunWriter.create(
            place, Manifest.model_validate({"run": "r", "started": "2026-11-22T18:45:00Z"})
        )
        scenario = writer.scenario(FEATURE, "boils")
        scenario.verdict(VerdictRecord(verdict=verdict, mode="enforcing"))  # type: ignore[arg-type]
        scenario.finish("passed")
        runs.append(Run.read(place))
    assert len(compare_outcomes(*runs).changed) == 1
    learned = run_of(tmp_path / "learned", boils="passed")
    assert not compare_outcomes(learned, runs[0])


def test_diff_of_two_runs_begins_with_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_of(tmp_path / "a", boils="passed", whistles="passed", pours="failed")
    run_of(tmp_path / "b", boils="passed", whistles="failed", pours="passed", cools="passed")
    assert cli.run(["diff", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    told = capsys.readouterr().out
    assert told.startswith("scenarios: 1 of 3 (33 %) ended as before\n")
    assert "  passed -> failed  kitchen-kettle.whistles\n      Then I see tea: no tea\n" in told
    assert "  failed -> passed  kitchen-kettle.pours\n      was Then I see tea: no tea\n" in told
    assert "not tried before: 1 scenario: kitchen-kettle.cools" in told
    assert cli.run(["diff", "--json", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    assert json.loads(capsys.readouterr().out)["outcomes"]["changed"][0] == {
        "scenario": "kitchen-kettle.whistles",
        "before": "passed",
        "after": "failed",
    }
    # Of parts of runs, only policies are compared.
    assert cli.run(["diff", f"{tmp_path / 'a'}:boils", f"{tmp_path / 'b'}:boils"]) == 0
    assert "scenarios" not in capsys.readouterr().out
