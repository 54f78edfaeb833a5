"""A real TOMOYO kernel as a process: user-mode Linux, a hostfs root, and `guest/init.c` as its init.

A batch is a list of commands, one a line; the words of `access`, `chain`, `environment`, `fixture` and
`attributes` are written as TOMOYO writes names.

    domain LINE, exception LINE, profile LINE    write a line of policy; no answer
    show FILE                                    all of /sys/kernel/security/tomoyo/FILE
    fixture KIND PATH MODE UID GID               something to act on: file, dir, char or program; no answer
    attributes PATH                              inode mode uid gid major minor device-major device-minor
    access OPERATION WORD...                     make an access in <kernel> /sbin/init; its errno or 0
    environment NAME=VALUE...                    for the chains that follow; no answer
    chain START PROGRAM...                       execute one after another; the domain after each
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from harness.deadline import Deadline
from harness.errors import HostError

_GUEST = Path(__file__).parent / "guest"
_BINARY = "/usr/bin/linux.uml"
_BARE = ["-Os", "-nostdlib", "-fno-stack-protector", "-no-pie", "-fno-pie", "-Wl,-z,noseparate-code"]
_SILENT = frozenset({"domain", "exception", "profile", "fixture", "environment"})


class Kernel:
    """A booted kernel; leave the `with` block and it is gone, with its files.

    Raises:
        HostError: user-mode Linux cannot be started here.
    """

    def __init__(self, *, boot_seconds: float = 60) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="oracle-"))
        self._batches = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._log = self._root / "console.log"
        try:
            self._make_root()
            self._boot()
            self._expect(b"ready\n", Deadline.after(boot_seconds))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, commands: Iterable[str], *, seconds: float = 60) -> list[str]:
        """Carry out commands and give the answers of those that have one.

        Raises:
            HostError: the kernel died or did not answer in time.
        """
        lines = list(commands)
        self._batches += 1
        name = str(self._batches)
        (self._root / "batch" / name).write_text("".join(f"{line}\n" for line in lines), "latin-1")
        os.write(self._to_guest, f"{name}\n".encode())
        self._expect(f"{name}\n".encode(), Deadline.after(seconds))
        answers = _answers((self._root / "answer" / name).read_bytes())
        expected = sum(line.partition(" ")[0] not in _SILENT for line in lines)
        if len(answers) != expected:
            raise HostError(f"{len(answers)} answers from the kernel", expected=f"{expected}")
        return answers

    def close(self) -> None:
        """End the process and remove its files."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            os.close(self._to_guest)
            os.close(self._from_guest)
            self._process = None
        shutil.rmtree(self._root, ignore_errors=True)

    def _make_root(self) -> None:
        self._root.chmod(0o711)  # the guest's / must let its other users pass
        for folder in ("sbin", "dev", "proc", "sys", "t", "batch", "answer", "run"):
            (self._root / folder).mkdir()
        compiler = shutil.which("gcc")
        if compiler is None or not Path(_BINARY).exists():
            raise HostError(
                "gcc or user-mode Linux is missing",
                expected=_BINARY,
                hint="run `make setup` on a Debian host",
            )
        for name, options in (("init", ["-O1"]), ("program", _BARE)):
            command = [compiler, "-static", "-s", "-Wall", "-Werror", *options]
            target = self._root / "sbin" / name
            subprocess.run([*command, "-o", target, _GUEST / f"{name}.c"], check=True, timeout=60)
        (self._root / "sbin" / "tomoyo-init").hardlink_to(self._root / "sbin" / "init")

    def _boot(self) -> None:
        guest_in, self._to_guest = os.pipe()
        self._from_guest, guest_out = os.pipe()
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [
                        _BINARY,
                        "mem=192M",
                        "rootfstype=hostfs",
                        f"rootflags={self._root}",
                        "rw",
                        "con=null",
                        "con0=null,fd:1",
                        f"ssl0=fd:{guest_in},fd:{guest_out}",
                        f"uml_dir={self._root / 'run'}/",
                        "security=tomoyo",
                        "init=/sbin/init",
                        "panic=-1",
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(guest_in, guest_out),
                    start_new_session=True,
                    env={"PATH": "/usr/bin:/bin", "TMPDIR": str(self._root / "run")},
                )
        finally:
            os.close(guest_in)
            os.close(guest_out)

    def _expect(self, wanted: bytes, deadline: Deadline) -> None:
        said = b""
        while not said.endswith(wanted):
            ready, _, _ = select.select([self._from_guest], [], [], deadline.remaining)
            chunk = os.read(self._from_guest, 4096) if ready else b""
            if not chunk:
                raise HostError(
                    f"the oracle's kernel {'ended' if ready else 'is silent'}; its console ends in\n"
                    + "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-15:]),
                    expected=f"{wanted!r} within {deadline.seconds:.0f} s",
                    hint="boot /usr/bin/linux.uml by hand to see whether this host can run user-mode Linux",
                )
            said += chunk


def _answers(data: bytes) -> list[str]:
    answers = []
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end]
        at = end + 1
        if line.startswith(b"="):
            size = int(line[1:])
            line = data[at : at + size]
            at += size + 1
        answers.append(line.decode("latin-1"))
    return answers
