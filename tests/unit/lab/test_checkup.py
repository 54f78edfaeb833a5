"""What `tomograph doctor` says of a host."""

from __future__ import annotations

import pytest

from harness.lab import checkup


@pytest.mark.parametrize(("number", "state"), [(7_002_022, "slow"), (10_000_002, "ok"), (11_001_000, "ok")])
def test_a_qemu_that_is_slow_without_kvm_is_told(number: int, state: str) -> None:
    finding = checkup._driven(number)
    assert (finding.state, finding.what) == (state, "libvirt")
    assert f"QEMU {number // 1_000_000}.{number // 1000 % 1000}" in finding.seen
    assert bool(finding.hint) == (state == "slow")


def test_a_tool_that_is_missing_is_told_with_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "PATH", "")
    findings = list(checkup._tools())
    assert {finding.state for finding in findings} == {"missing"}
    assert all(finding.hint == "make setup" for finding in findings)
