"""What a crashed run leaves is ended and removed; what belongs to anybody else is not touched."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.machine import host
from harness.machine.accelerator import emulator
from harness.machine.host import PrivateFolder, qemu_processes, reap_abandoned, reap_at_end


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


def orphaned_qemu(folder: Path) -> int:
    """A QEMU that has left its parent, as libvirt's does."""
    folder.mkdir()
    command = [emulator(), *["-machine", "none", "-nodefaults", "-display", "none", "-S", "-daemonize"]]
    subprocess.run([*command, "-name", f"guest={folder}/x"], check=True)
    (pid,) = qemu_processes(folder)
    return pid


def ends_of_orphans(base: Path) -> dict[str, bool]:
    """Whether the processes are gone after two QEMU were killed, one with somebody to note its end."""
    host._adopt_orphans()
    noted, unnoted = orphaned_qemu(base / "noted"), orphaned_qemu(base / "unnoted")
    reap_at_end(base / "noted")
    for pid in (noted, unnoted):
        os.kill(pid, signal.SIGKILL)
    is_gone = any(not Path(f"/proc/{noted}").exists() for _ in Deadline.after(20).attempts())
    return {"noted": is_gone, "unnoted": not Path(f"/proc/{unnoted}").exists()}


def test_the_end_of_a_qemu_without_a_parent_is_noted(base: Path) -> None:
    with ProcessPoolExecutor(max_workers=1) as apart:  # whoever adopts orphans does so for good
        ends = apart.submit(ends_of_orphans, base).result()
    assert ends == {"noted": True, "unnoted": False}
