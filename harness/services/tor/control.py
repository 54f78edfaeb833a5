"""Tor's control port (control-spec): commands, their answers, and what is told without being asked."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Self

from harness.deadline import Deadline
from harness.errors import HostError

_CALL_SECONDS = 20.0


class Control:
    """A connection to a tor's control socket, which asks for no password.

    Raises:
        OSError: nothing listens there.
    """

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(_CALL_SECONDS)
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\r\n")
        self.ask("AUTHENTICATE")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, command: str) -> list[str]:
        """The lines of the answer to `command`, without their status codes.

        Raises:
            HostError: tor refuses the command.
            OSError: tor is silent or gone.
        """
        self._socket.sendall(f"{command}\r\n".encode())
        answer: list[str] = []
        while True:
            line = self._line()
            status, kind, text = line[:3], line[3:4], line[4:]
            if status == "650":
                continue
            if not status.startswith("2"):
                raise HostError(f"tor refuses {command.split(maxsplit=1)[0]}: {line}")
            answer.append(text)
            if kind == "+":
                answer.extend(iter(self._line, "."))
            if kind == " ":
                return answer

    def event(self, deadline: Deadline) -> str:
        """The next event that was asked for with SETEVENTS, without its status code.

        Raises:
            TimeoutError: none until the deadline.
        """
        # A file of a socket whose read has timed out cannot be read again: the last wait is the whole one.
        self._socket.settimeout(max(deadline.remaining, 0.001))
        return self._line()[4:]

    def _line(self) -> str:
        line = self._lines.readline()
        if not line:
            raise ConnectionResetError("tor has closed its control socket")
        return line.rstrip("\r\n")
