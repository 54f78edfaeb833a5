"""Faults in the middle of scenarios: each gets a clear message, costs one scenario and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.record.reader import RecordedScenario, Run

FAULTS = Path(__file__).parents[1] / "faults"


@pytest.fixture(scope="module")
def run(learn: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All fault scenarios, learned in one go."""
    path = tmp_path_factory.mktemp("faults") / "run"
    result = learn("--features", FAULTS, "--out", path)
    assert path.exists(), result
    return Run.read(path)


@pytest.fixture
def scenario(run: Run) -> Callable[[str], RecordedScenario]:
    def named(name: str) -> RecordedScenario:
        (found,) = (one for one in run.scenarios if one.record.name == name)
        return found

    return named


Named = Callable[[str], RecordedScenario]


@pytest.mark.parametrize(
    ("name", "outcome", "fault", "message"),
    [
        ("QEMU is killed", "error", "guest", "QEMU ended"),
        ("The kernel panics", "error", "guest", "Kernel panic - not syncing"),
        ("The agent goes away", "error", "guest", "the agent does not answer"),
        ("The learning quota is exceeded", "failed", "guest", "max_learning_entry was reached"),
        ("Audit records are lost", "failed", "guest", "have no audit record"),
        ("The guest's disk is full", "error", "guest", "KiB are free there"),
        ("A command that fails", "failed", "task", "ended with status 1"),
        ("A sentence out of reach", "error", "harness", "I say what another file's steps say"),
    ],
)
def test_a_fault_says_what_happened(
    scenario: Named, name: str, outcome: str, fault: str, message: str
) -> None:
    record = scenario(name).record
    assert (record.outcome, record.fault) == (outcome, fault), record.error
    assert message in record.error


def test_what_came_after_the_faults_ran(scenario: Named) -> None:
    record = scenario("All is well").record
    assert record.outcome == "passed", record.error
    assert record.counts.rules > 0


def test_a_dead_machine_leaves_its_last_words(scenario: Named) -> None:
    assert b"Kernel panic" in (scenario("The kernel panics").folder / "console.log").read_bytes()


def test_a_failed_task_still_leaves_a_fragment(scenario: Named) -> None:
    assert scenario("A command that fails").record.counts.rules > 0


def test_flags_and_losses_are_findings(scenario: Named) -> None:
    kinds = {
        name: {finding.kind for finding in scenario(name).record.findings}
        for name in ("The learning quota is exceeded", "Audit records are lost")
    }
    assert "quota-exceeded" in kinds["The learning quota is exceeded"]
    assert "audit-lost" in kinds["Audit records are lost"]
