"""Which accelerator a machine gets: KVM where a trial boot proves that it works, else TCG.

That /dev/kvm opens and even creates a machine tells little: on some hosts a guest then hangs at its
first instruction. So the very kernel under test is booted for a few seconds without a root, until it
says that it has started.
"""

from __future__ import annotations

import functools
import json
import os
import selectors
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError

EMULATOR = "qemu-system-x86_64"
_KVM = Path("/dev/kvm")
_TRIAL_SECONDS = 15.0
_ALIVE = b"Linux version"


@dataclass(frozen=True, slots=True)
class Accelerator:
    """How a machine's processor is made.

    Attributes:
        name: `kvm` or `tcg`.
        domain_type: libvirt's word for it.
        cpu_model: the processor model, or None for the host's own.
        time_scale: by which factor deadlines are stretched.
        reason: why this one was taken, for the record.
        kernel_words: what it wants on the kernel's command line.
    """

    name: str
    domain_type: str
    cpu_model: str | None
    time_scale: float
    reason: str
    kernel_words: tuple[str, ...] = ()


def kvm(reason: str) -> Accelerator:
    """Hardware virtualisation."""
    return Accelerator("kvm", "kvm", None, 1.0, reason)


def tcg(reason: str) -> Accelerator:
    """QEMU's own translation.

    The model has no AVX: with it, LLVM's code for software rendering crashes gnome-shell under QEMU 7.2.
    An emulated processor forgets all its addresses whenever page tables are switched, which page table
    isolation does twice in every system call; and there is no speculation in it to be mitigated.
    Its time stamp counter is the host's clock, and sound; on a busy host a look at it takes so long that the
    kernel's watchdog takes it for broken, and asks a slow device for the time from then on.
    """
    return Accelerator("tcg", "qemu", "Nehalem", 6.0, reason, ("mitigations=off", "tsc=reliable"))


def emulator() -> Path:
    """The path of QEMU.

    Raises:
        HostError: it is not installed.
    """
    found = shutil.which(EMULATOR)
    if found is None:
        raise HostError(f"{EMULATOR} is not on the PATH", expected="QEMU", hint="make setup")
    return Path(found)


@functools.cache
def emulator_version() -> str:
    """QEMU's version and build, such as `7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`."""
    said = subprocess.run([emulator(), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.partition("\n")[0].removeprefix("QEMU emulator version ")


def choose(
    kernel: Path, *, wanted: str = "auto", memo: Path | None = None, trial_seconds: float = _TRIAL_SECONDS
) -> Accelerator:
    """The accelerator for machines that run `kernel`.

    Args:
        kernel: a bootable Linux kernel, used for the trial.
        wanted: `auto`, `kvm` or `tcg`.
        memo: a file that remembers the trial's outcome until the host is booted again.
        trial_seconds: how long the trial boot may take.

    Raises:
        HostError: `kvm` was wanted and does not work.
    """
    if wanted == "tcg":
        return tcg("asked for")
    problem = _why_closed() or _remembered(memo, kernel, lambda: _why_no_kvm(kernel, trial_seconds))
    if problem is None:
        return kvm("a trial boot with it succeeded")
    if wanted == "kvm":
        raise HostError(
            f"KVM was asked for, but {problem}", expected="a working /dev/kvm", hint="--accel tcg"
        )
    return tcg(f"KVM not taken: {problem}")


def _remembered(memo: Path | None, kernel: Path, trial: Callable[[], str | None]) -> str | None:
    """The outcome of `trial`, from `memo` when this QEMU tried it with this kernel since the host booted."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    found = shutil.which(EMULATOR)
    circumstances = [boot, str(kernel), os.getuid(), found and Path(found).stat().st_ctime]
    if memo is not None and memo.exists():
        try:
            known = json.loads(memo.read_text())
        except ValueError:
            known = {}
        if known.get("circumstances") == circumstances:
            problem: str | None = known["problem"]
            return problem
    problem = trial()
    if memo is not None:
        memo.parent.mkdir(parents=True, exist_ok=True)
        partial = memo.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"circumstances": circumstances, "problem": problem}))
        partial.replace(memo)
    return problem


def _why_closed() -> str | None:
    """What keeps this user from KVM, which may be mended at any time and is not remembered."""
    if not _KVM.exists():
        return f"there is no {_KVM}"
    if not os.access(_KVM, os.R_OK | os.W_OK):
        return f"this user may not open {_KVM}"
    return None


def _why_no_kvm(kernel: Path, seconds: float) -> str | None:
    """What speaks against KVM here, or None when a trial boot succeeds."""
    command = [
        str(emulator()), "-accel", "kvm", "-machine", "q35", "-cpu", "host", "-m", "256", "-nodefaults",
        "-display", "none", "-no-reboot", "-nic", "none", "-serial", "stdio", "-kernel", str(kernel),
        "-append", "console=ttyS0 earlyprintk=serial panic=-1",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as trial:
        try:
            said = _read_until_alive(trial, Deadline.after(seconds))
        finally:
            trial.kill()
    if _ALIVE in said:
        return None
    if trial.returncode not in (0, -9):
        last = said.decode(errors="replace").strip().splitlines()
        return f"QEMU ended in a trial boot with it: {last[-1] if last else f'status {trial.returncode}'}"
    return f"a trial boot with it said nothing in {seconds:g} s"


def _read_until_alive(trial: subprocess.Popen[bytes], deadline: Deadline) -> bytes:
    assert trial.stdout is not None
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(trial.stdout, selectors.EVENT_READ)
        while not deadline.expired and _ALIVE not in said:
            if not selector.select(deadline.remaining):
                break
            chunk = os.read(trial.stdout.fileno(), 65536)
            if not chunk:
                trial.wait(timeout=10)
                break
            said += chunk
    return said
