"""Strict about the schema's version, lenient about what a crash left."""

import json
import re
from pathlib import Path

import pytest

from harness.errors import RecordError
from harness.record import Run, RunWriter

FEATURE = "features/browsing/browser.feature"


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"manifest\.json does not exist"):
        Run.read(tmp_path)


def test_another_schema_version(run: RunWriter) -> None:
    path = run.path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99}))
    with pytest.raises(RecordError, match="schema version 99"):
        Run.read(run.path)


def test_a_manifest_that_lacks_a_field(run: RunWriter) -> None:
    (run.path / "manifest.json").write_text('{"schema": 1, "run": "x"}')
    with pytest.raises(RecordError, match="started: Field required"):
        Run.read(run.path)


def test_a_damaged_scenario_does_not_hide_the_others(run: RunWriter) -> None:
    run.scenario(FEATURE, "One")
    run.scenario(FEATURE, "Two")
    (run.path / "scenarios/browsing-browser.one/scenario.json").write_text('{"schema": 1, "id"')

    read = Run.read(run.path)

    assert [scenario.record.name for scenario in read.scenarios] == ["Two"]
    assert len(read.damaged) == 1
    assert "browsing-browser.one" in read.damaged[0]
    assert "\n" not in read.damaged[0]


def test_a_fragment_that_is_gone_is_damage(run_folder: Path) -> None:
    assert Run.read(run_folder).damaged == ()
    lost = next(scenario for scenario in Run.read(run_folder).scenarios if scenario.record.counts.rules)
    (lost.folder / "fragment.conf").unlink()
    (reason,) = Run.read(run_folder).damaged
    assert f"{lost.id}/fragment.conf is not there, and had {lost.record.counts.rules} rules" in reason


def test_a_line_of_a_fragment_that_is_no_policy_is_named(run_folder: Path) -> None:
    assert not list(Run.read(run_folder).unreadable())
    hurt = next(scenario for scenario in Run.read(run_folder).scenarios if scenario.record.counts.rules)
    path = hurt.folder / "fragment.conf"
    path.write_bytes(path.read_bytes().replace(b"\nfile ", b"\nflie ", 1))
    (reason,) = Run.read(run_folder).unreadable()
    assert re.match(rf"{re.escape(str(path))}:\d+:1: .*flie", reason)


def test_an_event_or_a_provenance_cut_short_is_left_out(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "One")
    whole = len(list(Run.read(run.path).events()))
    with (run.path / "events.jsonl").open("ab") as file:
        file.write(b'{"at": "2026-')
    (scenario.folder / "provenance.jsonl").write_text('{"domain": "<kernel>", "rule": "misc env A"}\n{"dom')

    read = Run.read(run.path)

    assert len(list(read.events())) == whole == 1
    assert [line.rule for line in read.scenarios[0].provenance()] == ["misc env A"]


def test_a_scenario_is_found_by_a_part_of_its_name(run: RunWriter) -> None:
    for name in ("Open the browser from its icon", "Open the browser from Terminal"):
        run.scenario(FEATURE, name)
    read = Run.read(run.path)

    assert read.scenario("Terminal").id == "browsing-browser.open-the-browser-from-terminal"
    assert read.scenario("OPEN the browser from its icon").id.endswith("icon")
    with pytest.raises(RecordError, match="2 scenarios match 'browser'"):
        read.scenario("browser")
    with pytest.raises(RecordError, match="no scenario matches 'mail'"):
        read.scenario("mail")


def test_the_nearest_of_many_scenarios_are_named(run: RunWriter) -> None:
    for number in range(20):
        run.scenario(FEATURE, f"Task {number}")
    run.scenario(FEATURE, "Listen to a sound")
    read = Run.read(run.path)

    with pytest.raises(RecordError) as caught:
        read.scenario("the sounds")
    assert caught.value.expected.endswith(
        "scenarios in all: 21, the nearest:\n  browsing-browser.listen-to-a-sound"
    )
    with pytest.raises(RecordError) as caught:
        read.scenario("tesk")
    assert caught.value.expected.count("\n") == 5
    for unlike in ("zzz", "?!"):
        with pytest.raises(RecordError, match="scenarios in all: 21, none like it") as caught:
            read.scenario(unlike)
        assert caught.value.hint == f"`tomograph show {run.path}` lists them all"


def test_a_whole_name_wins_over_a_part_of_another(run: RunWriter) -> None:
    for name in ("Write a text", "Write a text, twice"):
        run.scenario(FEATURE, name)
    read = Run.read(run.path)

    assert read.scenario("write-a-text").record.name == "Write a text"
    assert read.scenario("Write a text").record.name == "Write a text"
