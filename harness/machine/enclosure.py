"""A machine's network: a namespace of its own, from which no packet leaves the host.

QEMU is started by `vm/enclosure/qemu`, which makes a network namespace that has a loopback interface and no
other. The guest has a network card whose packets QEMU turns into connections of its own (SLIRP), and in
that namespace they reach what the harness lets listen there, and nothing else: the kernel knows no route.
So the guest's network looks like a person's (DHCP, a name server, a gateway), and needs no filter that could
be wrong.
"""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
from importlib import resources
from pathlib import Path

from harness.errors import HostError
from harness.image import cache

_LAUNCHER = "qemu"
_TRIAL_SECONDS = 10
_BIND = """\
import json, socket, sys
channel = socket.socket(fileno=int(sys.argv[1]))
bound = socket.socket(socket.AF_INET, getattr(socket, sys.argv[2]))
bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
bound.bind((sys.argv[3], int(sys.argv[4])))
socket.send_fds(channel, [b"x"], [bound.fileno()])
"""
"""A socket belongs to the network it was made in, whoever holds it: so it is made there and handed out."""


def launcher() -> Path:
    """The program that libvirt starts in QEMU's place, where it stays when this installation goes.

    A memory image names the program that it was saved by, and libvirt restores none whose program is gone.
    """
    source = resources.files("vm") / "enclosure"
    files = {file.name: file.read_bytes() for file in source.iterdir() if file.is_file()}

    def lay(folder: Path) -> None:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (folder / _LAUNCHER).chmod(0o755)

    return cache.entry("enclosure", _digest(files), lay) / _LAUNCHER


def _digest(files: dict[str, bytes]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]


def must_work() -> None:
    """Try the namespaces with a QEMU that only tells its version.

    Raises:
        HostError: this host does not give them to this user.
    """
    trial = subprocess.run(
        [launcher(), "--version"], capture_output=True, text=True, timeout=_TRIAL_SECONDS, check=False
    )
    if trial.returncode != 0:
        raise HostError(
            f"no network namespace for a machine: {trial.stderr.strip() or f'status {trial.returncode}'}",
            expected="unshare --user --map-root-user --net --mount",
            hint="allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces"
            " or kernel.apparmor_restrict_unprivileged_userns=0, whichever this host has",
        )


def entered(pid: int, *command: str) -> list[str]:
    """`command` so that it runs in the network of the QEMU process `pid`, as this user."""
    return ["nsenter", f"--target={pid}", "--user", "--net", "--preserve-credentials", "--", *command]


def bound(pid: int, address: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """A socket in the network of the QEMU process `pid`, bound and not yet listening.

    The guest reaches 127.0.0.1 in there as 10.0.2.2, its gateway, and the name server at port 53 of it
    as 10.0.2.3; addresses of 192.0.2.0/24 it reaches under their own name.

    Raises:
        HostError: the address is taken, or the process is gone.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        script = [sys.executable, "-I", "-c", _BIND, str(theirs.fileno()), kind.name, address, str(port)]
        done = subprocess.run(
            entered(pid, *script), pass_fds=[theirs.fileno()], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise HostError(
                f"{address}:{port} cannot be bound in the machine's network: {reason}",
                expected="a running machine and a free port",
            )
        _data, (descriptor,), _flags, _address = socket.recv_fds(ours, 1, 1)
    return socket.socket(fileno=descriptor)
