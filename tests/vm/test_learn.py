"""The main job on a text console: each task leaves a fragment of its own, and all of it is explained."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.guest.tomoyo import AGENT_DOMAIN
from harness.policy import DomainPolicy, parse_domain_policy
from harness.record.reader import Run
from harness.user.picture import Picture
from harness.user.reading import Tesseract

Learn = Callable[..., "subprocess.CompletedProcess[str]"]

# One of each kind: a login, one by screen, keys, files, metadata, the network, the end.
SHORT = (
    "Log_in_and_look or Log_in_on_a_text_screen or Make_a_key_sign or Make_an_SSH_key or "
    "Pack_files_and_unpack_them_elsewhere or Clean_a_picture_with_mat2 or Read_a_page_with_curl or "
    "Press_the_power_button"
)


@pytest.fixture(scope="module")
def learned(learn: Learn, console_iso: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    """A run of some console scenarios, and the image's digest before it."""
    digest = hashlib.sha256(console_iso.read_bytes()).hexdigest()
    path = tmp_path_factory.mktemp("learn") / "run"
    result = learn("-k", SHORT, "--out", path)
    assert result.returncode == 0, result.stdout + result.stderr
    return Run.read(path), digest


@pytest.fixture(scope="module")
def run(learned: tuple[Run, str]) -> Run:
    return learned[0]


def test_every_scenario_passed_and_left_a_fragment(run: Run) -> None:
    records = [scenario.record for scenario in run.scenarios]
    assert len(records) == SHORT.count(" or ") + 1
    assert [record.outcome for record in records] == ["passed"] * len(records)
    assert all(record.counts.rules > 0 for record in records)


def test_fragments_differ_from_task_to_task(run: Run) -> None:
    programs = {
        scenario.record.name: {name.rpartition("/")[2] for name in scenario.fragment()}
        for scenario in run.scenarios
    }
    assert "gpg" in programs["Make a key, sign a message and verify it"]
    assert "ssh-keygen" in programs["Make an SSH key"]
    assert "gpg" not in programs["Make an SSH key"]


def test_the_login_belongs_to_a_checkpoint_and_to_no_task_behind_it(run: Run) -> None:
    def learned_in_login(policy: DomainPolicy) -> int:
        return sum(len(one.rules) for name, one in policy.items() if name.endswith(" /usr/bin/login"))

    fragments = {scenario.record.name: scenario.fragment() for scenario in run.scenarios}
    assert learned_in_login(fragments["Log in and look around"]) > 0
    assert learned_in_login(fragments["Make an SSH key"]) == 0
    (way,) = (way for way in run.checkpoints if way.record.name == "logged-in")
    assert learned_in_login(way.baseline()) > 0


def test_a_task_by_screen_keeps_what_was_seen(run: Run) -> None:
    (scenario,) = (one for one in run.scenarios if one.record.name.startswith("Log in on a text screen"))
    (last,) = scenario.record.steps[-1].screens
    with contextlib.closing(Tesseract()) as reader:
        read = " ".join(line.text for line in reader.read(Picture.load(scenario.folder / last)))
    assert "date" in read
    assert "Thursday" in read


def test_the_saved_policy_lies_under_its_dated_name(run: Run) -> None:
    for scenario in run.scenarios:
        (name,) = scenario.record.saved_policy
        saved = {file.name for file in (scenario.folder / "policy" / name).iterdir()}
        if scenario.record.name == "Press the power button":  # nobody is left to call savepolicy
            assert name == "shutdown"
        else:
            assert re.fullmatch(r"\d\d-\d\d-\d\d\.\d\d:\d\d:\d\d", name)
        assert {"domain_policy.conf", "exception_policy.conf", "profile.conf", "manager.conf"} <= saved


def test_every_rule_has_its_provenance(run: Run) -> None:
    for scenario in run.scenarios:
        lines = list(scenario.provenance())
        assert len(lines) == scenario.record.counts.rules
        assert [line.rule for line in lines if line.unknown or line.process is None] == []


def test_observing_added_no_rule(run: Run) -> None:
    for scenario in run.scenarios:
        (name,) = scenario.record.saved_policy
        path = scenario.folder / "policy" / name / "domain_policy.conf"
        policy = parse_domain_policy(path.read_bytes(), source=str(path))
        assert policy[AGENT_DOMAIN].profile == 0
        assert policy[AGENT_DOMAIN].rules == ()
        assert [domain for domain in policy if domain.startswith(f"{AGENT_DOMAIN} ")] == []


def test_the_image_was_not_written_to(learned: tuple[Run, str], console_iso: Path) -> None:
    assert hashlib.sha256(console_iso.read_bytes()).hexdigest() == learned[1]


def test_the_manifest_says_what_was_run(run: Run, console_iso: Path) -> None:
    manifest = run.manifest
    assert manifest.image.sha256 == hashlib.sha256(console_iso.read_bytes()).hexdigest()
    assert "security=tomoyo" in manifest.kernel_command_line
    assert manifest.accelerator.why
    assert manifest.tomoyo.version
    assert manifest.image.kernel
    assert manifest.finished is not None


def test_page_and_junit_lie_beside_the_record(run: Run) -> None:
    page = (run.path / "report.html").read_text()
    assert "Make an SSH key" in page
    assert re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?\w+://""", page) == []
    assert 'name="Make an SSH key"' in (run.path / "junit.xml").read_text()


def test_resume_does_only_what_is_missing(learn: Learn, run: Run) -> None:
    (login,) = (one for one in run.scenarios if one.record.name == "Log in and look around")
    document = login.folder / "scenario.json"
    half_done = {**json.loads(document.read_text()), "outcome": "running", "finished": None}
    document.write_text(json.dumps(half_done))
    before = {one.id: one.record.started for one in run.scenarios}
    result = learn("-k", SHORT, "--resume", run.path)
    assert result.returncode == 0, result.stdout + result.stderr
    again = {one.id: one.record for one in Run.read(run.path).scenarios}
    assert [name for name in again if again[name].started != before[name]] == [login.id]
    assert again[login.id].outcome == "passed"
