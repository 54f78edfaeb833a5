"""`tomograph enforce` with pytest replaced: which runs in which order, which policy, which exit code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from harness import cli
from harness.analysis.iteration import Addition, extended, read_additions
from harness.cli import enforce as verb
from harness.lab.run import RunOptions
from harness.record import RunWriter, ShippedPolicy
from harness.record.explanation import Explanation, ShippedDomain, ShippedRule
from harness.record.loop import Loop
from harness.record.reader import Run
from harness.record.schema import Manifest, VerdictRecord
from tests.unit.enforced_run import BASH, POLICY, denial, write_enforced_run


class Runs:
    """What `run_scenarios` was asked for; each run denies what the policy does not have of `lacks`."""

    def __init__(self, *lacks: str) -> None:
        self.lacks = lacks
        self.asked: list[RunOptions] = []

    def __call__(self, options: RunOptions, console: Console, **_: object) -> int:
        self.asked.append(options)
        policy = ShippedPolicy.read(Path(options.policy))
        held = {rule for domain in policy.domains.values() for rule in domain.rules}
        manifest = Manifest.model_validate(
            {
                "run": "r",
                "started": "2026-11-22T18:45:00Z",
                "mode": options.mode,
                "enforced": {"path": options.policy, "sha256": "", "start": options.start},
                "options": options.model_dump(mode="json"),
            }
        )
        path = Path(options.run)
        run = RunWriter.resume(path, manifest) if options.resume else RunWriter.create(path, manifest)
        if options.start == "boot" and not options.resume:
            boot = run.checkpoint("console-ready")
            boot.verdict(VerdictRecord(verdict="passed", mode=options.mode))
            boot.finish("passed")
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
    monkeypatch.setattr(verb, "proofread", lambda *_, **__: None)
    begun = () if "--resume" in arguments else ("--image", "x.iso", "--out", str(policy.with_name("out")))
    return cli.run(["enforce", str(policy), *begun, *arguments])


def test_one_pass_is_the_run_itself(monkeypatch: pytest.MonkeyPatch, policy: Path) -> None:
    runs = Runs()
    assert enforce(monkeypatch, runs, policy) == 0
    (asked,) = runs.asked
    assert (asked.mode, asked.start) == ("enforcing", "boot")
    assert Run.read(policy.with_name("out")).manifest.mode == "enforcing"


def test_all_asks_for_tasks_that_the_policy_was_not_made_from(
    monkeypatch: pytest.MonkeyPatch, policy: Path
) -> None:
    runs = Runs()
    assert enforce(monkeypatch, runs, policy, "--all") == 0
    assert enforce(monkeypatch, runs, policy, "--resume", str(policy.with_name("out"))) == 0
    assert [one.unlearned for one in runs.asked] == [True, True]


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


def test_the_table_lies_beside_the_record_and_in_its_page(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = Runs("file read /x")
    assert enforce(monkeypatch, runs, policy, "--replays", "3") == 1
    assert [one.repeat for one in runs.asked] == [3]
    out = policy.with_name("out")
    loop = Loop.of_run(out)
    assert loop is not None
    ((trial,), (part,)) = loop.trials, loop.trials[0].rounds[0].passes
    assert (trial.policy, part.run, part.gate.denials) == (str(policy), ".", 1)
    assert "From learning to replaying" in (out / "report.html").read_text()
    capsys.readouterr()
    assert cli.run(["show", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "unknown: tune --image" in shown
    assert "enforcing from boot" in " ".join(shown.split())


def test_a_policy_beside_it_stands_in_the_same_table_and_has_no_say(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = policy.with_name("untuned")
    POLICY.write(raw)
    extended(POLICY, [Addition(domain=BASH, rule="file read /x", run="r")]).write(policy)
    runs = Runs("file read /x")
    assert enforce(monkeypatch, runs, policy, "--beside", str(raw)) == 0
    out = policy.with_name("out")
    assert [one.policy for one in runs.asked] == [str(policy), str(raw)]
    loop = Loop.of_run(out / "beside.boot.enforcing")
    assert loop is not None
    assert [(trial.name, trial.rounds[0].denials) for trial in loop.trials] == [("policy", 0), ("untuned", 1)]
    for name in ("round-1.boot.enforcing", "beside.boot.enforcing"):
        assert "untuned" in (out / name / "report.html").read_text()
    assert "untuned" in capsys.readouterr().out
    # The folder around several runs shows their table.
    assert cli.run(["show", str(out)]) == 0
    assert "untuned" in capsys.readouterr().out
    assert cli.run(["show", str(out), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["trials"]) == 2


def test_what_was_broken_off_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(Runs):
        def __call__(self, options: RunOptions, console: Console, **more: object) -> int:
            return verb.INTERRUPTED if self.asked else super().__call__(options, console, **more)  # type: ignore[arg-type]

    out = policy.with_name("out")
    arguments = ("--iterate", "3", "--memory", "2048", "--replays", "2")
    assert enforce(monkeypatch, Stopped("file read /x"), policy, *arguments) == 130
    (told,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("to go on: "))
    begun = f"{policy} --image x.iso --iterate 3 --memory 2048 --replays 2 --resume {out}"
    assert sorted(told.split()[5:]) == sorted(begun.split())
    assert told.split()[-2:] == ["--resume", str(out)]
    runs = Runs("file read /x")
    assert enforce(monkeypatch, runs, policy, "--iterate", "3", "--resume", str(out)) == 0
    assert [(Path(one.run).name, one.resume) for one in runs.asked] == [
        ("round-1.boot.enforcing", True),
        ("round-2.boot.enforcing", False),
    ]
    assert {(one.image, one.memory, one.repeat) for one in runs.asked} == {("x.iso", 2048, 2)}
    loop = Loop.read(out)
    assert loop is not None
    assert [turn.denials for turn in loop.trials[0].rounds] == [1, 0]


def test_what_was_tried_before_a_break_stands_in_the_table(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(Runs):
        def __call__(self, options: RunOptions, console: Console, **more: object) -> int:
            super().__call__(options, console, **more)
            return verb.INTERRUPTED

    assert enforce(monkeypatch, Stopped("file read /x"), policy) == 130
    assert "boot, enforcing (broken off)" in capsys.readouterr().out
    out = policy.with_name("out")
    assert "boot, enforcing (broken off)" in (out / "report.html").read_text()
    assert enforce(monkeypatch, Runs("file read /x"), policy, "--resume", str(out)) == 1
    assert "(broken off)" not in (out / "report.html").read_text()


def test_a_folder_without_a_run_cannot_be_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enforce(monkeypatch, Runs(), policy, "--resume", str(policy)) == 2
    assert "no run was begun in" in capsys.readouterr().err


def test_rounds_so_far_are_kept_when_it_is_broken_off(monkeypatch: pytest.MonkeyPatch, policy: Path) -> None:
    class Stopped(Runs):
        def __call__(self, options: RunOptions, console: Console, **more: object) -> int:
            return verb.INTERRUPTED if self.asked else super().__call__(options, console, **more)  # type: ignore[arg-type]

    assert enforce(monkeypatch, Stopped("file read /x", "file read /y"), policy, "--iterate", "3") == 130
    loop = Loop.of_run(policy.with_name("out") / "round-1.boot.enforcing")
    assert loop is not None
    assert len(loop.trials[0].rounds) == 1


def test_a_run_goes_on_as_it_was_begun(monkeypatch: pytest.MonkeyPatch, policy: Path) -> None:
    runs = Runs()
    assert enforce(monkeypatch, runs, policy, "--permissive", "--from", "checkpoint", "--all") == 0
    for name in ("permissive", "enforcing"):
        run = policy.with_name("out") / f"round-1.checkpoint.{name}"
        assert cli.run(["enforce", "--resume", str(run)]) == 0
        asked = runs.asked[-1]
        assert (asked.policy, asked.mode, asked.start) == (str(policy), name, "checkpoint")
        assert (asked.run, asked.resume, asked.unlearned) == (str(run), True, True)
    # What is said otherwise is refused, not passed over.
    assert cli.run(["enforce", "--resume", str(run), "--from", "boot"]) == 2


def test_a_policy_must_be_named_or_begun_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["enforce"]) == 2
    assert "name the POLICY" in capsys.readouterr().err
    options = RunOptions(image="x.iso", run="").model_dump(mode="json")
    began = {"run": "r", "started": "2026-11-22T18:45:00Z", "options": options}
    RunWriter.create(tmp_path / "learned", Manifest.model_validate(began))
    assert cli.run(["enforce", "--resume", str(tmp_path / "learned")]) == 2
    assert "`tomograph learn --resume" in capsys.readouterr().err


def test_a_policy_changed_by_hand_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy"
    rules = tuple(ShippedRule(rule=str(rule)) for rule in POLICY.domains[BASH].rules)
    explanation = Explanation(tomograph="1", domains={BASH: ShippedDomain(rules=rules)})
    replace(POLICY, explanation=explanation).write(policy)
    assert enforce(monkeypatch, Runs(), policy) == 0
    assert "was changed" not in capsys.readouterr().out
    file = policy / "domain_policy.conf"
    file.write_text(file.read_text() + f"\n{BASH}\nuse_profile 3\nfile read /etc/shadow\n")
    assert cli.run(["enforce", str(policy), "--image", "x.iso", "--out", str(tmp_path / "again")]) == 0
    assert "permissions removed: 0, added: 1; what the table says" in capsys.readouterr().out
