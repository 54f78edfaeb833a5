"""The host's side of a machine: one private libvirt driver, its folder, and what crashed runs left in it.

libvirt's QEMU driver can run inside the calling process (`qemu:///embed?root=FOLDER`), so no daemon is
needed and two runs on one host cannot meet. The price is that nobody but us cleans up: when our process
dies its QEMU lives on. Every folder is therefore held by a lock for as long as its process lives, and
whoever starts next ends what a folder without an owner still runs.

The folder must have a short name, because the path of a UNIX socket ends at 108 bytes.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import itertools
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.deadline import Deadline
from harness.errors import HostError
from harness.machine.accelerator import emulator
from harness.machine.driver import libvirt

EMBEDDED = "qemu:///embed"
_ROOT = "l"  # short, for the sake of the sockets below it
_CAPABILITIES = Path("cache", "qemu", "capabilities")
_LOCK_NAME = "owner.lock"
_QEMU_CONF = """\
# Written by Tomograph: a private driver without a daemon, a log service or a security driver beside it.
stdio_handler = "file"
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
save_image_format = "raw"
"""
_QEMU_CONF_ROOT = 'user = "root"\ngroup = "root"\n'

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)

_events_started = threading.Lock()
_events_running = False
_claimed: PrivateFolder | None = None


def private_base() -> Path:
    """The folder in which each process of this user has one of its own; made on demand, mode 0700."""
    base = Path(tempfile.gettempdir()) / f"tomograph-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    status = base.stat(follow_symlinks=False)
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise HostError(
            f"{base} is not private to this user",
            expected="a folder of this user with mode 0700",
            hint=f"remove {base} and start again",
        )
    return base


@dataclass(slots=True)
class PrivateFolder:
    """A folder that belongs to this process for as long as `lock` is open."""

    path: Path
    lock: IO[bytes]
    owner: int

    @classmethod
    def claim(cls, base: Path) -> PrivateFolder:
        """A folder under `base` with the lowest free number."""
        for number in itertools.count():
            path = base / str(number)
            path.mkdir(mode=0o700, exist_ok=True)
            lock = _try_lock(path)
            if lock is None:
                continue
            _empty(path)
            return cls(path, lock, os.getpid())
        raise AssertionError("numbers do not end")

    def release(self) -> None:
        """End what still runs in the folder, remove it and let the lock go. Nothing in a forked child."""
        if os.getpid() != self.owner:
            return
        _empty(self.path)
        with contextlib.suppress(OSError):
            (self.path / _LOCK_NAME).unlink()
            self.path.rmdir()
        self.lock.close()


def _try_lock(path: Path) -> IO[bytes] | None:
    """The lock of the folder `path`, or None while another process holds it."""
    try:
        lock = (path / _LOCK_NAME).open("ab")
    except FileNotFoundError:  # its owner is just removing it
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    if not (path / _LOCK_NAME).exists():  # removed between opening and locking
        lock.close()
        return None
    return lock


def _empty(path: Path) -> None:
    """End every QEMU that was started under `path`, then remove all but the lock."""
    for pid in qemu_processes(path):
        _end(pid)
    for entry in path.iterdir():
        if entry.name == _LOCK_NAME:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def qemu_processes(folder: Path) -> list[int]:
    """The QEMU processes whose command line names `folder`: started by a driver rooted there, so ours."""
    marker = os.fsencode(f"{folder}/")
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        program = command.split(b"\0", 1)[0].rsplit(b"/", 1)[-1]
        if program.startswith(b"qemu-system") and marker in command:
            found.append(int(entry.name))
    return found


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    for last in Deadline.after(10).attempts():
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (OSError, IndexError):
            return
        if state == "Z":  # its parent has not asked for its status yet: it runs no more
            return
        if last:
            raise HostError(
                f"QEMU process {pid} of an earlier run does not end",
                expected="a killed process to end within 10 s",
                hint=f"look at what it waits for: cat /proc/{pid}/wchan",
            )


def reap_abandoned(base: Path) -> list[Path]:
    """Remove what crashed runs left under `base`: folders without an owner, their QEMU processes, sockets."""
    reaped = []
    for path in sorted(base.iterdir()):
        if not path.is_dir() or not path.name.isdigit():
            continue
        lock = _try_lock(path)
        if lock is None:
            continue
        PrivateFolder(path, lock, os.getpid()).release()
        reaped.append(path)
    return reaped


def _start_event_loop() -> None:
    """Run libvirt's event loop in a thread. It has to be registered before the first connection opens."""
    global _events_running  # noqa: PLW0603 - libvirt has one event loop for the process
    with _events_started:
        if _events_running:
            return
        libvirt.virEventRegisterDefaultImpl()
        # Errors come as exceptions; libvirt's habit of printing them as well would end up in the progress.
        libvirt.registerErrorHandler(lambda _context, _error: None, None)

        def loop() -> None:
            while True:
                libvirt.virEventRunDefaultImpl()

        threading.Thread(target=loop, name="libvirt-events", daemon=True).start()
        _events_running = True


class Host:
    """An open libvirt connection and a private folder for the sockets and logs of its machines."""

    def __init__(self, connection: libvirt.virConnect, folder: Path) -> None:
        self.connection = connection
        self.folder = folder

    @classmethod
    @contextlib.contextmanager
    def open(cls, uri: str = EMBEDDED, *, capabilities_cache: Path | None = None) -> Iterator[Host]:
        """Open `uri`; what its machines leave is removed when this process ends.

        Args:
            uri: any QEMU URI of libvirt; the default needs no daemon.
            capabilities_cache: a folder that keeps what libvirt found out about QEMU: 4 to 11 s of work.

        Raises:
            HostError: libvirt cannot be reached or has no QEMU driver.
        """
        folder = _own_folder(capabilities_cache)
        root = folder / _ROOT
        _start_event_loop()
        if uri == EMBEDDED:
            _adopt_orphans()
        try:
            connection = libvirt.open(f"{uri}?root={root}" if uri == EMBEDDED else uri)
        except libvirt.libvirtError as error:
            raise HostError(
                f"libvirt cannot open {uri}: {error}",
                expected="a QEMU driver",
                hint="`tomograph doctor` tells what this host lacks; `make setup` installs it",
            ) from error
        try:
            yield cls(connection, folder)
        finally:
            if capabilities_cache is not None:
                _keep_capabilities(root, capabilities_cache)
            with contextlib.suppress(libvirt.libvirtError):
                connection.close()


def _adopt_orphans() -> None:
    """Become the parent of a QEMU whose own has ended, so that its end is noted here; see `reap_at_end`."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_at_end(folder: Path) -> None:
    """Note the end of the QEMU that was started under `folder`, whenever it comes.

    Until somebody does, libvirt takes it for one that still ends, and waits. A host's first process may be
    slow at it: a second or two on some virtual machines, and in some containers for ever.
    """
    for pid in qemu_processes(folder):
        threading.Thread(target=_reap, args=(pid,), name=f"reap-{pid}", daemon=True).start()


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):  # one that a daemon started
        os.waitpid(pid, 0)


def _own_folder(capabilities_cache: Path | None) -> Path:
    """This process's folder, claimed once: libvirt takes one embedded root a process, for good."""
    global _claimed  # noqa: PLW0603 - one for the process, as libvirt has it
    if _claimed is None or _claimed.owner != os.getpid():
        base = private_base()
        reap_abandoned(base)
        _claimed = PrivateFolder.claim(base)
        atexit.register(_claimed.release)
        _prepare_root(_claimed.path / _ROOT, capabilities_cache)
    return _claimed.path


def _prepare_root(root: Path, cache: Path | None) -> None:
    (root / "etc").mkdir(parents=True)
    conf = _QEMU_CONF + (_QEMU_CONF_ROOT if os.getuid() == 0 else "")
    (root / "etc" / "qemu.conf").write_text(conf)
    if cache is not None and cache.is_dir():
        (root / _CAPABILITIES).mkdir(parents=True)
        # libvirt compares them with the program it starts, which is not QEMU itself (see enclosure).
        newest = emulator().stat().st_ctime
        for file in cache.glob("[!.]*"):  # the others are partial, and may go
            if file.stat().st_mtime > newest:
                shutil.copy2(file, root / _CAPABILITIES)


def _keep_capabilities(root: Path, cache: Path) -> None:
    found = root / _CAPABILITIES
    if not found.is_dir():
        return
    cache.mkdir(parents=True, exist_ok=True)
    for file in found.iterdir():
        partial = cache / f".{file.name}.{os.getpid()}"
        shutil.copy2(file, partial)
        partial.replace(cache / file.name)


def libvirt_version() -> str:
    """The version of the libvirt library, such as `9.0.0`."""
    number = libvirt.getVersion()
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
