"""A real machine: the console flavour of the reference image, booted once, then restored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.image import reference

Learn = Callable[..., "subprocess.CompletedProcess[str]"]
TOMOGRAPH = Path(sys.executable).with_name("tomograph")


@pytest.fixture(scope="session")
def console_iso() -> Path:
    """The reference image for text consoles, built if the cache has none."""
    return reference.build("console", progress=lambda text: print(text, flush=True))  # noqa: T201


@pytest.fixture(scope="session")
def learn(console_iso: Path) -> Learn:
    """Run `tomograph learn` to its end as a process of its own."""

    def run(*arguments: str | Path, image: Path = console_iso) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [TOMOGRAPH, "learn", f"--image={image}", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "160"},
        )

    return run
