"""`ci/loop` with `tomograph` replaced: which verbs it calls, in which order, with what."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

LOOP = Path(__file__).parents[2] / "ci" / "loop"
FAKE = """#!/bin/sh
echo "$@" >> calls
[ "$1" = image ] && echo "==> building" && echo image.iso
[ "$1" = learn ] && exit "$(cat learned 2>/dev/null || echo 0)"
exit 0
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "ci").mkdir()
    shutil.copy(LOOP, tmp_path / "ci" / "loop")
    program = tmp_path / ".venv" / "bin" / "tomograph"
    program.parent.mkdir(parents=True)
    program.write_text(FAKE)
    program.chmod(0o755)
    return tmp_path


def calls(house: Path, *arguments: str, code: int = 0) -> list[str]:
    done = subprocess.run([house / "ci" / "loop", *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    lines = (house / "calls").read_text().splitlines()
    return [re.sub(r"runs/[0-9.-]+/", "", line) for line in lines]  # the folder is called by the date


def test_learn_tune_enforce_with_three_replays(house: Path) -> None:
    assert calls(house) == [
        "image build --flavour desktop",
        "learn --image image.iso --out learned",
        "tune learned -o policy --image image.iso",
        "enforce policy --image image.iso --out enforced --replays 3",
    ]


def test_with_the_tuning_switched_off_both_are_tried(house: Path) -> None:
    said = calls(house, "console", "--untuned", "--replays", "2", "-k", "desktop")
    assert said[0] == "image build --flavour console"
    assert said[1].endswith("-k desktop")
    assert said[3] == "tune learned -o untuned --image image.iso --no-tuning"
    # What is done again follows from what was learned.
    assert said[4] == "enforce policy --image image.iso --out enforced --replays 2 --beside untuned"


def test_what_must_be_refused_succeeds_before_there_is_a_policy(house: Path) -> None:
    assert calls(house, "--controls")[1] == "learn --image image.iso --out controls -m refused"
    (house / "calls").unlink()
    (house / "learned").write_text("1")
    assert len(calls(house, "--controls", code=1)) == 2


def test_tasks_that_failed_are_left_out_and_a_broken_host_ends_it(house: Path) -> None:
    (house / "learned").write_text("1")
    assert len(calls(house)) == 4
    (house / "calls").unlink()
    (house / "learned").write_text("3")
    assert len(calls(house, code=3)) == 2
