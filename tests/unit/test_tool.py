from __future__ import annotations

from pathlib import Path

import pytest

from harness import tool
from harness.errors import HostError


def test_output_and_input(tmp_path: Path) -> None:
    assert tool.run(["cat"], stdin=b"in") == b"in"
    assert tool.run(["pwd"], cwd=tmp_path).decode().strip() == str(tmp_path)
    assert tool.run(["printenv", "WORD"], env={"WORD": "x"}) == b"x\n"


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(HostError, match="not installed on this host: no-such-tool") as caught:
        tool.run(["no-such-tool", "x"])
    assert "make setup" in str(caught.value)


def test_last_words_of_a_failure() -> None:
    with pytest.raises(HostError, match="sh ended with status 3") as caught:
        tool.run(["sh", "-c", "seq 100 >&2; exit 3"])
    assert "  100" in str(caught.value)
    assert "  50\n" not in str(caught.value)
