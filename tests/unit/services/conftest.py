"""A machine's network without the machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from harness.machine import enclosure


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A process that is to QEMU's network what QEMU would be."""
    folder = tmp_path_factory.mktemp("qemu")
    program = folder / "qemu-system-x86_64"
    program.write_text("#!/bin/sh\necho ready\nexec sleep 600\n")
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    with subprocess.Popen(
        [enclosure.launcher()], stdout=subprocess.PIPE, env={**os.environ, "PATH": path}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.kill()
