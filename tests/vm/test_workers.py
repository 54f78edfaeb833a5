"""Several machines at a time, and all tasks in one boot."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.record.reader import Run

Learn = Callable[..., "subprocess.CompletedProcess[str]"]


def test_two_workers_write_one_record(learn: Learn, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = learn(
        "-k", "Make_an_SSH_key or Pack_files_and_unpack_them_elsewhere", "--workers", "2", "--out", out
    )
    assert result.returncode == 0, result.stdout + result.stderr
    records = [scenario.record for scenario in Run.read(out).scenarios]
    assert [record.outcome for record in records] == ["passed", "passed"]
    assert {record.worker for record in records} == {"gw0", "gw1"}


def test_a_checkpoint_of_an_earlier_run_is_in_the_record(learn: Learn, tmp_path: Path) -> None:
    first, later = tmp_path / "first", tmp_path / "later"
    for path in (first, later):
        assert learn("-k", "Log_in_and_look_around", "--out", path).returncode == 0
    (made,) = Run.read(first).checkpoints
    (reused,) = Run.read(later).checkpoints
    assert reused.record == made.record.model_copy(update={"reused": True})
    assert reused.baseline() == made.baseline()
    assert "<kernel>" in reused.baseline()
    assert (reused.folder / "audit.log").stat().st_size > 0


def test_one_boot_with_a_save_after_each_task(learn: Learn, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = learn(
        "-k",
        "Make_an_SSH_key or Pack_files_and_unpack_them_elsewhere",
        "--isolation",
        "session",
        "--out",
        out,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    first, second = sorted((one.record for one in Run.read(out).scenarios), key=lambda one: one.started)
    assert [first.isolation, second.isolation] == ["session", "session"]
    assert first.restore_seconds is not None
    assert second.restore_seconds is not None
    assert second.restore_seconds < first.restore_seconds / 10  # no second boot
    # Whoever comes first takes the credit for what both need, such as the login.
    assert first.counts.rules > second.counts.rules > 0
