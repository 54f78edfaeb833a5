"""Tor in the guest: which network it belongs to, and how far it has come.

Asked on its control port by the agent, from which nothing is learned. The port is open to all programs of the
guest, as Tails' filter in front of it (onion-grater) is to those that may look at circuits or share files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.deadline import Deadline
from harness.guest.agent import Agent

_TORRC = "/etc/tor/torrc"
_CONTROL_PORT = 9051
_ASK = r"""
exec 3<>/dev/tcp/127.0.0.1/{port} || exit
printf 'AUTHENTICATE\r\nGETINFO {question}\r\nQUIT\r\n' >&3
cat <&3
"""
_USER = re.compile(r'SOCKS_USERNAME="([^"]*)" SOCKS_PASSWORD="([^"]*)"')


@dataclass(frozen=True, slots=True)
class GuestTor:
    """The system's tor in the machine that `agent` runs in; Debian's, and so with its own torrc."""

    agent: Agent

    def join(self, options: Iterable[str]) -> None:
        """Give it what it needs to know a network. A tor that runs already does not notice.

        Args:
            options: lines for its torrc.

        Raises:
            GuestError: the guest has no tor, and so no torrc.
        """
        there = self.agent.read(f"cat {_TORRC}")
        lines = ["", f"ControlPort {_CONTROL_PORT}", "CookieAuthentication 0", *options]
        self.agent.write_file(_TORRC, there + "".join(f"{line}\n" for line in lines).encode())

    def wait_until_ready(self, deadline: Deadline) -> None:
        """Wait until it can build circuits.

        Raises:
            AssertionError: it never can; says how far it came.
        """
        for last in deadline.attempts():
            told = self.tells("status/bootstrap-phase")
            if "PROGRESS=100 " in told:
                return
            if last:
                raise AssertionError(f"Tor is not ready after {deadline.seconds:.0f} s: {told.strip()}")

    def tells(self, question: str) -> str:
        """What it answers to GETINFO `question` (control-spec), or why it does not."""
        asked = self.agent.run("/bin/bash", "-c", _ASK.format(port=_CONTROL_PORT, question=question))
        return (asked.out or asked.err).decode(errors="replace")


def isolated(circuits: str) -> set[tuple[str, str]]:
    """The user names and passwords for whom tor keeps circuits apart from all others.

    Args:
        circuits: its answer to GETINFO circuit-status.
    """
    return set(_USER.findall(circuits))
