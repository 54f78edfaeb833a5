"""Kernels that would teach nothing: each says so before the first scenario, and says what to do."""

from __future__ import annotations

from collections.abc import Callable
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
def test_a_kernel_that_does_not_learn(
    learn: Callable[..., object], tmp_path: Path, append: str, message: str
) -> None:
    learn(f"--append={append}", "-k", "Log_in_and_look", "--workers", "1", "--out", tmp_path / "run")
    (scenario,) = Run.read(tmp_path / "run").scenarios
    assert (scenario.record.outcome, scenario.record.fault) == ("error", "guest")
    assert message in scenario.record.error, scenario.record.error
