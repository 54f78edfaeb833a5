"""Kernels that would teach nothing: each says so before the first scenario, and says what to do.

Each takes a boot of its own; `tests/unit/guest/test_tomoyo.py` holds the same with the answers seen here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.record.reader import Run


@pytest.mark.parametrize(
    ("append", "message"),
    [
        ("security=apparmor", "runs without TOMOYO; its security modules: "),
        ("TOMOYO_loader=/nowhere", "TOMOYO is in the guest's kernel but was not activated"),
    ],
)
def test_a_kernel_that_does_not_learn(tmp_path: Path, append: str, message: str) -> None:
    tomograph = Path(sys.executable).with_name("tomograph")
    only = ("-k", "Log_in_and_look", "--workers", "1")
    run = tmp_path / "run"
    command = [tomograph, "learn", "--flavour=console", f"--append={append}", *only, "--out", run]
    assert subprocess.run(command, check=False).returncode == 1
    (scenario,) = Run.read(run).scenarios
    assert (scenario.record.outcome, scenario.record.fault) == ("error", "guest")
    assert message in scenario.record.error, scenario.record.error
