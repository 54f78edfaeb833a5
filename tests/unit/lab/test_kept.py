from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.lab import kept
from harness.lab.kept import kept_name
from harness.record.schema import ScenarioRecord


def scenario(name: str) -> ScenarioRecord:
    return ScenarioRecord(id=name, feature="f.feature", name=name, started=datetime.now(UTC))


def test_a_record_is_kept_for_the_same_text_and_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature = tmp_path / "boot.feature"
    feature.write_text("Feature: Boot\n")
    name = kept_name(scenario("boot"), feature)
    assert kept_name(scenario("boot"), feature) == name
    assert kept_name(scenario("other"), feature) != name
    monkeypatch.setattr(kept, "_program", lambda: "another version")
    assert kept_name(scenario("boot"), feature) != name
    monkeypatch.undo()
    feature.write_text("Feature: Boot\n\n  Scenario: Another way\n")
    assert kept_name(scenario("boot"), feature) != name
