"""`--repeat` makes as many tests of each scenario, the whole suite once before it begins again."""

import subprocess
import sys
from pathlib import Path

import features

FEATURES = Path(features.__file__).parent


def collected(*arguments: str) -> list[str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            FEATURES,
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line]


def test_once_by_default() -> None:
    assert collected("-k", "keys-ssh") == ["test_make_an_ssh_key"]


def test_the_suite_is_over_before_it_begins_again() -> None:
    once = collected("-k", "keys-ssh or metadata")
    assert len(once) > 2
    again = collected("-k", "keys-ssh or metadata", "--repeat=3")
    assert [name.partition("[")[0] for name in again] == once * 3
    assert [name.partition("[")[2] for name in again] == [f"{time}]" for time in (1, 2, 3) for _ in once]
