from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.record import Manifest, RunWriter


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(run="first", started=datetime(2026, 11, 22, 18, 45, tzinfo=UTC))


@pytest.fixture
def run(tmp_path: Path, manifest: Manifest) -> RunWriter:
    return RunWriter.create(tmp_path / "first", manifest)
