"""KVM is taken only where a trial boot proves it. The trials here are stand-ins for QEMU: small scripts."""

import os
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.machine import accelerator


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A host with a device for KVM; a script in the place of QEMU decides how it behaves."""
    device = tmp_path / "kvm"
    device.touch()
    monkeypatch.setattr(accelerator, "_KVM", device)
    program = tmp_path / accelerator.EMULATOR
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return program


def behaves(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


KERNEL = Path("vmlinuz")


def test_a_kernel_that_speaks_proves_it(host: Path) -> None:
    behaves(host, "echo '[    0.000000] Linux version 6.12'; exec sleep 60")
    assert accelerator.choose(KERNEL).name == "kvm"


def test_a_guest_that_hangs_is_given_up_after_a_bounded_time(host: Path) -> None:
    behaves(host, "exec sleep 60")
    chosen = accelerator.choose(KERNEL, trial_seconds=0.3)
    assert (chosen.name, chosen.reason) == (
        "tcg",
        "KVM not taken: a trial boot with it said nothing in 0.3 s",
    )


def test_a_qemu_that_aborts_says_why(host: Path) -> None:
    behaves(host, "echo 'kvm_buf_set_msrs: Assertion failed' >&2; kill -ABRT $$")
    assert "kvm_buf_set_msrs: Assertion failed" in accelerator.choose(KERNEL).reason


def test_without_the_device_nothing_is_tried(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerator, "_KVM", Path("/dev/no-such-device"))
    assert accelerator.choose(KERNEL).reason == "KVM not taken: there is no /dev/no-such-device"


def test_kvm_that_was_asked_for_and_does_not_work_is_an_error(host: Path) -> None:
    behaves(host, "exit 1")
    with pytest.raises(HostError, match="KVM was asked for, but"):
        accelerator.choose(KERNEL, wanted="kvm")


def test_the_outcome_is_remembered_for_this_kernel(host: Path, tmp_path: Path) -> None:
    memo = tmp_path / "memo.json"
    behaves(host, "echo tried >> $0.log; exit 1")
    for _ in range(2):
        assert accelerator.choose(KERNEL, memo=memo).name == "tcg"
    log = host.with_name(f"{host.name}.log")
    assert log.read_text() == "tried\n"
    accelerator.choose(Path("another"), memo=memo)
    assert log.read_text() == "tried\n" * 2


def test_another_qemu_is_tried_anew(host: Path, tmp_path: Path) -> None:
    memo = tmp_path / "memo.json"
    behaves(host, "exit 1")
    assert accelerator.choose(KERNEL, memo=memo).name == "tcg"
    host.unlink()
    behaves(host, "echo 'Linux version 6.12'")
    assert accelerator.choose(KERNEL, memo=memo).name == "kvm"


def test_a_device_that_is_there_by_now_is_tried(
    host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memo = tmp_path / "memo.json"
    behaves(host, "echo 'Linux version 6.12'")
    with monkeypatch.context() as without:
        without.setattr(accelerator, "_KVM", Path("/dev/no-such-device"))
        assert accelerator.choose(KERNEL, memo=memo).name == "tcg"
    assert accelerator.choose(KERNEL, memo=memo).name == "kvm"
