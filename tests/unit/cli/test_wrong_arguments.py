"""What is said when an argument is something else than the command takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import cli
from tests.unit.enforced_run import POLICY


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    POLICY.write(tmp_path / "policy")
    return tmp_path / "policy"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert cli.run(list(map(str, arguments))) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("verb", ["show", "tune", "report"])
def test_a_policy_where_a_run_is_taken(verb: str, policy: Path, capsys) -> None:
    text = said(capsys, verb, policy)
    assert f"error: {policy} is a policy folder\n" in text
    assert "expected: the folder of a run" in text
    assert "to do: name the run that it was made from" in text


def test_a_part_of_a_run(run_folder: Path, capsys) -> None:
    text = said(capsys, "why", "x", f"{run_folder}:web.open-the-browser")
    assert "web.open-the-browser is a part of a run" in text
    assert "expected: a run, or a policy folder that `tomograph tune` wrote" in text
    assert f"name {run_folder}; `tomograph show {run_folder} web.open-the-browser`" in text
    text = said(capsys, "show", run_folder / "scenarios" / "web.open-the-browser")
    assert "is a scenario of a run" in text
    assert f"to do: name the run: {run_folder}" in text
    assert "is a checkpoint of a run" in said(capsys, "show", run_folder / "checkpoints" / "desktop-ready")
    assert f"to do: name its folder: {run_folder}" in said(capsys, "show", run_folder / "manifest.json")


def test_a_folder_around_runs(run_folder: Path, capsys) -> None:
    text = said(capsys, "tune", run_folder.parent)
    assert f"{run_folder.parent} is a folder of 1 runs" in text
    assert f"name one of them: {run_folder.name}" in text


def test_a_file_of_a_policy(policy: Path, run_folder: Path, capsys) -> None:
    text = said(capsys, "why", "x", policy / "domain_policy.conf")
    assert "domain_policy.conf is a file" in text
    assert f"{policy} is a policy folder" in text
    assert "domain_policy.conf is a file" in said(
        capsys, "predict", policy / "domain_policy.conf", run_folder
    )


def test_swapped_arguments(policy: Path, run_folder: Path, capsys) -> None:
    text = said(capsys, "predict", run_folder, policy)
    assert "POLICY and RUN are swapped" in text
    assert f"to do: tomograph predict {policy} {run_folder}" in text
    assert f"{run_folder} is a run" in said(capsys, "predict", run_folder, run_folder)


def test_nothing_there(tmp_path: Path, capsys) -> None:
    assert f"{tmp_path}/none does not exist" in said(capsys, "why", "x", tmp_path / "none")
