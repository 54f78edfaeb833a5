"""Figures of a loop, out of runs and a policy's explanation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.iteration import gate
from harness.analysis.loop import learning_stages, pass_of, seconds_of, trial_of
from harness.record import Manifest, Run, RunWriter
from harness.record.explanation import Explanation, Figures, ShippedDomain
from harness.record.loop import Stage, read_stages, write_stages
from harness.record.schema import VerdictRecord
from tests.unit.enforced_run import POLICY, denial, write_enforced_run


def test_a_run_becomes_a_line_with_the_time_of_its_stages(tmp_path: Path) -> None:
    run = Run.read(write_enforced_run(tmp_path / "run"))
    found = pass_of(run, tmp_path)
    assert (found.run, found.name) == ("run", "boot, enforcing")
    assert found.gate == gate(run)
    assert [stage.name for stage in found.stages] == ["boot", "replay"]
    assert pass_of(run, run.path).run == "."


def test_a_policy_that_was_loaded_tells_how_long_that_took(tmp_path: Path) -> None:
    writer = RunWriter.open(write_enforced_run(tmp_path / "run"))
    for name, seconds in (("One", 2.25), ("Two", 2.5)):
        scenario = writer.scenario("a.feature", name)
        scenario.restored(4.0, load_seconds=seconds)
        scenario.finish("passed")
    (load,) = (one for one in pass_of(Run.read(tmp_path / "run"), tmp_path).stages if one.name == "load")
    assert load.seconds == 4.8


def test_a_run_that_learned_is_no_line(tmp_path: Path) -> None:
    manifest = Manifest.model_validate({"run": "r", "started": "2026-11-22T18:45:00Z"})
    RunWriter.create(tmp_path / "run", manifest)
    with pytest.raises(ValueError, match="under no policy"):
        pass_of(Run.read(tmp_path / "run"), tmp_path)


def test_denials_are_counted_replay_by_replay(tmp_path: Path) -> None:
    writer = RunWriter.open(write_enforced_run(tmp_path / "run"))
    for time, count in ((2, 0), (3, 1)):
        again = writer.scenario("files/folder.feature", "List files", repetition=time)
        denied = (denial("file read /x"),) * count
        again.verdict(VerdictRecord(verdict="passed", mode="enforcing", denials=denied))
        again.finish("passed")
    found = gate(Run.read(tmp_path / "run"))
    assert found.replays == (3, 0, 1)
    assert (found.denials, found.variant_denials) == (4, 1)


def test_a_broken_off_run_took_until_the_last_that_is_known(tmp_path: Path) -> None:
    manifest = Manifest.model_validate({"run": "r", "started": "2026-11-22T18:45:00Z"})
    writer = RunWriter.create(tmp_path / "run", manifest)
    assert seconds_of(Run.read(tmp_path / "run")) == 0
    writer.scenario("a.feature", "A task").finish("passed")
    assert seconds_of(Run.read(tmp_path / "run")) > 0
    (stage,) = learning_stages([Run.read(tmp_path / "run")])
    assert (stage.name, stage.what) == ("learn", "r")


def test_over_permission_comes_highest_first_and_stages_from_the_folder(tmp_path: Path) -> None:
    domains = {
        "<kernel> /a": ShippedDomain(beyond=3),
        "<kernel> /none": ShippedDomain(beyond=0),
        "<kernel> /b": ShippedDomain(beyond=40),
    }
    policy = replace(POLICY, explanation=Explanation(domains=domains, figures=Figures(learned=7)))
    write_stages(tmp_path, [Stage(name="tune", seconds=1.5)])
    trial = trial_of(tmp_path, policy, [])
    assert [(one.domain, one.beyond) for one in trial.widths] == [("<kernel> /b", 40), ("<kernel> /a", 3)]
    assert trial.figures is not None
    assert trial.figures.learned == 7
    assert trial.stages == (Stage(name="tune", seconds=1.5),)
    assert trial.sha256 == policy.digest


def test_a_policy_of_another_tool_has_neither_figures_nor_stages(tmp_path: Path) -> None:
    trial = trial_of(tmp_path, replace(POLICY, explanation=None), [])
    assert (trial.figures, trial.widths, trial.stages) == (None, (), ())
    assert read_stages(tmp_path) == ()
