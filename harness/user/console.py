"""A text console: what a person does at a login prompt and a shell, over the serial line.

Nothing is set up in the user's session: no prompt, no terminal mode, no program run to find things
out. Each of those would be an access that TOMOYO learns as the user's. A command stands between two
markers that the shell's own `printf` writes; the line that sends them has the marker in two halves,
so its echo does not look like it.
"""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.deadline import Deadline
from harness.user.expectation import NotSeen, Patience
from harness.user.serial import SerialLine
from harness.user.terminal import Transcript, apart_from_kernel, plain

_GLIMPSE = 4.0
# Who a shell belongs to that does not know it.
_NAMELESS = "?"
_INTERRUPT = b"\x03"

_LOGIN = rb"(?<!Last )\blogin: *\Z"
_ASKED_TO_LOG_IN = rb"(?<!Last )\blogin: "
_PASSWORD = rb"(?i)password: *\Z"
_REFUSED = rb"Login incorrect|Authentication failure|Login timed out"
# After its prompt, readline may clear the rest of the line.
_PROMPT = rb"[$#%>] ?(?:\x1b\[[0-9;?]*[A-Za-z])*\Z"

Within = float | Deadline | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did.

    Attributes:
        code: its exit status.
        out: what stood on the terminal, standard output and error as they came.
        kernel: lines that the kernel wrote in between.
    """

    code: int
    out: str
    kernel: tuple[str, ...] = ()

    def must_succeed(self, command: str) -> Result:
        """Return this; raise AssertionError, with what `command` said, unless it ended with status 0."""
        assert self.code == 0, f"{command} ended with status {self.code} and said:\n{self.out}"
        return self


class Console(Protocol):
    """What a scenario needs of a text console."""

    def log_in(self, user: str, password: str = "", *, within: Within = None) -> None:
        """Be at a shell of `user`, whatever the console shows now."""

    def run(
        self,
        command: str,
        *,
        answers: Mapping[str, str] | None = None,
        within: Within = None,
    ) -> Result:
        """Run a shell command as the user who is logged in."""

    def log_out(self, *, within: Within = None) -> None:
        """Leave the shell, and be asked to log in."""

    def wait_for_login(self, *, within: Within = None) -> None:
        """Wait until the console asks to log in."""


class SerialConsole:
    """A console on a machine's serial line.

    The connection opens at first use. After a machine was restored there is a new socket, and the
    session inside may be anywhere: at the login prompt, at a shell, in the middle of a command.
    `log_in` finds out, and so comes first.

    Args:
        socket: the machine's serial socket.
        patience: how long waits last.
    """

    def __init__(self, socket: Path, patience: Patience) -> None:
        self.transcript = Transcript()
        self._line = SerialLine(socket, self.transcript)
        self._patience = patience

    def close(self) -> None:
        """Close the connection; what happens inside the machine goes on."""
        self._line.close()

    def log_in(self, user: str, password: str = "", *, within: Within = None) -> None:
        """Be at a shell of `user`: answers a login prompt, leaves a command or another user's shell.

        Raises:
            NotSeen: no shell of that user in time, or the password was refused.
            GuestError: the serial line cannot be reached.
        """
        deadline = self._patience.deadline(within)
        for _ in self._patience.looks(deadline):
            match self._whose_shell(deadline):
                case None:
                    continue
                case "":
                    self._answer_login(user, password, deadline)
                case other if other != user:
                    self.log_out(within=deadline)
                case _:
                    return
        raise self._not_seen(f"a shell of {user!r}", deadline)

    def run(
        self,
        command: str,
        *,
        answers: Mapping[str, str] | None = None,
        within: Within = None,
    ) -> Result:
        """Run a shell command as the user who is logged in, and wait for its end.

        Args:
            command: for the user's shell (bash). It sees a terminal, as a person's command does.
            answers: what to type when the command asks: the end of the question → the answer.
            within: how long it may take.

        Raises:
            NotSeen: it did not end in time.
            GuestError: the serial line was lost, or the output has no end.
        """
        deadline = self._patience.deadline(within)
        token = secrets.token_hex(6)
        self._line.send(_between_markers(command, token).encode() + b"\r")
        end = rf"{token}= (\d+)\r?\n".encode()
        questions = [(_ends_with(question), answer) for question, answer in (answers or {}).items()]
        before = b""
        while (index := self._expect([end, *(pattern for pattern, _ in questions)], deadline)) != 0:
            if index is None:
                raise self._not_seen(f"the end of the command {command!r}", deadline)
            before += self._line.before + self._line.match.group()
            self._line.send(questions[index - 1][1].encode() + b"\r")
        return _result(before + self._line.before, int(self._line.match.group(1)), token)

    def log_out(self, *, within: Within = None) -> None:
        """Leave the shell, and the shells around it, until the console asks to log in.

        Raises:
            NotSeen: it does not ask.
        """
        deadline = self._patience.deadline(within)
        for _ in self._patience.looks(deadline):
            match self._whose_shell(deadline):
                case None:
                    continue
                case "":
                    return
                case _:
                    self._line.send(b"exit\r")
                    self._expect([_ASKED_TO_LOG_IN], deadline, seconds=_GLIMPSE)
        raise self._not_seen("a login prompt", deadline)

    def wait_for_login(self, *, within: Within = None) -> None:
        """Wait until the console asks to log in.

        Raises:
            NotSeen: it does not ask.
        """
        deadline = self._patience.deadline(within)
        for _ in self._patience.looks(deadline):
            self._line.send(b"\r")
            if self._expect([_LOGIN], deadline, seconds=_GLIMPSE) is not None:
                return
        raise self._not_seen("a login prompt", deadline)

    def _expect(
        self, patterns: Sequence[bytes], deadline: Deadline, *, seconds: float | None = None
    ) -> int | None:
        allowed = deadline.remaining if seconds is None else deadline.at_most(seconds * self._patience.scale)
        return self._line.expect(patterns, allowed)

    def _whose_shell(self, deadline: Deadline) -> str | None:
        """The user whose shell answers; empty at a login prompt; None where neither can be told yet."""
        self._line.send(b"\r")
        seen = self._expect([_LOGIN, _PASSWORD, _PROMPT], deadline, seconds=_GLIMPSE)
        if seen is None:
            # In the middle of a command, or of a quotation: leave it as a person would. What is sent
            # before the prompt is back loses its first character to readline.
            self._line.send(_INTERRUPT)
            seen = self._expect([_LOGIN, _PASSWORD, _PROMPT], deadline, seconds=_GLIMPSE)
        if seen is None:
            # Nobody listens yet. More would be typed ahead, and taken for a user's name.
            return None
        if seen == 0:
            return ""
        if seen == 1:
            self._line.send(b"\r")
            return None
        token = secrets.token_hex(6)
        self._line.send(f"printf '%s %s\\n' '{token[:6]}''{token[6:]}' \"${{LOGNAME-}}\"\r".encode())
        if self._expect([rf"{token} (\S*)\r?\n".encode()], deadline, seconds=_GLIMPSE) is None:
            return None
        user = self._line.match.group(1)
        self._expect([_PROMPT], deadline, seconds=_GLIMPSE)
        return user.decode("utf-8", "replace") or _NAMELESS

    def _answer_login(self, user: str, password: str, deadline: Deadline) -> None:
        self._line.send(user.encode() + b"\r")
        answer = self._expect([_REFUSED, _PROMPT, _PASSWORD], deadline)
        if answer == 2:
            self._line.send(password.encode() + b"\r")
            answer = self._expect([_REFUSED, _PROMPT], deadline)
        if answer == 0:
            raise self._not_seen(f"the password of {user!r} accepted", deadline)

    def _not_seen(self, wanted: str, deadline: Deadline) -> NotSeen:
        waited = deadline.seconds - deadline.remaining
        return NotSeen(wanted, waited=waited, shown=self.transcript.lines())


def _between_markers(command: str, token: str) -> str:
    """A line for the shell that runs `command` between a marker before and one with its status after.

    Each marker is written twice, because a kernel message can hit one in the middle.
    """
    begin, end = (f"'{token[:6]}''{token[6:]}{sign}'" for sign in ":=")
    run = f"eval {shlex.quote(command)}"
    return f"printf '%s\\n' {begin} {begin}; {run}; printf '\\n%s %s\\n%s %s\\n' {end} $? {end} $?"


def _ends_with(question: str) -> bytes:
    return re.escape(question).encode() + rb"\s*\Z"


def _result(raw: bytes, code: int, token: str) -> Result:
    text, kernel = apart_from_kernel(plain(raw))
    return Result(code, text.rpartition(f"{token}:\n")[2].removesuffix("\n"), kernel)
