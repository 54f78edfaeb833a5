"""`tomograph enforce` with pytest replaced: which runs in which order, which policy, which exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from harness import cli
from harness.analysis.iteration import read_additions
from harness.cli import enforce as verb
from harness.lab.run import RunOptions
from harness.record import RunWriter, ShippedPolicy
from harness.record.reader import Run
from harness.record.schema import Manifest, VerdictRecord
from tests.unit.enforced_run import POLICY, denial, write_enforced_run


class Runs:
    """What `run_scenarios` was asked for; each run denies what the policy does not have of `lacks`."""

    def __init__(self, *lacks: str) -> None:
        self.lacks = lacks
        self.asked: list[RunOptions] = []

    def __call__(self, options: RunOptions, console: Console, **_: object) -> int:
        self.asked.append(options)
        policy = ShippedPolicy.read(Path(options.policy))
        held = {rule for domain in policy.domains.values() for rule in domain.rules}
        run = RunWriter.create(
            Path(options.run),
            Manifest.model_validate({"run": "r", "started": "2026-11-22T18:45:00Z", "mode": options.mode}),
        )
        scenario = run.scenario("a.feature", "A task")
        denied = tuple(denial(rule) for rule in self.lacks if rule not in held)[:1]
        verdict = "passed with denials" if denied else "passed"
        scenario.verdict(VerdictRecord(verdict=verdict, mode=options.mode, denials=denied))
        scenario.finish("passed")
        run.finished()
        return 0


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    POLICY.write(tmp_path / "policy")
    return tmp_path / "policy"


def enforce(monkeypatch: pytest.MonkeyPatch, runs: Runs, policy: Path, *arguments: str) -> int:
    monkeypatch.setattr(verb, "run_scenarios", runs)
    out = policy.with_name("out")
    return cli.run(["enforce", str(policy), "--image", "x.iso", "--out", str(out), *arguments])


def test_one_pass_is_the_run_itself(monkeypatch: pytest.MonkeyPatch, policy: Path) -> None:
    runs = Runs()
    assert enforce(monkeypatch, runs, policy) == 0
    (asked,) = runs.asked
    assert (asked.mode, asked.start) == ("enforcing", "boot")
    assert Run.read(policy.with_name("out")).manifest.mode == "enforcing"


def test_permissive_comes_first_and_both_starts_are_tried(
    monkeypatch: pytest.MonkeyPatch, policy: Path
) -> None:
    runs = Runs()
    assert enforce(monkeypatch, runs, policy, "--permissive", "--from", "both") == 0
    assert [(one.mode, one.start) for one in runs.asked] == [
        ("permissive", "boot"),
        ("permissive", "checkpoint"),
        ("enforcing", "boot"),
        ("enforcing", "checkpoint"),
    ]
    assert (policy.with_name("out") / "round-1.boot.enforcing" / "manifest.json").is_file()


def test_a_denial_breaks_the_gate(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enforce(monkeypatch, Runs("file read /x"), policy) == 1
    assert "file read /x" in capsys.readouterr().out


def test_rounds_go_on_until_nothing_new_is_proposed(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runs("file read /x", "file read /y")
    assert enforce(monkeypatch, runs, policy, "--iterate", "9") == 0
    assert len(runs.asked) == 3
    last = policy.with_name("out") / "policy-3"
    assert runs.asked[-1].policy == str(last)
    assert [(one.rule, one.round) for one in read_additions(last)] == [
        ("file read /x", 1),
        ("file read /y", 2),
    ]
    assert "Proposed" in capsys.readouterr().out


def test_rounds_end_at_the_number_that_was_asked_for(monkeypatch: pytest.MonkeyPatch, policy: Path) -> None:
    runs = Runs(*(f"file read /{number}" for number in range(9)))
    assert enforce(monkeypatch, runs, policy, "--iterate", "2") == 1
    assert len(runs.asked) == 2
    # The policy after the last round is there to be looked at, though nothing was tried with it.
    assert len(read_additions(policy.with_name("out") / "policy-3")) == 2


def test_a_folder_that_is_no_policy_is_wrong_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy").mkdir()
    assert enforce(monkeypatch, Runs(), tmp_path / "policy") == 2
    assert "expected: a policy folder" in capsys.readouterr().err


def test_a_record_is_not_written_over(monkeypatch: pytest.MonkeyPatch, policy: Path) -> None:
    write_enforced_run(policy.with_name("out"))
    assert enforce(monkeypatch, Runs(), policy) == 2
