"""All that a guest can reach: a name server, and what a scenario adds to it."""

from __future__ import annotations

import socket
import tempfile
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from harness.errors import HostError
from harness.services.authority import Authority
from harness.services.chat import ChatServer
from harness.services.git import Repositories
from harness.services.mail import CONFIGURATION_PATH, Doors, MailServer
from harness.services.names import NameServer
from harness.services.printer import Printer
from harness.services.program import Enter
from harness.services.shell import ShellServer
from harness.services.tor import TorNetwork
from harness.services.web import Site, WebServer

NAME_SERVER = "127.0.0.1"
"""What the guest knows as 10.0.2.3."""
ONION_SITES = "192.0.2.80"
SHELL = "192.0.2.22"
MAIL = "192.0.2.25"
CHAT = "192.0.2.52"
PRINTER = "192.0.2.91"

Bind = Callable[[str, int, socket.SocketKind], socket.socket]


class _Server(Protocol):
    def close(self) -> None: ...


class Network:
    """The servers around one machine. Each starts when a scenario first asks for it.

    Args:
        bind: makes a socket in the machine's network: address, port, kind.
        enter: what to run on this host so that a command runs in the machine's network.
        folder: where the servers' files are put while they run; default: where temporary files go.
    """

    def __init__(self, bind: Bind, enter: Enter, folder: Path | None = None) -> None:
        self.authority = Authority()
        self._bind = bind
        self._enter = enter
        self._folder = tempfile.TemporaryDirectory(prefix="tomograph-", dir=folder)
        self._servers: list[_Server] = []
        self._names: NameServer | None = None
        self._web: WebServer | None = None
        self._web_addresses: set[str] = set()
        self._mail: MailServer | None = None
        self._chat: ChatServer | None = None
        self._printer: Printer | None = None
        self._tor: TorNetwork | None = None
        self.repositories = Repositories(self.folder("git"))

    def close(self) -> None:
        """Stop all servers and forget what they held."""
        while self._servers:
            self._servers.pop().close()
        self._folder.cleanup()

    def folder(self, name: str) -> Path:
        """A folder for a server's files; goes with the network."""
        path = Path(self._folder.name) / name
        path.mkdir(exist_ok=True)
        return path

    @property
    def names(self) -> NameServer:
        """The name server, which knows each server added here."""
        if self._names is None:
            self._names = NameServer(
                self._bind(NAME_SERVER, 53, socket.SOCK_DGRAM),
                self._bind(NAME_SERVER, 53, socket.SOCK_STREAM),
            )
            self._servers.append(self._names)
        return self._names

    def web(self, address: str) -> WebServer:
        """The web server behind all sites, which listens at `address` too from now on."""
        if self._web is None:
            self._web = WebServer(self.authority.server_context())
            self._servers.append(self._web)
        if address not in self._web_addresses:
            self._web.listen(*(self._bind(address, port, socket.SOCK_STREAM) for port in (80, 443)))
            self._web_addresses.add(address)
        return self._web

    def site(self, name: str) -> Site:
        """The web site of that name, over http and https; made when there is none.

        Raises:
            HostError: another site of the scenario would have the same address.
        """
        address = site_address(name)
        others = [one for one, there in self.names.addresses.items() if there == address and one != name]
        if others:
            raise HostError(
                f"the web sites {name} and {others[0]} would share the address {address}",
                expected="names whose addresses differ, so that TOMOYO tells the sites apart",
                hint="call one of them otherwise",
            )
        self.names.addresses[name] = address
        return self.web(address).sites.setdefault(name, Site(name))

    def git_site(self, name: str) -> Site:
        """The web site of that name, with the repositories below /."""
        site = self.site(name)
        site.programs["/"] = self.repositories.answer
        return site

    def shell(self, name: str, *, user: str, password: str, answers: Mapping[str, str]) -> ShellServer:
        """An SSH server of that name; see `ShellServer`. A network has one."""
        server = ShellServer(
            self._bind(SHELL, 22, socket.SOCK_STREAM),
            user=user,
            password=password,
            answers=answers,
            files=self.folder("files"),
            repositories=self.repositories.folder,
        )
        self._servers.append(server)
        self.names.addresses[name] = SHELL
        return server

    def mail(self, name: str) -> MailServer:
        """The mail server of the domain `name`; made when there is none. A network has one.

        Raises:
            HostError: there is one of another name, or it does not start.
        """
        if self._mail is None:
            doors = Doors(*(self._bind(MAIL, port, socket.SOCK_STREAM) for port in (143, 993, 587, 465)))
            self._mail = MailServer(name, doors, self.authority, self.folder("mail"))
            self._servers.append(self._mail)
            self.names.addresses[name] = MAIL
            self.site(f"autoconfig.{name}").pages[CONFIGURATION_PATH] = self._mail.configuration
        _must_be(name, "mail server", self._mail.name)
        return self._mail

    def chat(self, name: str) -> ChatServer:
        """The chat server of the domain `name`; made when there is none. A network has one.

        Raises:
            HostError: there is one of another name, or it does not start.
        """
        if self._chat is None:
            place = self._bind(CHAT, 5222, socket.SOCK_STREAM)
            self._chat = ChatServer(name, place, self._enter, self.authority, self.folder("chat"))
            self._servers.append(self._chat)
            self.names.addresses[name] = CHAT
        _must_be(name, "chat server", self._chat.name)
        return self._chat

    def printer(self, name: str) -> Printer:
        """The printer of that name; made when there is none. A network has one.

        Raises:
            HostError: there is one of another name.
        """
        if self._printer is None:
            self._printer = Printer(name, self._bind(PRINTER, 9100, socket.SOCK_STREAM))
            self._servers.append(self._printer)
            self.names.addresses[name] = PRINTER
        _must_be(name, "printer", self._printer.name)
        return self._printer

    def tor(self, now: datetime) -> TorNetwork:
        """The private tor network, ready to be used; a machine's network has one.

        Args:
            now: the guest's time, at which its daemons live.
        """
        if self._tor is None:
            _ = self.names  # the exit asks it
            self._tor = TorNetwork(
                self.folder("tor"), enter=self._enter, resolv_conf=f"nameserver {NAME_SERVER}\n", now=now
            )
            self._servers.append(self._tor)
        return self._tor

    def onion_site(self, tor: TorNetwork) -> Site:
        """A web site that is an onion service of `tor`; its name is the service's."""
        sites = self.web(ONION_SITES).sites
        name = tor.publish(ONION_SITES, 80)
        return sites.setdefault(name, Site(name))


def site_address(name: str) -> str:
    """Where the site `name` lives in every scenario, of 192.0.2.128 to 254: TOMOYO sees no names."""
    return f"192.0.2.{128 + zlib.crc32(name.encode()) % 127}"


def _must_be(name: str, kind: str, there: str) -> None:
    if there != name:
        raise HostError(
            f"a {kind} {name} is asked for, and there is {there}",
            expected=f"one {kind} in a scenario",
        )
