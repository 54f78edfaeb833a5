"""A rule that does not read is told with its file, its line and its domain, whoever stumbles over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import cli
from harness.policy import Domain, DomainPolicy
from harness.record import RunWriter
from tests.unit.conftest import SHELL, write_run
from tests.unit.enforced_run import BASH, POLICY

BROWSER = f"{SHELL} /usr/bin/firefox"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert cli.run(list(map(str, arguments))) == 2
    return capsys.readouterr().err


def broken(file: Path) -> int:
    """Misspells the first rule that reads; the number of its line."""
    lines = file.read_text().splitlines(keepends=True)
    number = next(index for index, line in enumerate(lines) if line.startswith("file read"))
    lines[number] = lines[number].replace("file read", "file raed")
    file.write_text("".join(lines))
    return number + 1


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    POLICY.write(tmp_path / "policy")
    return tmp_path / "policy"


@pytest.fixture
def run(tmp_path: Path) -> RunWriter:
    return write_run(tmp_path / "run")


@pytest.fixture
def fragment(run: RunWriter) -> Path:
    baseline = DomainPolicy([Domain(SHELL, 1, rules=("file write /a",))])
    run.checkpoint("desktop-ready").baseline({"domain_policy.conf": baseline.dump()})
    scenario = run.scenario("features/text.feature", "Write", checkpoint="desktop-ready")
    rules = ("misc env A", "file read /etc/passwd")
    scenario.fragment(DomainPolicy([Domain(BROWSER, 1, rules=rules), Domain(SHELL, 1, rules=rules)]))
    scenario.finish("passed")
    return run.path / "scenarios" / "text.write" / "fragment.conf"


def test_of_a_policy_that_is_held_against_a_run(policy: Path, run: RunWriter, capsys) -> None:
    file = policy / "domain_policy.conf"
    number = broken(file)
    text = said(capsys, "predict", policy, run.path)
    assert f"error: {file}:{number}:6: no rule begins like this: file raed …" in text
    assert f"rule: file raed /etc/passwd\nin: {BASH}\n" in text


def test_of_a_saved_folder(policy: Path, run: RunWriter, capsys) -> None:
    (policy / "tuning.json").unlink()
    text = (policy / "domain_policy.conf").read_text().replace(BASH, BROWSER)
    (policy / "domain_policy.conf").write_text(text)
    number = broken(policy / "domain_policy.conf")
    assert f"domain_policy.conf:{number}:6" in said(capsys, "predict", policy, run.path)


@pytest.mark.parametrize("verb", ["diff", "tune", "tune --propose"])
def test_of_a_fragment(verb: str, fragment: Path, policy: Path, run: RunWriter, capsys) -> None:
    number = broken(fragment)
    others = [policy] if verb == "diff" else []
    text = said(capsys, *verb.split(), run.path, *others)
    assert f"error: {fragment}:{number}:6: no rule begins like this: file raed …" in text
    assert f"rule: file raed /etc/passwd\nin: {BROWSER}\n" in text


def test_of_domains_that_would_be_merged(fragment: Path, run: RunWriter, capsys) -> None:
    number = broken(fragment)
    text = said(capsys, "transitions", run.path, "--what-if", "keep_domain /usr/bin/firefox from any")
    assert f"error: {fragment}:{number}:6" in text
    assert f"in: {BROWSER}\n" in text


def test_of_the_command_line(policy: Path, capsys) -> None:
    text = said(capsys, "transitions", policy, "--what-if", "initialize_domain gpg")
    assert "error: --what-if 'initialize_domain gpg', column 19: not a program: 'gpg'" in text
