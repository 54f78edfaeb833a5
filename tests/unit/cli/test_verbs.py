"""Exit codes and what is said, through the function that the `tomograph` command calls."""

import json
from pathlib import Path

import click
import pytest

from harness import cli
from harness.errors import GuestError, HostError, PolicyError, RecordError
from harness.record import Run
from tests.unit.enforced_run import POLICY, write_enforced_run


def test_verbs_are_the_modules_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    output = capsys.readouterr().out
    assert output.index("\n  show ") < output.index("\n  why ") < output.index("\n  report ")


def test_an_unknown_verb_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["no-such-verb"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_a_missing_run_is_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["show", str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert "error: " in error
    assert "expected: " in error
    assert "to do: " in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HostError("no disk"), 3),
        (GuestError("a panic"), 3),
        (PolicyError("no rule"), 2),
        (RecordError("no run"), 2),
        (click.UsageError("which?"), 2),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("division by zero"), 3),
    ],
)
def test_every_error_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_path: Path) -> Run:
        raise error

    monkeypatch.setattr(Run, "read", fail)
    assert cli.run(["show", "x"]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_debug_shows_where_an_error_arose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--debug", "show", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "Traceback" in error
    assert "manifest.json does not exist" in error


def test_show_a_run_and_a_scenario(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["show", str(run_folder)]) == 0
    assert "Open the browser" in capsys.readouterr().out
    assert cli.run(["show", str(run_folder), "browser"]) == 0
    assert "When I open Firefox" in capsys.readouterr().out


def test_show_for_programs(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["show", str(run_folder), "--json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert everything["manifest"]["schema"] == 1
    assert [scenario["outcome"] for scenario in everything["scenarios"]] == [
        "passed",
        "failed",
        "skipped",
        "running",
    ]
    assert cli.run(["show", str(run_folder), "browser", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "web.open-the-browser"


def test_why(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["why", r"/etc/fonts/\*", str(run_folder)]) == 0
    assert "I open Firefox" in capsys.readouterr().out
    assert cli.run(["why", "/etc/shadow", str(run_folder)]) == 1
    assert "no scenario" in capsys.readouterr().err


def test_why_for_programs(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["why", "file execute /usr/bin/firefox", str(run_folder), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["scenario"], answer["step_text"]) == ("web.open-the-browser", "When I open Firefox")
    assert answer["starts"] == ["firefox", "<script>alert(1)</script>"]


def test_report_writes_the_page_and_junit(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["report", str(run_folder)]) == 0
    assert capsys.readouterr().out.strip() == (run_folder / "report.html").as_uri()
    assert (run_folder / "junit.xml").exists()
    assert cli.run(["report", str(run_folder), "-o", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").exists()


def test_report_elsewhere_leaves_the_run_alone(run_folder: Path, tmp_path: Path) -> None:
    assert cli.run(["report", str(run_folder), "-o", str(tmp_path / "elsewhere" / "page.html")]) == 0
    assert {file.name for file in (tmp_path / "elsewhere").iterdir()} == {"page.html", "junit.xml"}
    assert not (run_folder / "junit.xml").exists()


def test_report_refuses_a_folder_before_it_draws_the_page(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("harness.cli.report.write_page", lambda *_: pytest.fail("the page is drawn"))
    assert cli.run(["report", str(run_folder), "-o", str(tmp_path)]) == 2
    assert "is a directory" in capsys.readouterr().err


def test_a_run_under_a_policy_is_shown_with_its_verdicts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_enforced_run(tmp_path / "run")
    assert cli.run(["show", str(run)]) == 0
    assert "passed with denials" in capsys.readouterr().out
    assert cli.run(["show", str(run), "list-files"]) == 0
    shown = capsys.readouterr().out
    assert "Verdict: failed" in shown
    assert "file execute /usr/bin/cat" in shown


def test_predict_says_on_a_terminal_where_it_stands(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    POLICY.write(tmp_path / "policy")
    command = ["predict", str(tmp_path / "policy"), str(run_folder)]
    assert cli.run(command) == 1
    told = capsys.readouterr().err
    assert "Open the browser" not in told
    assert "left out, skipped: Open the Welcome Screen" in told
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert cli.run(command) == 1
    assert "2 of 2: Open the browser" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["why", "/etc/nothing"], ["lint"], ["transitions"], ["diff", "SAME"],
                                   ["report"], ["show", "--json"]])  # fmt: skip
def test_what_a_run_has_lost_is_told(
    words: list[str], run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fragment = next(path for path in run_folder.glob("scenarios/*/fragment.conf") if path.stat().st_size)
    others = (path for path in run_folder.glob("scenarios/*/scenario.json") if path.parent != fragment.parent)
    next(others).write_text("{")
    words = [str(run_folder) if word == "SAME" else word for word in words]
    fragment.write_bytes(fragment.read_bytes().replace(b"\nfile ", b"\nflie ", 1))
    cli.run([*words, str(run_folder)])
    told = capsys.readouterr().err
    assert told.count("what was learned here is missing") >= 2
    assert "scenario.json" in told
    assert "flie" in told


def test_a_page_that_cannot_be_written_is_the_hosts_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert cli.run(["coverage", "--page", str(tmp_path / "file" / "x.md")]) == 3
    told = capsys.readouterr().err
    assert "mistake in Tomograph" not in told
    assert "x.md" in told
