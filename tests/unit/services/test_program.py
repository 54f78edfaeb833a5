"""What a server leaves when it is closed: nothing that runs, and nothing that waits to be noted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.machine import host
from harness.services.program import Program


@pytest.mark.parametrize("command", ["sleep 77 & echo > {ready}; wait", "sleep 77 & echo > {ready}"])
def test_what_a_server_started_ends_with_it(tmp_path: Path, command: str) -> None:
    host._adopt_orphans()
    ready = tmp_path / "ready"
    server = Program(
        "sh", ["sh", "-c", command.format(ready=ready)],
        log=tmp_path / "log", is_ready=ready.exists, expected="a shell",
    )  # fmt: skip
    if not command.endswith("wait"):
        server.process.wait(10)
    server.close()
    with pytest.raises(ProcessLookupError):
        os.killpg(server.process.pid, 0)
    server.close()
