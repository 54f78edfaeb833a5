"""Ctrl-C, and two runs at once on one host."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.machine.host import qemu_processes
from harness.record.reader import Run

TOMOGRAPH = Path(sys.executable).with_name("tomograph")


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A temporary folder for the sockets of a run, so that no other run's machines are counted."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:
        yield Path(folder)


def start(image: Path, out: Path, *arguments: str, sockets: Path | None = None) -> subprocess.Popen[bytes]:
    """A run in a process group of its own, as a terminal would give it."""
    with out.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(
            # A terminal's programs heed Ctrl-C, also where these tests are a background job that does not.
            [
                "env",
                "--default-signal=INT",
                TOMOGRAPH,
                "learn",
                f"--image={image}",
                f"--out={out}",
                "--workers=1",
                *arguments,
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **({"TMPDIR": str(sockets)} if sockets else {})},
        )


def wait_for_event(run: Path, text: str, process: subprocess.Popen[bytes]) -> None:
    for last in Deadline.after(1200).attempts():
        events = run / "events.jsonl"
        if events.exists() and text in events.read_text():
            return
        assert process.poll() is None, run.with_suffix(".log").read_text()
        assert not last, run.with_suffix(".log").read_text()


def test_ctrl_c_leaves_no_machine_and_a_readable_record(
    console_iso: Path, tmp_path: Path, short_folder: Path
) -> None:
    out = tmp_path / "run"
    process = start(console_iso, out, "-k", "Make_an_SSH_key or Log_in_and_look", sockets=short_folder)
    wait_for_event(out, '"step_started"', process)
    assert len(qemu_processes(short_folder)) == 1
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=300) == 130
    assert qemu_processes(short_folder) == []
    run = Run.read(out)
    assert any(scenario.interrupted for scenario in run.scenarios)
    assert "to go on" in out.with_suffix(".log").read_text()


def test_two_runs_at_once_do_not_meet(console_iso: Path, tmp_path: Path) -> None:
    runs = [tmp_path / name for name in ("one", "two")]
    processes = [start(console_iso, run, "-k", "Make_an_SSH_key") for run in runs]
    for process, run in zip(processes, runs, strict=True):
        assert process.wait(timeout=1800) == 0, run.with_suffix(".log").read_text()
    for run in runs:
        (scenario,) = Run.read(run).scenarios
        assert scenario.record.outcome == "passed"
