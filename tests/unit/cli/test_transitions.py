import json
from pathlib import Path

from click.testing import CliRunner

from harness.cli.transitions import transitions
from harness.errors import RecordError

POLICY = """\
<kernel> /a /gpg
use_profile 1

file read /one

<kernel> /b /gpg
use_profile 1

file read /two

"""


def run(tmp_path: Path, *options: str) -> str:
    policy = tmp_path / "domain_policy.conf"
    policy.write_text(POLICY)
    exceptions = tmp_path / "exception_policy.conf"
    exceptions.write_text("keep_domain any from <kernel> /c\n")
    result = CliRunner().invoke(transitions, [str(policy), "--exception", str(exceptions), *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_tree_of_the_domains(tmp_path: Path) -> None:
    assert "<kernel> /a /gpg" in run(tmp_path)
    assert json.loads(run(tmp_path, "--program", "/gpg", "--json")) == [
        "<kernel> /a /gpg",
        "<kernel> /b /gpg",
    ]


def test_what_merges_and_who_gains(tmp_path: Path) -> None:
    shown = run(tmp_path, "--what-if", "initialize_domain /gpg from any")
    assert "<kernel> /gpg  ← 2 domains" in shown
    assert "file read /two" in shown
    document = json.loads(run(tmp_path, "--what-if", "initialize_domain /gpg from any", "--json"))
    assert document["merged"] == {"<kernel> /gpg": ["<kernel> /a /gpg", "<kernel> /b /gpg"]}
    assert document["gains"][0]["rules"] == ["file read /two"]


def test_nothing_changes(tmp_path: Path) -> None:
    said = " ".join(run(tmp_path, "--what-if", "initialize_domain /z from any").split())
    assert "No domain would change. No domain's name has /z in it." in said
    said = run(tmp_path, "--what-if", "keep_domain /gpg from <kernel> /a /gpg")
    assert "in it" not in said


def test_a_program_that_no_domain_runs_is_told_with_those_that_may_be_meant(tmp_path: Path) -> None:
    (tmp_path / "p.conf").write_text(POLICY)
    command = [str(tmp_path / "p.conf"), "--program", "gpg"]
    error = CliRunner().invoke(transitions, command, standalone_mode=False).exception
    assert isinstance(error, RecordError)
    assert error.seen == f"no domain of {tmp_path / 'p.conf'} runs gpg"
    assert error.expected == "the whole path of a program, such as /gpg"
