"""One tor: its configuration, its process, its log."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from harness.errors import HostError
from harness.services.tor.control import Control

_ENDS = 10.0
_LOG_LINES = 12
_ASKED = "New control connection opened"


class Daemon:
    """A tor with a data folder of its own. It ends when it is closed, and when this process ends.

    Args:
        folder: kept from other users; it may hold keys.
        options: lines for its torrc.
        prefix: what its command begins with, so that it runs in the machine's network and at its time.
    """

    def __init__(self, folder: Path, options: Iterable[str], *, prefix: list[str]) -> None:
        self.folder = folder
        self.name = folder.name
        self._control = folder / "control"
        self._log = folder / "log"
        torrc, defaults = folder / "torrc", folder / "defaults"
        lines = [
            f"Nickname {self.name}",
            f"DataDirectory {folder}",
            f"ControlSocket {self._control}",
            "CookieAuthentication 0",
            "Log notice stdout",
            "ShutdownWaitLength 0",
            "NumCPUs 1",
            f"__OwningControllerProcess {os.getpid()}",
            *options,
        ]
        torrc.write_text("".join(f"{line}\n" for line in lines))
        defaults.touch()  # in place of this host's own
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*prefix, "tor", "--defaults-torrc", str(defaults), "-f", str(torrc)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(_ENDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def control(self) -> Control:
        """A connection to its control socket.

        Raises:
            HostError: it does not listen.
        """
        try:
            return Control(self._control)
        except OSError as error:
            raise HostError(
                f"tor ({self.name}) has no control socket: {error}", expected="that it runs"
            ) from error

    def tells(self, question: str) -> list[str]:
        """The answer to GETINFO `question`; empty while it does not listen yet.

        Raises:
            HostError: it has ended; with the end of its log.
        """
        if self._process.poll() is not None:
            raise HostError(
                f"tor ({self.name}) ended with status {self._process.returncode}:\n{self.last_words}",
                expected="that it runs until the scenario ends",
            )
        with contextlib.suppress(OSError), Control(self._control) as control:
            return control.ask(f"GETINFO {question}")
        return []

    @property
    def is_ready(self) -> bool:
        """Whether it knows the network well enough to build circuits."""
        return any("PROGRESS=100 " in line for line in self.tells("status/bootstrap-phase"))

    @property
    def last_words(self) -> str:
        """The end of its log."""
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if _ASKED not in line]
        return "\n".join(lines[-_LOG_LINES:])
