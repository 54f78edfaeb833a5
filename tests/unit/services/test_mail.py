"""Real clients against the mail server, on loopback sockets of this host: Python's own and curl."""

from __future__ import annotations

import imaplib
import os
import signal
import smtplib
import ssl
import subprocess
import sys
import time
import urllib.request
import xml.etree.ElementTree as ET
from email.message import EmailMessage
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.services import Network, imap, program
from harness.services.mail import texts
from harness.services.network import site_address
from harness.services.program import here
from tests.unit.services.loopback import Loopback

ADDRESS = "192.0.2.25"


@pytest.fixture
def context(network: Network) -> ssl.SSLContext:
    """Of a client that knows the authority. The address of a test's server is not its name."""
    context = ssl.create_default_context(cadata=network.authority.certificate.decode())
    context.check_hostname = False
    return context


@pytest.fixture
def accounts(network: Network) -> Network:
    server = network.mail("post.example")
    server.add_account("alice", "kettle")
    server.add_account("bob", "teapot")
    return network


class Sender(smtplib.SMTP_SSL):
    """Asks for the certificate of the server's name, wherever it is."""

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:  # type: ignore[override]
        plain = smtplib.SMTP._get_socket(self, host, port, timeout)  # type: ignore[attr-defined]
        return self.context.wrap_socket(plain, server_hostname="post.example")


def letter(to: str = "alice@post.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "bob@post.example", to, "Tea"
    message.set_content("The kettle is on.\n.\nReally.\n")
    return message


def send(bind: Loopback, context: ssl.SSLContext, message: EmailMessage, password: str = "teapot") -> None:
    with Sender("127.0.0.1", bind[ADDRESS, 465], context=context, timeout=20) as client:
        client.login("bob@post.example", password)
        client.send_message(message)


def test_what_one_sends_the_other_reads(accounts: Network, bind: Loopback, context: ssl.SSLContext) -> None:
    send(bind, context, letter())
    with imaplib.IMAP4_SSL("127.0.0.1", bind[ADDRESS, 993], ssl_context=context, timeout=20) as client:
        client.login("alice@post.example", "kettle")
        assert client.select() == ("OK", [b"1"])
        _status, [(_what, text), _end] = client.fetch("1", "(BODY[TEXT])")
    assert text == b"The kettle is on.\r\n.\r\nReally.\r\n"
    (kept,) = accounts.mail("post.example").inbox("alice@post.example")
    assert kept["Subject"] == "Tea"
    assert accounts.mail("post.example").inbox("bob@post.example") == []


def test_a_plain_connection_becomes_encrypted(
    accounts: Network, bind: Loopback, context: ssl.SSLContext
) -> None:
    with imaplib.IMAP4("127.0.0.1", bind[ADDRESS, 143], timeout=20) as reader:
        reader.starttls(context)
        reader.login("alice@post.example", "kettle")
    with smtplib.SMTP("127.0.0.1", bind[ADDRESS, 587], timeout=20) as sender:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            sender.login("bob@post.example", "teapot")
        sender._host = "post.example"
        sender.starttls(context=context)
        sender.login("bob@post.example", "teapot")
        assert sender.send_message(letter()) == {}


def test_nobody_gets_in_with_a_wrong_password_or_sends_without_one(
    accounts: Network, bind: Loopback, context: ssl.SSLContext
) -> None:
    with (
        imaplib.IMAP4_SSL("127.0.0.1", bind[ADDRESS, 993], ssl_context=context, timeout=20) as reader,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        reader.login("alice@post.example", "teapot")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(bind, context, letter(), password="kettle")
    with (
        Sender("127.0.0.1", bind[ADDRESS, 465], context=context, timeout=20) as sender,
        pytest.raises(smtplib.SMTPSenderRefused, match="530"),
    ):
        sender.send_message(letter())
    assert accounts.mail("post.example").inbox("alice@post.example") == []


def test_a_recipient_whom_nobody_is_is_refused(
    accounts: Network, bind: Loopback, context: ssl.SSLContext
) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="nobody here has this address"):
        send(bind, context, letter(to="carol@debian.org"))


def test_a_mail_that_waits_is_read_with_curl(accounts: Network, bind: Loopback, tmp_path: Path) -> None:
    accounts.mail("post.example").deliver("alice@post.example", bytes(letter()))
    (tmp_path / "authority").write_bytes(accounts.authority.certificate)
    port = bind[ADDRESS, 993]
    done = subprocess.run(
        [
            "curl", "--silent", "--show-error", "--cacert", tmp_path / "authority",
            "--resolve", f"post.example:{port}:127.0.0.1", "--user", "alice@post.example:kettle",
            f"imaps://post.example:{port}/INBOX;MAILINDEX=1",
        ],
        capture_output=True, check=True, timeout=20,
    )  # fmt: skip
    assert b"The kettle is on." in done.stdout


def test_the_texts_of_a_mail_are_decoded_and_an_attachment_has_its_name() -> None:
    message = letter()
    message.set_content("Grüße\n", cte="base64")
    message.add_attachment("boil water\n", filename="recipe.txt")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="kettle.png")
    assert texts(message) == {"": "Grüße\n", "recipe.txt": "boil water\n"}


def test_a_mail_program_finds_the_servers_by_the_domain(accounts: Network, bind: Loopback) -> None:
    port = bind[site_address("autoconfig.post.example"), 80]
    url = f"http://127.0.0.1:{port}/mail/config-v1.1.xml?emailaddress=alice%40post.example"
    request = urllib.request.Request(url, headers={"Host": "autoconfig.post.example"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"] in {"text/xml", "application/xml"}
        found = ET.fromstring(answer.read())
    for kind, port in (("incomingServer[@type='imap']", "993"), ("outgoingServer[@type='smtp']", "465")):
        server = found.find(f"emailProvider/{kind}")
        assert server is not None
        assert (server.findtext("hostname"), server.findtext("port")) == ("post.example", port)
    assert accounts.names.addresses["post.example"] == ADDRESS


def test_a_network_has_one_mail_server(accounts: Network) -> None:
    assert accounts.mail("post.example") is accounts.mail("post.example")
    with pytest.raises(HostError, match=r"a mail server other\.example is asked for"):
        accounts.mail("other.example")


def test_nothing_serves_mail_when_the_network_is_closed(bind: Loopback) -> None:
    network = Network(bind, here)
    network.mail("post.example")
    network.close()
    for port in (143, 993, 587, 465):
        with pytest.raises(ConnectionRefusedError):
            imaplib.IMAP4("127.0.0.1", bind[ADDRESS, port], timeout=5)


def test_a_dovecot_that_does_not_start_says_why(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "_CONFIGURATION", "protocols = carrier-pigeon\n")
    with pytest.raises(HostError, match=r"dovecot does not start: .*carrier-pigeon"):
        network.mail("post.example")


def test_a_host_without_dovecot_is_told_how_to_get_it(
    network: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(program, "PATH", str(tmp_path))
    with pytest.raises(HostError, match=r"dovecot is not on the PATH\nto do: make setup"):
        network.mail("post.example")


def test_a_dovecot_ends_with_a_harness_that_is_killed() -> None:
    started = (
        "import time\n"
        "from harness.services import Network\n"
        "from harness.services.program import here\n"
        "from tests.unit.services.loopback import Loopback\n"
        "network = Network(Loopback(), here)\n"
        "network.mail('post.example')\n"
        "print(network._mail._imap._dovecot.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", started], stdout=subprocess.PIPE) as harness:
        assert harness.stdout is not None
        dovecot = int(harness.stdout.readline())
        os.kill(dovecot, 0)
        harness.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{dovecot}/exe").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
