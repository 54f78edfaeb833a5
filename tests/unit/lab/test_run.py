"""What a run keeps beside its record, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab.run import RunOptions, _remove_rooms_of_gone_runs


def test_the_room_of_a_run_goes_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path / "cache"))
    there, gone = (RunOptions(image="x.iso", run=str(tmp_path / name)) for name in ("there", "gone"))
    for options in (there, gone):
        (options.room / "checkpoints").mkdir(parents=True)
        (options.room / "run").symlink_to(options.run)
    being_made = there.room.with_name("being-made")
    being_made.mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "manifest.json").touch()
    _remove_rooms_of_gone_runs()
    assert set(there.room.parent.iterdir()) == {there.room, being_made}
