"""Real ends for hands and eyes: a QEMU whose only software is a boot sector, a shell behind a socket."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.user.expectation import Patience
from harness.user.keyboard import Keyboard
from harness.user.reading import Tesseract
from harness.user.screen import Screen
from harness.user.vnc import VncDisplay

# Echoes keys: BIOS writes them to the screen, and port 0xE9 (QEMU's debug console) gets the same byte.
#   again: xor ax,ax; int 16h; mov ah,0Eh; mov bx,7; int 10h; out E9h,al
#          cmp al,8; jne again; mov ax,0E20h; int 10h; mov ax,0E08h; int 10h; jmp again
_ECHO = bytes.fromhex("31C0CD16B40EBB0700CD10E6E93C0875EFB8200ECD10B8080ECD10EBE3")
_BOOT_SECTOR = _ECHO.ljust(510, b"\0") + b"\x55\xaa"


@dataclass(frozen=True)
class EchoMachine:
    """A real QEMU that shows what is typed."""

    process: subprocess.Popen[bytes]
    vnc: Path
    keys: Path
    events: Path

    def typed(self) -> bytes:
        return self.keys.read_bytes()


@pytest.fixture
def patience() -> Patience:
    return Patience(seconds=20)


@pytest.fixture(scope="session")
def tesseract() -> Iterator[Tesseract]:
    reader = Tesseract()
    yield reader
    reader.close()


def _start_echo_machine(folder: Path) -> EchoMachine:
    disk, vnc, keys, events = (folder / name for name in ("disk", "vnc", "keys", "events"))
    disk.write_bytes(_BOOT_SECTOR)
    options = f"""
        -machine pc,i8042=off -accel tcg -m 16 -nodefaults -nic none -display none -vga std
        -vnc unix:{vnc},share=force-shared -usb -device usb-kbd -device usb-tablet
        -drive file={disk},format=raw,if=ide -debugcon file:{keys} -trace input_event_* -D {events}
    """
    process = subprocess.Popen(["qemu-system-x86_64", *options.split()])
    for last in Deadline.after(20).attempts():
        if vnc.exists():
            break
        assert not last, "QEMU did not open its VNC socket"
    return EchoMachine(process, vnc, keys, events)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def echo_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoMachine]:
    machine = _start_echo_machine(tmp_path_factory.mktemp("qemu"))
    yield machine
    _stop(machine.process)


@pytest.fixture(scope="session")
def display(echo_machine: EchoMachine, tesseract: Tesseract) -> Iterator[VncDisplay]:
    """The echo machine's screen, once it has booted and hears: until then it has another size.

    One connection for all: when one ends, QEMU lifts every key, whoever holds it.
    """
    patience = Patience(seconds=60)
    connection = VncDisplay(echo_machine.vnc, patience)
    Screen(connection, tesseract, patience).wait_for_text("Booting from Hard Disk")
    Keyboard(connection, patience).press("x")
    for last in Deadline.after(60).attempts():
        if echo_machine.typed():
            break
        assert not last, "the machine did not echo its first key"
    yield connection
    connection.close()


@pytest.fixture
def mortal_machine(tmp_path: Path) -> Iterator[EchoMachine]:
    """A machine for a test that ends it, or a connection to it."""
    machine = _start_echo_machine(tmp_path)
    yield machine
    _stop(machine.process)


class Clock:
    """A clock that goes on only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def instant(clock: Clock) -> Patience:
    """Patience that takes no time."""
    return Patience(seconds=10, clock=clock, pause=clock.pause)


def _start_shell(folder: Path) -> tuple[subprocess.Popen[bytes], Path]:
    serial = folder / "serial"
    # Its commands heed Ctrl-C, also where these tests are a background job that does not.
    command = [
        "env",
        "--default-signal=INT",
        sys.executable,
        Path(__file__).parent / "shell_behind_socket.py",
    ]
    process = subprocess.Popen([*command, serial])
    for last in Deadline.after(20).attempts():
        if serial.exists():
            break
        assert not last, "the shell did not open its socket"
    return process, serial


@pytest.fixture(scope="module")
def serial_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    process, serial = _start_shell(tmp_path_factory.mktemp("serial"))
    yield serial
    _stop(process)


@pytest.fixture
def mortal_shell(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A shell for a test that ends it, and its socket."""
    process, serial = _start_shell(tmp_path)
    yield process, serial
    _stop(process)
