"""A machine's network without the machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.machine import enclosure
from harness.services import Network


@contextmanager
def inside(folder: Path) -> Iterator[int]:
    """A process that is to QEMU's network what QEMU would be.

    Args:
        folder: an empty one to work in.
    """
    program = folder / "qemu-system-x86_64"
    program.write_text("#!/bin/sh\necho ready\nexec sleep 600\n")
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    with subprocess.Popen(
        [enclosure.launcher()], stdout=subprocess.PIPE, env={**os.environ, "PATH": path}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process.pid
        finally:
            process.kill()


@contextmanager
def network(pid: int) -> Iterator[Network]:
    """The servers in there."""
    servers = Network(
        lambda address, port, kind: enclosure.bound(pid, address, port, kind),
        lambda *command: enclosure.entered(pid, *command),
    )
    yield servers
    servers.close()
