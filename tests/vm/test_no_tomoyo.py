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
    learn(
        f"--append={append}",
        "-m",
        "console-ready",
        "-k",
        "Log_in_and_look or Press_the_power_button",
        "--out",
        tmp_path / "run",
    )
    records = [scenario.record for scenario in Run.read(tmp_path / "run").scenarios]
    assert [(record.outcome, record.fault) for record in records] == [("error", "guest")] * 2
    assert all(message in record.error for record in records), records[0].error
