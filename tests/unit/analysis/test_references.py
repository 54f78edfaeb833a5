"""Reference pictures are cut out of the screens of a run, and held against those of the next."""

from pathlib import Path

import numpy as np
import pytest

from harness.analysis.references import retake, take
from harness.errors import HostError, RecordError
from harness.record import Manifest, Run, RunWriter
from harness.user.picture import Picture
from harness.user.reference import Reference
from harness.user.region import Box

RANDOM = np.random.default_rng(5)
ICON, OTHER_ICON = (RANDOM.integers(0, 256, (20, 24, 3), dtype=np.uint8) for _ in range(2))
BOX = Box(top=40, left=100, width=24, height=20)
STEP = 'I see "STICK"'


def a_run(path: Path, *shown: tuple[np.ndarray, int, int], label: str = "Debian 13") -> Run:
    """A run with one scenario, whose screen shows icons at (left, top)."""
    manifest = Manifest.model_validate(
        {"run": path.name, "started": "2026-11-23T18:00:00Z", "image": {"label": label, "path": "x.iso"}}
    )
    run = RunWriter.create(path, manifest)
    run.started(1)
    scenario = run.scenario("features/drives/files.feature", "Read a file")
    pixels = np.full((200, 300, 3), 240, np.uint8)
    for icon, left, top in shown:
        pixels[top : top + icon.shape[0], left : left + icon.shape[1]] = icon
    scenario.step_started("When", "I plug in an empty USB stick")
    scenario.step_finished("passed")
    scenario.step_started("Then", STEP)
    scenario.screen(Picture(pixels).png(), STEP)
    scenario.step_finished("passed")
    scenario.finish("passed")
    return Run.read(path)


def taken(run: Run) -> Reference:
    return take(run, "eject", scenario="read", step=STEP, box=BOX, shows="a button")


def test_a_picture_is_cut_out_and_knows_from_where(tmp_path: Path) -> None:
    run = a_run(tmp_path / "a", (ICON, 100, 40))
    eject = take(run, "eject", scenario="read", step="STICK", box=BOX, shows="a button")
    assert (eject.picture.pixels == ICON).all()
    assert (eject.source.scenario, eject.source.step) == ("drives-files.read-a-file", STEP)
    assert (eject.source.image, str(eject.source.taken), eject.source.box) == ("Debian 13", "2026-11-23", BOX)


def test_what_is_still_found_is_kept(tmp_path: Path) -> None:
    old = taken(a_run(tmp_path / "a", (ICON, 100, 40)))
    moved = retake(old, a_run(tmp_path / "b", (ICON, 30, 150)))
    assert (moved.changed, moved.reference) == (False, old)
    assert moved.best is not None
    assert (moved.best.box.left, moved.best.box.top) == (30, 150)


def test_what_looks_otherwise_is_taken_again(tmp_path: Path) -> None:
    old = taken(a_run(tmp_path / "a", (ICON, 100, 40)))
    new = retake(old, a_run(tmp_path / "b", (OTHER_ICON, 100, 40), label="Debian 14"))
    assert new.changed
    assert (new.reference.picture.pixels == OTHER_ICON).all()
    assert (new.reference.source.image, new.reference.source.shows) == ("Debian 14", "a button")
    elsewhere = a_run(tmp_path / "c", (OTHER_ICON, 30, 150))
    at = retake(old, elsewhere, box=Box(top=150, left=30, width=24, height=20))
    assert (at.reference.picture.pixels == OTHER_ICON).all()


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"scenario": "write"}, RecordError, "no scenario matches 'write'"),
        ({"step": "nobody"}, RecordError, "no step of it says 'nobody'"),
        ({"step": "I"}, RecordError, "2 steps of it say 'I'"),
        ({"step": "empty USB stick"}, RecordError, "no screen was kept after"),
        ({"box": Box(190, 290, 24, 20)}, RecordError, "24x20 pixels at 290,190 are not on the screen"),
        ({"box": Box(0, 0, 0, 0)}, RecordError, "not on the screen"),
        ({"box": Box(100, 200, 24, 20)}, HostError, "nearly flat"),
    ],
)
def test_what_cannot_be_cut_out_is_told(
    tmp_path: Path, change: dict[str, object], error: type[Exception], told: str
) -> None:
    wanted = {"scenario": "read", "step": STEP, "box": BOX, "shows": "x", **change}
    with pytest.raises(error, match=told):
        take(a_run(tmp_path / "a", (ICON, 100, 40)), "eject", **wanted)  # type: ignore[arg-type]


def test_what_stands_twice_is_no_reference(tmp_path: Path) -> None:
    run = a_run(tmp_path / "a", (ICON, 100, 40), (ICON, 30, 150))
    with pytest.raises(RecordError, match=r"the same stands at 30,150 too"):
        taken(run)
