"""A server program of Debian's, run for one scenario, beside the one that this host may have.

It runs as nobody, in a user namespace in which this user is called so: it needs no rights, and does not
ask who started it. It ends with the server here, and with the harness if that dies.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError
from harness.tool import PATH

NOBODY = pwd.getpwnam("nobody")
_STARTS = 30.0

Enter = Callable[..., list[str]]
"""What to run on this host so that a command runs in a certain network."""


def here(*command: str) -> list[str]:
    """A command that runs in the harness's own network."""
    return list(command)


class Program:
    """Runs until it is closed.

    Args:
        name: the program's.
        command: what to run; stays in the foreground.
        log: gets what it prints.
        is_ready: whether it serves.
        expected: the version that the configuration is for.
        sockets: what it inherits, under the same numbers.
        stdin: its standard input, as subprocess has it.
        enter: where it runs.

    Raises:
        HostError: it is missing, or does not start.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        is_ready: Callable[[], bool],
        expected: str,
        sockets: Sequence[int] = (),
        stdin: int = subprocess.DEVNULL,
        enter: Enter = here,
    ) -> None:
        if shutil.which(name, path=PATH) is None:
            raise HostError(f"{name} is not on the PATH", hint="make setup")
        as_nobody = (
            "unshare", "--user", f"--map-user={NOBODY.pw_uid}", f"--map-group={NOBODY.pw_gid}", "--",
            "setpriv", "--pdeathsig=TERM", "--",
        )  # fmt: skip
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                enter(*as_nobody, *command),
                pass_fds=sockets,
                env={"PATH": PATH},
                stdin=stdin,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        for last in Deadline.after(_STARTS).attempts():
            if is_ready():
                break
            if last or self.process.poll() is not None:
                self.close()
                raise HostError(
                    f"{name} does not start: {log.read_text(errors='replace').strip()}", expected=expected
                )

    def close(self) -> None:
        """End it at once, and all that it started. Its files go too: nothing is brought into order before."""
        group = self.process.pid
        with contextlib.suppress(ChildProcessError):  # raised when none of it is left
            os.waitid(os.P_PGID, group, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            os.killpg(group, signal.SIGKILL)
            self.process.wait()
            while True:  # what it had started is this process's to note now, see `Host.open`
                os.waitpid(-group, 0)
        if self.process.stdin is not None:
            self.process.stdin.close()
