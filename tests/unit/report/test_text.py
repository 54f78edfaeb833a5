import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from harness.analysis import who_asked
from harness.record import Run, RunWriter
from harness.report.text import (
    ScenarioTable,
    answers_view,
    chain,
    count_of,
    duration,
    printable,
    run_view,
    scenario_view,
)


def shown(view: RenderableType, *, width: int = 120) -> str:
    console = Console(width=width, record=True, force_terminal=False)
    with console.capture() as capture:
        console.print(view)
    return capture.get()


@given(st.text(alphabet=st.characters()))
def test_nothing_reaches_the_terminal_but_what_can_be_read(text: str) -> None:
    assert not re.search(
        "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", printable(text)
    )


def test_line_ends_stay_where_they_are_wanted() -> None:
    assert printable("a\n\tb\x1b[31m", lines=True) == "a\n\tb\\x1b[31m"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (185, "3 min 05 s"), (3725, "1 h 02 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_one_is_not_many() -> None:
    assert [count_of(number, "rule") for number in (0, 1, 2310)] == ["0 rules", "1 rule", "2,310 rules"]
    assert [count_of(number, "rule varies", "rules vary") for number in (1, 2)] == [
        "1 rule varies",
        "2 rules vary",
    ]


def test_a_chain_of_programs() -> None:
    assert chain("<kernel> /usr/sbin/init /usr/bin/b\x1bsh") == "init \u203a b\\x1bsh"


def test_a_run_shows_every_scenario_and_finding(run_folder: Path) -> None:
    text = shown(run_view(Run.read(run_folder)))
    assert "TCG a trial boot under KVM hung" in text
    for outcome in ("passed", "failed", "skipped", "interrupted"):
        assert f"1 {outcome}" in " ".join(text.split())
    assert "audit-lost text.write" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_where_there_is_little_room_columns_make_way_for_the_names(run_folder: Path) -> None:
    name = "Set up an account and read what waits there"
    RunWriter.open(run_folder).scenario("features/mail.feature", name).finish("passed")
    run = Run.read(run_folder)
    narrow = shown(run_view(run), width=80)
    assert name in narrow
    assert "for want of room without: Steps, Domains, Working" in narrow
    assert "Findings" in narrow
    wide = shown(run_view(run), width=130)
    assert re.search(r"Time +Working +Steps +Domains +Rules +Findings", wide)
    assert "for want of room" not in wide


def test_no_column_for_findings_that_there_are_not(run_folder: Path) -> None:
    run = Run.read(run_folder)
    table = ScenarioTable([one for one in run.scenarios if not one.record.findings])
    assert "Findings" not in shown(table)
    assert "Findings" not in shown(ScenarioTable(()))


def test_a_run_that_broke_off_says_so_and_how_far_it_came(run_folder: Path) -> None:
    manifest = run_folder / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**content, "started": "2020-01-01T00:00:00Z", "finished": None}))
    text = " ".join(shown(run_view(Run.read(run_folder))).split())
    assert re.search(r"2020-01-01 00:00:00 UTC, \d+ h \d\d min, not finished", text)


def test_a_scenario_shows_its_steps_and_domains(run_folder: Path) -> None:
    text = shown(scenario_view(Run.read(run_folder).scenario("browser")))
    assert "When I open Firefox" in text
    assert "3  gnome-shell \u203a firefox" in text
    assert "1 rule without a record: no record: the kernel logged no access for this line" in text


def test_a_failure_says_whose_fault_it_was(run_folder: Path) -> None:
    assert "Failed (task): not on the screen" in shown(
        scenario_view(Run.read(run_folder).scenario("text.write"))
    )


def test_an_answer_names_step_process_and_arguments(run_folder: Path) -> None:
    run = Run.read(run_folder)
    text = shown(answers_view(who_asked(run, "/etc/fonts/fonts.conf"), limit=5))
    assert "1. When I open Firefox" in text
    assert "firefox <script>alert(1)</script>  (pid 7, parent 1, user 1000)" in text
    assert "started: firefox" in shown(answers_view(who_asked(run, "file execute"), limit=5))


def test_too_many_answers_are_counted(run_folder: Path) -> None:
    assert "\u2026 and 3 more rules" in shown(answers_view(who_asked(Run.read(run_folder), "file"), limit=1))
