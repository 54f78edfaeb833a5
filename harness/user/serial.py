"""A machine's serial line on a UNIX socket: send, wait for a pattern, keep what came. Spoken by pexpect."""

from __future__ import annotations

import socket as sockets
from collections.abc import Sequence
from pathlib import Path
from re import Match

import pexpect
from pexpect.socket_pexpect import SocketSpawn

from harness.errors import GuestError
from harness.user.terminal import Transcript

_SEARCH_WINDOW = 4096
_MOST_AT_ONCE = 8 << 20


class _Spawn(SocketSpawn):  # type: ignore[misc]  # pexpect has no types
    """pexpect's socket, which keeps a transcript and stops at text without end."""

    def __init__(self, connection: sockets.socket, transcript: Transcript) -> None:
        super().__init__(connection, searchwindowsize=_SEARCH_WINDOW)
        self.transcript = transcript
        self.awaited = 0

    def read_nonblocking(self, size: int = 1, timeout: float | None = -1) -> bytes:
        try:
            data: bytes = super().read_nonblocking(size, timeout)
        except BlockingIOError:
            # pexpect asks so at the very end of its time, and expects its own exception.
            raise pexpect.TIMEOUT("nothing more") from None
        self.transcript.write(data)
        self.awaited += len(data)
        if self.awaited > _MOST_AT_ONCE:
            raise GuestError(
                f"over {_MOST_AT_ONCE >> 20} MiB came from the console and not what was waited for",
                expected="text that a person could read",
                hint="let the command write to a file in the guest",
            )
        return data


class SerialLine:
    """One connection, opened at first use and closed for good when the machine closes it.

    Args:
        socket: the machine's serial socket.
        transcript: gets every byte that came. What was sent is not in it, except as echo: so commands
            are, and passwords are not.
    """

    def __init__(self, socket: Path, transcript: Transcript) -> None:
        self.socket = socket
        self._transcript = transcript
        self._connection: sockets.socket | None = None
        self._spawn: _Spawn | None = None

    @property
    def before(self) -> bytes:
        """What came before the last pattern."""
        return bytes(self._opened().before)

    @property
    def match(self) -> Match[bytes]:
        """How the last pattern matched."""
        found: Match[bytes] = self._opened().match
        return found

    def send(self, data: bytes) -> None:
        """Send bytes as they are; Return is a carriage return.

        Raises:
            GuestError: the line is closed.
        """
        try:
            self._opened().send(data)
        except OSError as error:
            raise self._lost(str(error)) from error

    def expect(self, patterns: Sequence[bytes], seconds: float) -> int | None:
        """Wait for one of several patterns.

        Returns:
            the index of the pattern that came, or None when the time was over.

        Raises:
            GuestError: the line was closed, or 8 MiB came without a match.
        """
        spawn = self._opened()
        spawn.awaited = 0
        try:
            index: int = spawn.expect([*patterns, pexpect.TIMEOUT], timeout=seconds)
        except (pexpect.EOF, OSError) as error:
            raise self._lost("the machine closed it") from error
        return index if index < len(patterns) else None

    def close(self) -> None:
        """Close the connection; what happens inside the machine goes on."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._spawn = None

    def _opened(self) -> _Spawn:
        if self._spawn is None:
            self._connection = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
            try:
                self._connection.connect(str(self.socket))
            except OSError as error:
                raise self._lost(str(error)) from error
            self._spawn = _Spawn(self._connection, self._transcript)
        return self._spawn

    def _lost(self, reason: str) -> GuestError:
        self.close()
        return GuestError(
            f"no serial line at {self.socket}: {reason}",
            expected="the serial socket of a machine that runs",
            hint="look whether the machine's QEMU still runs",
        )
