"""`tomograph tune` and `why` on a recorded run: the folder, the summary, and the way back to the step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from harness.analysis import attribute
from harness.analysis.iteration import Addition, extended, write_additions
from harness.analysis.tuning import gather, reasons
from harness.cli.tune import tune
from harness.cli.why import why
from harness.errors import PolicyError, RecordError
from harness.policy import Domain, DomainPolicy
from harness.policy.sets import union
from harness.record import Manifest, Run, RunWriter, ShippedPolicy
from harness.record.drains import Drain
from harness.record.loop import read_stages
from tests.unit.enforced_run import write_enforced_run

SHELL = "<kernel> /usr/bin/gnome-shell"
BASELINE = DomainPolicy([Domain(SHELL, 1, (0,), rules=("file read proc:/17/stat", "misc env HOME"))])
FRAGMENT = DomainPolicy(
    [Domain(SHELL, 1, rules=("file write /home/amnesia/.cache/x.AB12CD", "misc env LD_X"))]
)
RECORD = (
    "#2026/11/22 18:47:56# profile=1 mode=learning granted=no (global-pid=7) "
    "task={ pid=7 ppid=1 uid=1000 gid=1000 euid=1000 egid=1000 suid=1000 sgid=1000 fsuid=1000 fsgid=1000 }\n"
    f"{SHELL}\nfile write /home/amnesia/.cache/x.AB12CD\n"
)


def record(path: Path, *, sha256: str = "one", exceptions: tuple[str, ...] = ()) -> Path:
    """A run whose checkpoint came out of the cache: the baseline is in the saved policies only."""
    manifest = Manifest.model_validate(
        {
            "run": path.name,
            "started": "2026-11-22T18:45:00Z",
            "image": {"sha256": sha256, "label": "TEST"},
            "exceptions": exceptions,
        }
    )
    run = RunWriter.create(path, manifest)
    for name, outcome in (("Write a letter", "passed"), ("Draw a picture", "failed")):
        scenario = run.scenario("features/text.feature", name, checkpoint="desktop-ready")
        scenario.step_started("When", "I save it")
        scenario.audit(RECORD.encode() + b"\0")
        scenario.step_finished("passed")
        files = {
            "domain_policy.conf": union([BASELINE, FRAGMENT]).dump(),
            "exception_policy.conf": b"acl_group 0 file getattr /\\*\n",
            "manager.conf": b"/usr/sbin/tomoyo-loadpolicy\n",
        }
        scenario.saved_policy("26-11-22.18:48:01", files)
        mine = (
            FRAGMENT
            if outcome == "passed"
            else DomainPolicy([Domain(SHELL, 1, rules=("file read /secret",))])
        )
        scenario.fragment(mine, baseline="desktop-ready")
        recorded = next(entry for entry in Run.read(path).scenarios if entry.record.name == name)
        scenario.provenance(attribute(mine, [Drain(0, d.at, d.data) for d in recorded.drains()]))
        scenario.finish(outcome, fault=None if outcome == "passed" else "task")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return record(tmp_path / "run")


def invoke(command, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)
    assert result.exception is None, result.output
    assert (result.return_value or 0) == code
    return result.output


def test_a_policy_folder_that_reads_back(run: Path, tmp_path: Path):
    out = invoke(tune, run, "-o", tmp_path / "policy")
    policy = ShippedPolicy.read(tmp_path / "policy")
    assert policy.domains[SHELL].rules == (
        r"file read proc:/\$/stat",
        r"file write /home/amnesia/.cache/x.\?\?\?\?\?\?",
        "misc env LD_X",
    )
    assert policy.managers.managers == ("/usr/sbin/tomoyo-loadpolicy",)
    assert "1 of 2 scenarios" in out
    assert "text.draw-a-picture (failed)" in out.replace("\n", "")
    assert "process-number" in out
    assert policy.digest[:16] in out
    assert f"next: tomograph enforce {tmp_path / 'policy'}" in out.replace("\n", " ")
    stages = read_stages(tmp_path / "policy")
    assert [(one.name, one.what) for one in stages] == [("learn", Run.read(run).name), ("tune", "")]


def test_rules_without_effect_are_counted_and_named_when_asked_for(run: Path):
    short, whole = invoke(tune, run), invoke(tune, run, "--all")
    (idle,) = re.findall(r"without effect: (\d+) more, which --all names", " ".join(short.split()))
    named = " ".join(whole.split()).partition("without effect: ")[2]
    assert named.count(", ") >= int(idle) - 1 > 10


def test_on_a_terminal_it_says_what_it_is_doing(run: Path, monkeypatch: pytest.MonkeyPatch):
    assert CliRunner().invoke(tune, [str(run)], standalone_mode=False).stderr == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    # What it does last; a terminal is not painted for each of the others.
    said = CliRunner().invoke(tune, [str(run)], standalone_mode=False).stderr
    assert "writing down where each rule comes from" in said
    said_in_turn: list[str] = []
    gather([Run.read(run)], progress=said_in_turn.append)
    assert f"{run.name}: reading scenario 2 of 2" in said_in_turn


def test_what_a_failed_scenario_did_is_not_shipped(run: Path):
    learned = gather([Run.read(run)])
    assert "file read /secret" not in learned.rules[SHELL]
    assert [(source.kind, source.id, source.used) for source in learned.sources] == [
        ("checkpoint", "desktop-ready", True),
        ("scenario", "text.write-a-letter", True),
        ("scenario", "text.draw-a-picture", False),
    ]


def test_without_tuning_nothing_is_rewritten(run: Path, tmp_path: Path):
    invoke(tune, run, "-o", tmp_path / "policy", "--no-tuning")
    assert set(ShippedPolicy.read(tmp_path / "policy").domains[SHELL].rules) == {
        *BASELINE[SHELL].rules,
        *FRAGMENT[SHELL].rules,
    }


def test_the_summary_for_programs(run: Path):
    document = json.loads(invoke(tune, run, "--json", "--rules", "kernel"))
    assert document["figures"]["learned"] == 4
    assert {rule["name"]: rule["rewrote"] for rule in document["rules"]}["process-number"] == 1


OWN = """[[rule]]
name = "mine"
reason = "because it is a test"
patterns = ['/srv/\\$']
"""


def test_whose_rules_were_applied(run: Path, tmp_path: Path):
    (tmp_path / "mine.toml").write_text(OWN)
    alone = " ".join(invoke(tune, run, "--rules", tmp_path / "mine.toml").split())
    assert "none of Tomograph's own rule sets was applied beside mine: --rules all adds them" in alone
    both = invoke(tune, run, "--rules", "all", "--rules", tmp_path / "mine.toml")
    assert "none of Tomograph's own" not in both
    assert "process-number" in both
    assert "none of Tomograph's own" not in invoke(tune, run, "--no-tuning")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--profile", "9"), "there is no profile 9 to ship"),
        (("--domains", "nosuch.toml"), "nosuch.toml cannot be read"),
        (("--rules", "nosuch.toml"), "nosuch.toml cannot be read"),
    ],
)
def test_what_is_wrong_in_the_arguments_is_told_before_a_run_is_read(
    wrong: tuple[str, str], message: str, run: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("harness.cli.tune.Run", SimpleNamespace(read=lambda _: pytest.fail("it was read")))
    error = CliRunner().invoke(tune, [str(run), *wrong], standalone_mode=False).exception
    assert isinstance(error, PolicyError)
    assert error.seen == message or error.seen.startswith(f"{message}:")


def test_why_goes_from_a_shipped_line_back_to_the_step(run: Path, tmp_path: Path):
    invoke(tune, run, "-o", tmp_path / "policy")
    denied = "file write /home/amnesia/.cache/x.QQ77QQ"  # as an audit has it, one permission and no pattern
    shipped = r"file write /home/amnesia/.cache/x.\?\?\?\?\?\?"
    for asked in ("/home/amnesia/.cache/x.QQ77QQ", shipped, denied):
        out = invoke(why, asked, tmp_path / "policy")
        assert "made by random-suffix" in out
        assert "stands for 1 learned rule\n" in out
        assert "file write /home/amnesia/.cache/x.AB12CD" in out
        assert "I save it" in out
    assert "learned on the way to desktop-ready" in invoke(why, "proc:/99/stat", tmp_path / "policy")
    (answer,) = map(json.loads, invoke(why, "LD_X", tmp_path / "policy", "--json").splitlines())
    assert [entry["scenario"] for entry in answer["answers"]] == ["text.write-a-letter"]
    invoke(why, "/no/such/path", tmp_path / "policy", code=1)


def test_why_neither_cuts_lines_off_nor_fills_them_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    run = record(tmp_path / f"a-run-with-a-{'long-' * 10}name")
    invoke(tune, run, "-o", tmp_path / "policy")
    learned = "file write /home/amnesia/.cache/x.AB12CD"
    assert f"{learned}\n" in invoke(why, "x.AB12CD", run)
    out = invoke(why, "/home/amnesia/.cache/x.QQ77QQ", tmp_path / "policy")
    assert f"\n  {learned}\n" in out
    assert f"\n    {SHELL}\n" in out
    assert "  (pid 7, parent 1, user 1000)\n" in out
    assert not [line for line in out.splitlines() if line != line.rstrip()]


def test_why_of_a_rule_that_a_round_added_names_the_denial(run: Path, tmp_path: Path):
    invoke(tune, run, "-o", tmp_path / "policy")
    added = Addition(
        domain=SHELL, rule="file read /etc/tea", run="tried", scenario="text.write", step="When I save it",
        program="/usr/bin/gnome-shell", round=2,
    )  # fmt: skip
    extended(ShippedPolicy.read(tmp_path / "policy"), [added]).write(tmp_path / "next")
    write_additions(tmp_path / "next", [added])
    out = invoke(why, "file read /etc/tea", tmp_path / "next").replace("\n", " ")
    assert "added in round 2, because tried denied it to /usr/bin/gnome-shell in text.write" in out
    assert "When I save it" in out
    assert "learned" not in out


def test_why_of_a_line_that_a_round_widened_names_both_reasons(run: Path, tmp_path: Path):
    invoke(tune, run, "-o", tmp_path / "policy")
    rule = "file read /home/amnesia/.cache/x.\\?\\?\\?\\?\\?\\?"
    policy = ShippedPolicy.read(tmp_path / "policy")
    additions = [Addition(domain=SHELL, rule=rule, denied=rule, run="enforced", mode="enforcing")]
    extended(policy, additions).write(tmp_path / "wider")
    write_additions(tmp_path / "wider", additions)
    (joined,) = (
        line for line in ShippedPolicy.read(tmp_path / "wider").domains[SHELL].rules if ".cache/x" in line
    )
    assert joined.startswith("file read/write ")
    said = invoke(why, joined, tmp_path / "wider")
    assert "denial" in said
    assert "random-suffix" in said


def test_what_nobody_learned_stands_for_nothing(run: Path, tmp_path: Path):
    """A share has lines that no domain of this run asked for."""
    invoke(tune, run, "-o", tmp_path / "policy")
    policy = ShippedPolicy.read(tmp_path / "policy")
    assert policy.explanation is not None
    for group in policy.explanation.acl_groups.values():
        for line in (line for line in group.rules if not line.learned and not line.sources):
            assert all(one.learned == () for one in reasons(policy, line.rule) if one.shipped == line)
            return
    pytest.fail("no share in this policy: the test has nothing to look at")


def test_a_rule_that_names_a_scenarios_server_is_told(run: Path, tmp_path: Path):
    for file in run.glob("scenarios/*/fragment.conf"):
        file.write_text(
            file.read_text().replace("misc env LD_X", "network inet stream connect 192.0.2.80 443")
        )
    out = " ".join(invoke(tune, run, "-o", tmp_path / "policy", "--rules", "kernel").split())
    assert "1 line names servers of scenarios" in out
    assert "network inet stream connect 192.0.2.80 443" in out
    assert "of scenarios" not in invoke(tune, run, "-o", tmp_path / "policy")


def test_why_says_which_run_is_gone(run: Path, tmp_path: Path):
    invoke(tune, run, "-o", tmp_path / "policy")
    run.rename(tmp_path / "elsewhere")
    assert "does not exist" in invoke(why, "LD_X", tmp_path / "policy")


def test_proposals_of_two_runs(run: Path, tmp_path: Path):
    other = record(tmp_path / "other")
    for file in other.glob("scenarios/*/policy/*/domain_policy.conf"):
        file.write_text(file.read_text().replace("proc:/17/stat", "/srv/a-18"))
    for file in run.glob("scenarios/*/policy/*/domain_policy.conf"):
        file.write_text(file.read_text().replace("proc:/17/stat", "/srv/a-17"))
    proposed = invoke(tune, run, other, "--propose")
    assert r"patterns = ['/srv/a-\$']" in proposed
    assert "1 family of names varies that no rule covers" in proposed


def test_runs_of_two_images_are_refused(run: Path, tmp_path: Path):
    other = record(tmp_path / "other", sha256="two")
    with pytest.raises(RecordError, match="2 images"):
        gather([Run.read(run), Run.read(other)])


def test_runs_that_began_with_other_domains_are_refused(run: Path, tmp_path: Path):
    other = record(tmp_path / "other", exceptions=("initialize_domain /usr/bin/gpg from any",))
    with pytest.raises(
        RecordError, match=r"run with none; other with 1(?s:.*)learn again with the same file"
    ):
        gather([Run.read(run), Run.read(other)])


def test_an_image_that_the_runs_are_not_of_is_refused(run: Path, tmp_path: Path, monkeypatch):
    iso = tmp_path / "tails.iso"
    iso.write_bytes(b"another release")
    monkeypatch.setattr(
        "harness.cli.tune.LiveIso", SimpleNamespace(read=lambda _: SimpleNamespace(sha256="x"))
    )
    error = CliRunner().invoke(tune, [str(run), "--image", str(iso)], standalone_mode=False).exception
    assert isinstance(error, RecordError)
    assert error.seen == f"{iso} is not the image that {run.name} learned on"


def test_a_record_that_cannot_be_read_is_told(run: Path):
    next(run.glob("scenarios/*/scenario.json")).write_text("{")
    said = invoke(tune, run)
    assert "a record cannot be read, and what was learned there is missing" in said


def test_who_asked_on_the_way_to_a_session_may_have_been_root(run: Path):
    assert 0 in gather([Run.read(run)]).users[SHELL]


def test_what_a_boot_saved_is_no_baseline(run: Path):
    writer = RunWriter.open(run)
    saved = {"domain_policy.conf": f"{SHELL}\nuse_profile 1\n\nfile read /boot\n".encode()}
    boot = writer.scenario("start/boot.feature", "Boot", checkpoint="power-off")
    boot.saved_policy("26-11-22.21:00:00", saved)
    boot.fragment(DomainPolicy([Domain(SHELL, 1, rules=("file read /boot",))]), baseline="")
    boot.finish("passed")
    # This one broke off before it was known what of it was the scenario's.
    broken = writer.scenario("start/boot.feature", "Boot again", checkpoint="power-off")
    broken.saved_policy("26-11-22.21:00:00", saved)
    broken.finish("error", fault="harness")
    learned = gather([Run.read(run)])
    assert [source.id for source in learned.sources if source.kind == "checkpoint"] == ["desktop-ready"]
    (source,) = (number for number, one in enumerate(learned.sources) if one.id.endswith(".boot"))
    assert learned.rules[SHELL]["file read /boot"] == 1 << source


def test_a_run_under_a_policy_learned_nothing(run: Path, tmp_path: Path):
    write_enforced_run(tmp_path / "enforced")
    with pytest.raises(RecordError, match="was run under a policy, and learned nothing"):
        gather([Run.read(run), Run.read(tmp_path / "enforced")])


def test_a_run_without_a_policy_is_refused(tmp_path: Path):
    RunWriter.create(
        tmp_path / "empty", Manifest.model_validate({"run": "x", "started": "2026-11-22T18:45:00Z"})
    )
    with pytest.raises(RecordError, match="no policy"):
        gather([Run.read(tmp_path / "empty")])


def test_why_answers_for_the_lines_that_are_there(run: Path, tmp_path: Path):
    policy = tmp_path / "policy"
    invoke(tune, run, "-o", policy)
    file = policy / "domain_policy.conf"
    assert "was changed" not in invoke(why, "cache", policy)
    (shipped,) = (line for line in file.read_text().splitlines() if r"/.cache/x.\?" in line)
    file.write_text(file.read_text().replace(shipped, "file write /home/amnesia/.ssh/id_rsa"))
    said = " ".join(invoke(why, "id_rsa", policy).split())
    assert "was changed after it was tuned: permissions removed: 1, added: 1" in said
    assert "somebody wrote it into the folder" in said
    invoke(why, shipped, policy, code=1)


def test_why_knows_the_lines_of_the_exception_policy(run: Path, tmp_path: Path):
    policy = tmp_path / "policy"
    invoke(tune, run, "-o", policy)
    lines = (policy / "exception_policy.conf").read_text().splitlines()
    shared = next(line for line in lines if line.startswith("acl_group 101 misc env"))
    assert "made by session-environment" in invoke(why, shared, policy)
    assert invoke(why, "acl_group 101", policy, "--all").count("in acl_group 101") == len(
        [line for line in lines if line.startswith("acl_group 101 ")]
    )
    other = next(line for line in lines if not line.startswith("acl_group"))
    assert "it came with the image's policy" in invoke(why, other, policy).replace("\n", " ")


def test_why_of_a_domain_is_all_of_its_lines(run: Path, tmp_path: Path):
    policy = tmp_path / "policy"
    invoke(tune, run, "-o", policy)
    domain = ShippedPolicy.read(policy).domains[SHELL]
    assert invoke(why, SHELL, policy, "--json", "--all").count('"place"') >= len(domain.rules)


def test_why_of_nothing_is_refused(run: Path):
    with pytest.raises(click.BadParameter, match="part of every line"):
        why.callback(" ", run, everything=False, as_json=False)


def test_why_finds_an_address_in_the_group_that_a_line_names(run: Path, tmp_path: Path):
    for file in run.glob("scenarios/*/fragment.conf"):
        file.write_text(
            file.read_text().replace("misc env LD_X", "network inet stream connect 192.0.2.80 443")
        )
    invoke(tune, run, "-o", tmp_path / "policy")
    assert "network inet stream connect @ELSEWHERE 443" in invoke(why, "203.0.113.7", tmp_path / "policy")
    invoke(why, "127.0.0.1", tmp_path / "policy", code=1)
