"""A chat server (XMPP, RFC 6120): Debian's Prosody, with a configuration and users of one scenario.

It keeps what is written to somebody who is away in a file of text (its storage "internal"), and hands it
out at their next login. So a message can wait for a person, and what they wrote to somebody can be looked
up, without a second program that chats. All that it passes on stands in its log, which tells what a server
gets to know.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import HostError
from harness.services.authority import Authority
from harness.services.correspondent import Correspondent
from harness.services.program import Enter, Program

# https://prosody.im/doc/configure
_CONFIGURATION = """\
data_path = "{folder}/data"
log = {{ debug = "*stdout" }}
interfaces = {{ "{address}" }}
c2s_ports = {{ {port} }}
s2s_ports = {{}}
modules_disabled = {{ "s2s" }}
modules_enabled = {{ "disco", "offline", "ping", "roster", "saslauth", "stanza_debug", "tls" }}
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = true
ssl = {{ key = "{folder}/key-and-certificate"; certificate = "{folder}/key-and-certificate" }}
VirtualHost "{name}"
"""


class ChatServer:
    """Serves one domain until it is closed.

    Args:
        name: the domain, and the server's own name.
        place: a bound socket, whose address Prosody takes over: it takes no sockets of others.
        enter: what to run on this host so that a command runs in the socket's network.
        authority: for its certificate.
        folder: an empty folder of its own.

    Raises:
        HostError: Prosody is missing or does not start.
    """

    def __init__(
        self,
        name: str,
        place: socket.socket,
        enter: Enter,
        authority: Authority,
        folder: Path,
    ) -> None:
        self.name = name
        self._folder = folder
        self._enter = enter
        self._authority = authority
        self._passwords: dict[str, str] = {}
        self._correspondents: dict[str, Correspondent] = {}
        self._place = address, port = place.getsockname()
        place.close()
        (folder / "key-and-certificate").write_bytes(authority.key_and_certificate(name))
        configuration = folder / "configuration.lua"
        configuration.write_text(_CONFIGURATION.format(folder=folder, address=address, port=port, name=name))
        for store in ("accounts", "offline", "roster"):
            self._store(store).mkdir(parents=True)
        self._prosody = Program(
            "prosody",
            ["prosody", "-F", "--config", str(configuration)],
            log=folder / "log",
            is_ready=lambda: f"Activated service 'c2s' on [{address}]" in (folder / "log").read_text(),
            expected="Prosody 0.12, as in Debian 12",
            enter=enter,
        )

    def add_account(self, user: str, password: str) -> None:
        """Let USER@NAME in. All who have an account know each other."""
        self._passwords[user] = password
        (self._store("accounts") / f"{user}.dat").write_text(f'return {{ ["password"] = "{password}"; }};\n')
        everybody = [file.stem for file in self._store("accounts").iterdir()]
        for one in everybody:
            others = "".join(
                f'["{other}@{self.name}"] = {{ ["name"] = "{other.title()}"; ["subscription"] = "both";'
                f' ["groups"] = {{}}; }}; '
                for other in everybody
                if other != one
            )
            (self._store("roster") / f"{one}.dat").write_text(f"return {{ {others}}};\n")

    def leave(self, to: str, sender: str, text: str) -> None:
        """Let a message wait for a user who is not logged in, from another one; a text without quotes."""
        with (self._store("offline") / f"{to}.list").open("a") as waiting:
            waiting.write(
                f'item({{ ["name"] = "message"; ["attr"] = {{ ["type"] = "chat";'
                f' ["from"] = "{sender}@{self.name}"; ["to"] = "{to}@{self.name}";'
                f' ["stamp"] = "{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"; }};'
                f' {{ ["name"] = "body"; ["attr"] = {{}}; "{text}"; }}; }});\n'
            )

    def waiting(self, user: str) -> str:
        """What waits for a user who is not logged in, as Prosody writes it down."""
        file = self._store("offline") / f"{user}.list"
        return file.read_text(errors="replace") if file.exists() else ""

    def correspondent(self, user: str) -> Correspondent:
        """A user who has an account, logged in from now on.

        Raises:
            HostError: see `Correspondent`; or the user has no account.
        """
        if user not in self._passwords:
            known = ", ".join(self._passwords) or "nobody"
            raise HostError(
                f"{user} has no account at {self.name}, but {known}",
                hint='a sentence before: a chat server "…" where "…" has the password "…"',
            )
        if user not in self._correspondents:
            folder = self._folder / f"correspondent-{user}"
            folder.mkdir()
            self._correspondents[user] = Correspondent(
                user,
                self._passwords[user],
                self.name,
                self._place,
                enter=self._enter,
                authority=self._authority,
                folder=folder,
            )
        return self._correspondents[user]

    def passed_on(self) -> str:
        """All messages that went through the server, as it saw them: a log with their XML."""
        return (self._folder / "log").read_text(errors="replace")

    def close(self) -> None:
        """Serve no more."""
        for correspondent in self._correspondents.values():
            correspondent.close()
        self._prosody.close()

    def _store(self, name: str) -> Path:
        host = "".join(letter if letter.isalnum() else f"%{ord(letter):02x}" for letter in self.name)
        return self._folder / "data" / host / name
