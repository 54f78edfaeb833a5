"""A client against the chat server, in the server's own words: RFC 6120 over a socket."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Callable, Iterator

import pytest

from harness.deadline import Deadline
from harness.errors import HostError
from harness.services import Network, chat, program
from harness.services.chat import ChatServer
from harness.services.program import here
from tests.unit.services.loopback import Loopback

STREAM = (
    "<stream:stream to='chat.example' version='1.0' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)


class Client:
    """Connects; closes at the end of a `with`."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._socket: socket.socket = plain
        self.ask(STREAM, "</stream:features>")
        self.ask("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed")
        self._socket = context.wrap_socket(plain, server_hostname="chat.example")
        self.ask(STREAM, "</stream:features>")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def log_in(self, user: str, password: str) -> None:
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.ask(
            f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", "<success"
        )
        self.ask(STREAM, "</stream:features>")
        self.ask("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "</iq>")

    def ask(self, text: str, until: str) -> str:
        """Send `text`, and read until the answer has `until` in it."""
        self._socket.sendall(text.encode())
        heard = ""
        while until not in heard:
            data = self._socket.recv(65536).decode()
            assert data, f"the server hung up after {heard!r}"
            assert "<failure" not in data, data
            heard += data
        return heard


@pytest.fixture
def server(network: Network) -> ChatServer:
    server = network.chat("chat.example")
    server.add_account("alice", "kettle")
    server.add_account("bob", "teapot")
    return server


@pytest.fixture
def context(network: Network) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=network.authority.certificate.decode())


@pytest.fixture
def alice(server: ChatServer, bind: Loopback, context: ssl.SSLContext) -> Iterator[Client]:
    with Client(bind["192.0.2.52", 5222], context) as client:
        client.log_in("alice", "kettle")
        yield client


def test_what_one_writes_waits_for_the_other(server: ChatServer, alice: Client) -> None:
    alice.ask(
        "<message to='bob@chat.example' type='chat'><body>The kettle is on</body></message>"
        "<iq type='get' id='2' to='chat.example'><ping xmlns='urn:xmpp:ping'/></iq>",
        "id='2'",
    )
    for last in Deadline.after(20).attempts():
        if "The kettle is on" in server.waiting("bob"):
            break
        assert not last, server.waiting("bob")
    assert server.waiting("alice") == ""


def test_a_message_that_waits_is_handed_out_at_the_login(server: ChatServer, alice: Client) -> None:
    server.leave("alice", "bob", "We met at noon")
    heard = alice.ask("<presence/>", "</message>")
    assert "<body>We met at noon</body>" in heard
    assert "from='bob@chat.example'" in heard
    assert server.waiting("alice") == ""


def test_who_has_an_account_knows_the_others(alice: Client) -> None:
    asked = "<iq type='get' id='3'><query xmlns='jabber:iq:roster'/></iq>"
    assert "jid='bob@chat.example'" in alice.ask(asked, "</iq>")


def test_a_wrong_password_is_refused(server: ChatServer, bind: Loopback, context: ssl.SSLContext) -> None:
    with (
        Client(bind["192.0.2.52", 5222], context) as client,
        pytest.raises(AssertionError, match="not-authorized"),
    ):
        client.log_in("alice", "teapot")


def test_a_network_has_one_chat_server(network: Network, server: ChatServer) -> None:
    assert network.chat("chat.example") is server
    with pytest.raises(HostError, match=r"a chat server other\.example is asked for"):
        network.chat("other.example")


def test_a_prosody_that_does_not_start_says_why(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "_CONFIGURATION", "this is no Lua")
    with pytest.raises(HostError, match="prosody does not start"):
        network.chat("chat.example")


def test_a_host_without_prosody_is_told_how_to_get_it(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "PATH", "/var/empty")
    with pytest.raises(HostError, match=r"prosody is not on the PATH\nto do: make setup"):
        network.chat("chat.example")


def until(condition: Callable[[], bool], told: Callable[[], object]) -> None:
    for last in Deadline.after(60).attempts():
        if condition():
            return
        assert not last, told()


def test_what_two_write_off_the_record_the_server_cannot_read(server: ChatServer) -> None:
    alice, bob = server.correspondent("alice"), server.correspondent("bob")
    bob.write("alice@chat.example", "Shall we talk in private?")
    until(lambda: alice.received("bob@chat.example") == "Shall we talk in private?", server.passed_on)
    assert "Shall we talk in private?" in server.passed_on()
    alice.write("bob@chat.example", "?OTRv23?")
    signature = "?OTR:AAMS"  # the last message of the key exchange, by who asked for it: version 3, type 0x12
    until(lambda: signature in server.passed_on(), server.passed_on)
    alice.write("bob@chat.example", "The kettle is on")
    until(lambda: bob.received("alice@chat.example") == "The kettle is on", server.passed_on)
    assert "<body>?OTR:" in server.passed_on()
    assert "The kettle is on" not in server.passed_on()


def test_a_correspondent_who_has_ended_is_told(server: ChatServer) -> None:
    bob = server.correspondent("bob")
    bob.close()
    with pytest.raises(HostError, match=r"bob@chat\.example's chat program takes no command"):
        bob.write("alice@chat.example", "Is somebody there?")


def test_who_has_no_account_cannot_be_logged_in(server: ChatServer) -> None:
    with pytest.raises(HostError, match=r"carol has no account at chat\.example, but alice, bob"):
        server.correspondent("carol")


def test_a_correspondent_who_is_not_let_in_is_told(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_STARTS", 1.0)
    server.add_account("carol", "samovar")
    server._passwords["carol"] = "teapot"
    with pytest.raises(HostError, match="mcabber does not start"):
        server.correspondent("carol")


def test_nobody_chats_when_the_network_is_closed(bind: Loopback) -> None:
    network = Network(bind, here)
    network.chat("chat.example")
    network.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", bind["192.0.2.52", 5222]), timeout=5)
