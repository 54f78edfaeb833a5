"""What a crashed run leaves is ended and removed; what belongs to anybody else is not touched."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.machine import host
from harness.machine.accelerator import emulator
from harness.machine.host import PrivateFolder, qemu_processes, reap_abandoned


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "b"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def start_qemu(folder: Path, started: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """A real QEMU without a machine whose command line names `folder`, as libvirt's do."""
    command = [
        emulator(),
        "-machine",
        "none",
        "-nodefaults",
        "-display",
        "none",
        "-S",
        "-name",
        f"guest={folder}/x",
    ]
    process = subprocess.Popen(command)
    started.append(process)
    for last in Deadline.after(20).attempts():
        if process.pid in qemu_processes(folder):
            break
        assert not last, "QEMU does not appear in the process table"
    return process


def abandoned(base: Path) -> Path:
    """A folder whose owner's lock went with its process."""
    folder = PrivateFolder.claim(base)
    (folder.path / "l").mkdir()
    (folder.path / "l" / "socket").touch()
    folder.lock.close()
    return folder.path


def test_an_abandoned_folder_is_removed_and_its_qemu_ended(
    base: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    folder = abandoned(base)
    qemu = start_qemu(folder, started)
    assert reap_abandoned(base) == [folder]
    assert qemu.wait(timeout=20) == -9
    assert not folder.exists()


def test_a_folder_whose_owner_lives_is_left_alone(base: Path, started: list[subprocess.Popen[bytes]]) -> None:
    folder = PrivateFolder.claim(base)
    qemu = start_qemu(folder.path, started)
    assert reap_abandoned(base) == []
    assert qemu.poll() is None
    assert folder.path.exists()
    folder.release()
    assert qemu.wait(timeout=20) == -9


def test_only_qemu_and_only_of_that_folder_is_ended(
    base: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    folder = abandoned(base)
    other = start_qemu(base / "10", started)  # another folder, whose name begins alike
    editor = subprocess.Popen(
        ["tail", "-f", "/dev/null", "--", f"{folder}/l/socket"], stdout=subprocess.DEVNULL
    )
    started.append(editor)
    reap_abandoned(base)
    assert other.poll() is None
    assert editor.poll() is None


def test_two_owners_have_two_folders_and_a_released_number_is_used_again(base: Path) -> None:
    first, second = PrivateFolder.claim(base), PrivateFolder.claim(base)
    assert (first.path.name, second.path.name) == ("0", "1")
    first.release()
    assert not first.path.exists()
    third = PrivateFolder.claim(base)
    assert third.path.name == "0"
    assert second.path.exists()
    second.release()
    third.release()


def test_a_base_that_others_can_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host.tempfile, "gettempdir", lambda: str(tmp_path))
    base = host.private_base()
    base.chmod(0o755)
    with pytest.raises(host.HostError, match="not private"):
        host.private_base()
