"""`tomograph picture`: cut out, held against a newer run, listed with who uses it."""

from pathlib import Path

import numpy as np
import pytest

from harness import cli
from harness.record import Manifest, RunWriter
from harness.user.picture import Picture

BOX = (100, 40, 24, 20)
FEATURE = """@desktop-ready
Feature: Sticks

  Background:
    When I see the icon "stick"

  Scenario: Take it out
    When I click the icon "eject"
"""


@pytest.fixture
def features(tmp_path: Path) -> Path:
    folder = tmp_path / "features"
    (folder / "drives").mkdir(parents=True)
    (folder / "drives" / "files.feature").write_text(FEATURE)
    return folder


def a_run(path: Path, seed: int) -> Path:
    """A run whose one scenario shows an icon that `seed` draws."""
    left, top, width, height = BOX
    pixels = np.full((200, 300, 3), 240, np.uint8)
    icon = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    pixels[top : top + height, left : left + width] = icon
    manifest = Manifest.model_validate({"run": path.name, "started": "2026-11-23T18:00:00Z"})
    run = RunWriter.create(path, manifest)
    run.started(1)
    scenario = run.scenario("features/drives/files.feature", "Take it out")
    scenario.step_started("Then", 'I see "STICK"')
    scenario.screen(Picture(pixels).png(), "STICK")
    scenario.step_finished("passed")
    scenario.finish("passed")
    return path


def test_taken_listed_and_taken_again(
    features: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--features", str(features)]
    assert cli.run(["picture", "list", *where]) == 0
    assert "no feature needs a reference picture" in capsys.readouterr().out
    box = ",".join(map(str, BOX))
    words = ["take", "eject", str(a_run(tmp_path / "a", 1)), "take it out", "--step", "STICK", "--box", box]
    assert cli.run(["picture", *words, "--shows", "the button that takes it out", *where]) == 0
    path = features / "pictures" / "eject.png"
    assert str(path) in capsys.readouterr().out
    first = path.read_bytes()

    assert cli.run(["picture", "list", *where]) == 0
    listed = capsys.readouterr().out
    assert "the button that" in listed
    assert "24x20" in listed
    assert "drives/files" in listed

    assert cli.run(["picture", "retake", str(a_run(tmp_path / "b", 1)), *where]) == 0
    assert "still found, at 100,40" in capsys.readouterr().out
    assert path.read_bytes() == first
    assert cli.run(["picture", "retake", str(a_run(tmp_path / "c", 2)), "eject", *where]) == 0
    assert "taken again" in capsys.readouterr().out
    assert path.read_bytes() != first


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["retake", "x", "--box", "1,2,3,4"], "name that one"),
        (["take", "a", "x", "y", "--step", "s", "--shows", "b", "--box", "1,2,3"], "1,2,3 is no box"),
        (["retake", "x", "eject"], "x does not exist"),
    ],
)
def test_wrong_usage_is_told(
    features: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["picture", *words, "--features", str(features)]) == 2
    assert told in capsys.readouterr().err
