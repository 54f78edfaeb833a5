"""What a verb that runs scenarios says when pytest ends otherwise than it should."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from rich.console import Console

from harness import cli
from harness.analysis.tuning import load_domains
from harness.cli import _running
from harness.cli.learn import _closing, learn
from harness.deadline import Deadline
from harness.errors import HostError
from harness.lab.run import RunOptions
from harness.record import Manifest, RunWriter
from harness.record.schema import Outcome


def run(
    tmp_path: Path,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    says: str = "a word of pytest",
    *,
    resume: bool = False,
) -> int:
    """A run by a "pytest" that says something and ends with `code`."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    options = RunOptions(image="x.iso", run=str(tmp_path / "run"), resume=resume)
    return _running.run_scenarios(options, Console(), folder=tmp_path, go_on="tomograph learn --resume run")


def recorded(tmp_path: Path, outcome: Outcome, *, later: bool = True) -> None:
    """A run with one scenario, as the "pytest" leaves it that is about to begin."""
    manifest = {"run": "run", "started": "2026-11-22T18:45:00Z"}
    writer = RunWriter.create(tmp_path / "run", Manifest.model_validate(manifest))
    scenario = writer.scenario("features/x.feature", "X")
    scenario.finish(outcome)
    if later:
        path = scenario.folder / "scenario.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "started": "2126-11-22T18:45:00Z"}))


@pytest.mark.parametrize(("code", "outcome"), [(0, "passed"), (1, "failed"), (1, "error")])
def test_scenarios_that_ran_give_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, outcome: Outcome
) -> None:
    recorded(tmp_path, outcome)
    assert run(tmp_path, code, monkeypatch) == code


@pytest.mark.parametrize(("outcome", "later"), [("passed", True), ("failed", False)])
def test_a_failure_that_no_record_tells_of_is_the_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, *, later: bool
) -> None:
    recorded(tmp_path, outcome, later=later)
    with pytest.raises(HostError, match="no scenario's record tells"):
        run(tmp_path, 1, monkeypatch)


def test_lines_that_choose_domains_reach_pytest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    lines = tuple(map(str, load_domains("reference")))
    options = RunOptions(image="x.iso", run=str(tmp_path / "run"), exceptions=lines)
    assert _running.run_scenarios(options, Console(), folder=tmp_path) == 0
    words = (tmp_path / "words").read_text().splitlines()
    assert [word for word in words if word.startswith("--exception=")] == [
        f"--exception={line}" for line in lines
    ]
    assert len(lines) > 3


@pytest.mark.parametrize("begun", [False, True])
def test_an_early_end_shows_pytests_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, begun: bool
) -> None:
    if begun:
        (tmp_path / "run" / "scenarios").mkdir(parents=True)
    with pytest.raises(HostError, match="a word of pytest") as raised:
        run(tmp_path, 3, monkeypatch)
    assert ("tomograph learn --resume run" in raised.value.hint) is begun
    assert (tmp_path / "run.pytest.log").exists()


def test_of_a_traceback_the_error_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "x.py:12: in f\n    g()\nE   GherkinError: line 3: expected a step"
    with pytest.raises(HostError, match="GherkinError: line 3") as raised:
        run(tmp_path, 2, monkeypatch, says)
    assert "x.py" not in raised.value.seen


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_ends_the_command_ends_the_run_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: signal.Signals
) -> None:
    ready, told = tmp_path / "ready", tmp_path / "told"
    program = tmp_path / "python"
    program.write_text(
        f"#!/bin/sh\ntrap 'echo once >> {told}; exit 2' INT\ntouch {ready}\nwhile :; do sleep 0.1; done\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))

    # A shell's background job ignores Ctrl-C, as these tests do when they are one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    waits = threading.Event()

    @contextmanager
    def following(*_: object, **__: object) -> Iterator[None]:
        waits.set()
        yield

    monkeypatch.setattr(_running, "follow", following)

    def end() -> None:
        assert waits.wait(30)
        assert any(ready.exists() for _ in Deadline.after(30).attempts())
        os.kill(os.getpid(), ending)

    threading.Thread(target=end).start()
    options = RunOptions(image="x.iso", run=str(tmp_path / "run"))
    try:
        with cli.ended_like_ctrl_c():
            assert _running.run_scenarios(options, Console(), folder=tmp_path) == _running.INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
    assert told.read_text() == "once\n"


def test_misuse_is_said_without_pytests_words_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text("{}")
    with pytest.raises(click.ClickException) as raised:
        run(tmp_path, 4, monkeypatch, "==== starts ====\nERROR: a.feature: no step\nb.feature: no tag")
    assert raised.value.message == "a.feature: no step\nb.feature: no tag"
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "run.pytest.log").exists()


def test_a_resumed_run_that_has_nothing_left_to_do_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, 5, monkeypatch, resume=True) == 0


@click.command()
@_running.scenario_options
@click.option("--permissive", is_flag=True)
@click.option("--resume", type=click.Path(path_type=Path))
@click.argument("policy")
def verb(**_: object) -> str:
    """A verb that says what would go on with it."""
    return _running.to_go_on(Path("runs/one"))


def said(*arguments: str) -> str:
    told: str = verb.main([*arguments], prog_name="enforce", standalone_mode=False)
    return told


def test_what_goes_on_with_a_run_is_the_same_command() -> None:
    assert said("p 1", "-k", "a or b", "--permissive", "--memory", "2048", "--out", "runs/one") == (
        "tomograph enforce -k 'a or b' --permissive --memory 2048 'p 1' --resume runs/one"
    )
    assert said("p", "--flavour", "console", "--out", "runs/one") == "tomograph enforce p --resume runs/one"
    assert said("p", "--resume", "runs/one") == "tomograph enforce p --resume runs/one"


def features(folder: Path, sentence: str, *, steps: str = "") -> Path:
    """A folder of one feature whose scenario says `sentence`, and the console's sentences."""
    (folder / "a.feature").write_text(
        f"@console-ready\nFeature: One\n  Scenario: Another\n    When {sentence}\n"
    )
    (folder / "conftest.py").write_text(f'pytest_plugins = ("harness.plugin", "steps.console")\n{steps}\n')
    (folder / "test_a.py").write_text('from pytest_bdd import scenarios\nscenarios("a.feature")\n')
    return folder


def test_features_without_a_mistake_are_passed_over_in_silence(tmp_path: Path) -> None:
    _running.proofread(features(tmp_path, 'I run "id"'), expression="Another", tags="console-ready")


def test_a_mistake_in_features_is_told_before_any_worker_reads_them(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="line 4: no step knows When 'I dance on the table'"):
        _running.proofread(features(tmp_path, "I dance on the table"), expression="", tags="")


def test_steps_that_cannot_be_read_are_told_before_any_worker_reads_them(tmp_path: Path) -> None:
    folder = features(tmp_path, 'I run "id"', steps="import nothing_of_that_name")
    with pytest.raises(HostError, match="No module named 'nothing_of_that_name'"):
        _running.proofread(folder, expression="", tags="")


def test_an_expression_that_matches_nothing_says_what_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(click.UsageError, match="@refused and @variant ones are left out"):
        run(tmp_path, 5, monkeypatch)


def test_words_that_are_not_joined_are_told_how(tmp_path: Path) -> None:
    with pytest.raises(
        click.ClickException, match=r"(?s)expected end of input.*join the words: -k 'pack and"
    ):
        _running.proofread(features(tmp_path, 'I run "id"'), expression="Pack files", tags="")


@pytest.mark.parametrize(("outcome", "told"), [("passed", True), ("failed", False)])
def test_learning_ends_with_the_command_that_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], outcome: Outcome, *, told: bool
) -> None:
    recorded(tmp_path, outcome)
    console = Console(width=200)
    _closing(tmp_path / "run", 0, console, "")
    assert (f"tomograph tune {tmp_path / 'run'} -o policy" in capsys.readouterr().out) == told


def test_a_run_under_a_policy_is_not_gone_on_with_by_learning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = RunOptions(image="x.iso", run=str(tmp_path / "run"), policy="policy", mode="enforcing")
    manifest = {"run": "run", "started": "2026-11-22T18:45:00Z", "options": begun.model_dump(mode="json")}
    RunWriter.create(tmp_path / "run", Manifest.model_validate(manifest))
    monkeypatch.chdir(tmp_path / "run")
    with pytest.raises(click.UsageError, match="enforce policy --resume"):
        learn.main(["--resume", "."], standalone_mode=False)


def test_what_pytest_said_before_is_kept_when_a_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "run.pytest.log"
    log.write_text("a traceback\n")
    run(tmp_path, 5, monkeypatch, resume=True)
    assert log.read_text().startswith("a traceback\n")
