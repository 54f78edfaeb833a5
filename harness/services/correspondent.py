"""Somebody to chat with, who can write Off-the-Record: Debian's mcabber, logged in at the chat server.

OTR is spoken between two programs; a server only passes it on. mcabber is told what to do through its
FIFO, and writes down what is said to it in a file for each of the others.
https://otr.cypherpunks.ca/Protocol-v3-4.1.1.html, https://mcabber.com/files/mcabber_guide.pdf
"""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError
from harness.services.authority import Authority
from harness.services.program import Enter, Program

# The policy "manual" begins nothing by itself and joins in when it is asked to.
_CONFIGURATION = """\
set jid = {user}@{domain}/desk
set password = {password}
set server = {address}
set port = {port}
set tls = 1
set ssl_ca = {folder}/authority.pem
set pgp = 0
set otr = 1
set otr_dir = {folder}/otr/
otrpolicy default manual
set logging = 1
set logging_dir = {folder}/said/
set logging_ignore_status = 1
set tracelog_level = 1
set tracelog_file = {folder}/trace
set fifo_name = {folder}/commands
module load fifo
"""
_LOGGED_IN = "Your status has been set"
_RECEIVED = "MR "
_TAKES_A_COMMAND = 10.0


class Correspondent:
    """Is logged in until it is closed.

    Args:
        user: of the chat server's domain `domain`.
        place: the address and port of the chat server.
        enter: what to run on this host so that a command runs in the server's network.
        authority: whose certificate the server has.
        folder: an empty folder of its own.

    Raises:
        HostError: mcabber is missing, or cannot log in.
    """

    def __init__(
        self,
        user: str,
        password: str,
        domain: str,
        place: tuple[str, int],
        *,
        enter: Enter,
        authority: Authority,
        folder: Path,
    ) -> None:
        self.address = f"{user}@{domain}"
        self._folder = folder
        (folder / "authority.pem").write_bytes(authority.certificate)
        (folder / "otr").mkdir()
        configuration = folder / "configuration"
        configuration.write_text(
            _CONFIGURATION.format(
                user=user, password=password, domain=domain, address=place[0], port=place[1], folder=folder
            )
        )
        configuration.chmod(0o600)  # mcabber insists: a password stands in it
        trace = folder / "trace"
        # It draws for a terminal that is not there, into the log, and would end with its standard input.
        self._mcabber = Program(
            "mcabber",
            ["env", "TERM=xterm", f"HOME={folder}", "mcabber", "-f", str(configuration)],
            log=folder / "log",
            stdin=subprocess.PIPE,
            is_ready=lambda: trace.exists() and _LOGGED_IN in trace.read_text(errors="replace"),
            expected="mcabber 1.1, as in Debian 12, that logs in",
            enter=enter,
        )

    def write(self, to: str, text: str) -> None:
        """Write a line to somebody: encrypted, if a private conversation with them has begun.

        A line that is an OTR query (`?OTRv23?`) asks for one.

        Args:
            to: an address, `alice@chat.example`.
            text: one line.

        Raises:
            HostError: mcabber has ended, or takes no command.
        """
        if "\n" in text:
            raise ValueError(f"mcabber takes a line, not {text!r}")
        for last in Deadline.after(_TAKES_A_COMMAND).attempts():
            try:
                # Without O_NONBLOCK this would wait for ever for a program that has ended.
                fifo = os.open(self._folder / "commands", os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno not in (errno.ENXIO, errno.ENOENT):
                    raise
                if last or self._mcabber.process.poll() is not None:
                    raise HostError(
                        f"{self.address}'s chat program takes no command: "
                        + (self._folder / "trace").read_text(errors="replace")[-500:],
                        expected="mcabber 1.1 with its module fifo",
                    ) from error
                continue
            with os.fdopen(fifo, "w") as commands:
                commands.write(f"say_to {to} {text}\n")
            return

    def received(self, sender: str) -> str:
        """What somebody wrote, decrypted where it was encrypted, a message a line."""
        file = self._folder / "said" / sender
        if not file.exists():
            return ""
        # "MR 20261123T15:23:18Z 000 The kettle is on": kind, time, number of further lines
        lines = file.read_text(errors="replace").splitlines()
        return "\n".join(line.split(" ", 3)[3] for line in lines if line.startswith(_RECEIVED))

    def close(self) -> None:
        """Be gone at once."""
        self._mcabber.close()
