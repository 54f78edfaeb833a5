import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from harness.record import Run, RunWriter
from harness.record.schema import Event
from harness.report.progress import RunProgress, follow, live_view, plain_line
from tests.unit.enforced_run import write_enforced_run

START = datetime(2026, 11, 22, 18, 45, tzinfo=UTC)


def events() -> list[Event]:
    """Two workers, four scenarios: two are done, one runs, one waits."""
    said = [
        {"kind": "run_started", "name": "r", "total": 4},
        {"kind": "checkpoint_started", "worker": "gw0", "checkpoint": "desktop-ready"},
        {"kind": "checkpoint_stage", "worker": "gw0", "checkpoint": "desktop-ready", "text": "login prompt"},
        {"kind": "checkpoint_saved", "worker": "gw0", "checkpoint": "desktop-ready", "seconds": 4.0},
        {"kind": "scenario_started", "worker": "gw0", "scenario": "a", "name": "A"},
        {"kind": "scenario_started", "worker": "gw1", "scenario": "b", "name": "B"},
        {
            "kind": "scenario_finished",
            "worker": "gw1",
            "scenario": "b",
            "name": "B",
            "outcome": "passed",
            "seconds": 30,
        },
        {"kind": "finding", "worker": "gw0", "scenario": "a", "name": "quota", "text": "full"},
        {
            "kind": "scenario_finished",
            "worker": "gw0",
            "scenario": "a",
            "name": "A",
            "outcome": "failed",
            "seconds": 50,
        },
        {"kind": "scenario_started", "worker": "gw1", "scenario": "c", "name": "C"},
        {
            "kind": "step_started",
            "worker": "gw1",
            "scenario": "c",
            "step": 0,
            "text": "When I open \x1b[2J it",
        },
        {"kind": "rules", "worker": "gw1", "scenario": "c", "rules": 1234},
    ]
    return [
        Event.model_validate({"at": START + timedelta(seconds=n), **event}) for n, event in enumerate(said)
    ]


def shown(progress: RunProgress) -> str:
    console = Console(width=140, force_terminal=False, file=io.StringIO())
    with console.capture() as capture:
        console.print(live_view(progress, START + timedelta(seconds=60)))
    return capture.get()


def test_the_view_tells_where_a_run_stands() -> None:
    progress = RunProgress()
    for event in events():
        progress.apply(event)

    text = shown(progress)

    assert "2 of 4 scenarios" in text
    assert "1 failed" in text
    assert "1 finding " in text
    assert progress.seconds_left() == 80
    assert "about 1 min 20 s left" in text
    assert "1,234 rules" in text
    assert "C  When I open \\x1b[2J it" in text
    assert "gw0" not in text


def test_a_checkpoint_belongs_to_the_scenario_that_waits_for_it() -> None:
    progress = RunProgress()
    where = {"at": START, "checkpoint": "desktop-ready"}
    progress.apply(Event(at=START, kind="scenario_started", scenario="a", name="A"))
    progress.apply(Event.model_validate({"kind": "checkpoint_stage", "text": "login prompt", **where}))
    assert "A  on the way to desktop-ready: login prompt" in shown(progress)
    progress.apply(Event.model_validate({"kind": "checkpoint_settled", **where}))
    assert "A  on the way to desktop-ready: saving" in shown(progress)
    progress.apply(Event.model_validate({"kind": "checkpoint_saved", **where}))
    assert progress.workers["main"].task == "A"


def test_a_scenario_that_is_tried_again_counts_once() -> None:
    progress = RunProgress()
    for event in (*events(), Event(at=START, kind="scenario_started", worker="gw0", scenario="a", name="A")):
        progress.apply(event)
    assert len(progress.finished) == 1


def test_nothing_is_guessed_before_anything_is_known() -> None:
    progress = RunProgress()
    progress.apply(Event(at=START, kind="scenario_started", scenario="a", name="A"))
    assert progress.seconds_left() is None
    assert "0 of ? scenarios" in shown(progress)


def test_plain_lines_for_a_log() -> None:
    lines = [line.plain for event in events() if (line := plain_line(event)) is not None]
    assert lines[0] == "18:45:00 main  r: 4 scenarios"
    assert "18:45:08 gw0   a: failed, 0 rules (50.0 s)" in lines
    assert "18:45:07 gw0   a: quota: full" in lines


def test_under_a_policy_denials_are_told_and_no_rules(tmp_path: Path) -> None:
    output = io.StringIO()
    with follow(write_enforced_run(tmp_path / "run"), Console(file=output, width=200, force_terminal=False)):
        pass
    (line,) = (line for line in output.getvalue().splitlines() if "failed, 3 denials" in line)
    assert "rule" not in line


def test_a_run_is_followed_to_its_last_event(run_folder: Path) -> None:
    output = io.StringIO()
    with follow(run_folder, Console(file=output, width=200, force_terminal=False)) as progress:
        pass
    lines = output.getvalue().splitlines()
    assert [line for line in lines if "passed, 4 rules" in line]
    assert set(progress.finished) == {s.id for s in Run.read(run_folder).scenarios if not s.interrupted}


def test_of_a_resumed_run_only_what_is_new_is_shown(run_folder: Path) -> None:
    output, since = io.StringIO(), datetime.now(UTC)
    with follow(run_folder, Console(file=output, width=200, force_terminal=False), since=since) as progress:
        run = RunWriter.open(run_folder)
        run.started(1)
        run.scenario("features/text.feature", "Print").finish("passed")
    assert "Open the browser" not in output.getvalue()
    assert (progress.total, list(progress.finished)) == (1, ["text.print"])


def test_a_second_start_counts_anew() -> None:
    progress = RunProgress()
    for event in (*events(), Event(at=START, kind="run_started", name="r", total=2)):
        progress.apply(event)
    assert (progress.total, progress.finished, progress.findings) == (2, {}, 0)


def test_on_a_terminal_finished_scenarios_scroll_by(run_folder: Path) -> None:
    output = io.StringIO()
    with follow(run_folder, Console(file=output, width=200, force_terminal=True)):
        pass
    text = output.getvalue()
    assert "Open the browser" in text
    assert "3 of 4 scenarios" in text
    assert 'alert("owned")</script>\\x1b[31m\\u202e' in text
