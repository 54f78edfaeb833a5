"""The oracle itself: it says why it cannot start, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from harness.errors import HostError
from tests.oracle.kernel import Kernel


def leftovers() -> set[str]:
    running = {
        process.name
        for process in Path("/proc").glob("[0-9]*")
        if b"rootflags=" + tempfile.gettempdir().encode() in _command(process)
    }
    return running | {str(path) for path in Path(tempfile.gettempdir()).glob("oracle-*")}


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_kernel_that_is_silent_is_an_error_that_shows_its_console() -> None:
    with pytest.raises(HostError, match=r"silent.*\n") as caught:
        Kernel(boot_seconds=0)
    assert "linux.uml" in caught.value.hint
    assert not leftovers()


def test_a_command_that_the_guest_does_not_know_is_an_error() -> None:
    with Kernel() as kernel, pytest.raises(HostError, match="oracle: nonsense"):
        kernel.ask(["nonsense word"])
    assert not leftovers()
