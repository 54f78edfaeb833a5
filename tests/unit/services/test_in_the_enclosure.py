"""The servers in a machine's network, without the machine: curl and git ask from inside, as a guest would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.machine import enclosure
from harness.services import Network
from harness.services.network import site_address
from tests.unit.services import enclosed


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[int]:
    with enclosed.inside(tmp_path) as pid:
        yield pid


@pytest.fixture
def network(inside: int) -> Iterator[Network]:
    with enclosed.network(inside) as network:
        yield network


def ask(inside: int, *command: str | Path) -> str:
    """What a program in there prints; it looks up names as QEMU does."""
    entered = enclosure.entered(inside, "nsenter", f"--target={inside}", "--mount", "--", *map(str, command))
    return subprocess.run(
        entered,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    ).stdout


def test_a_site_is_found_by_its_name_over_https(inside: int, network: Network, tmp_path: Path) -> None:
    network.site("kettle.example").pages["/"] = b"the kettle is on"
    (tmp_path / "authority").write_bytes(network.authority.certificate)
    said = ask(
        inside,
        "curl",
        "--silent",
        "--show-error",
        "--cacert",
        tmp_path / "authority",
        "https://kettle.example/",
    )
    assert said == "the kettle is on"
    assert "kettle.example" in network.names.asked


def test_a_repository_is_cloned_over_https(inside: int, network: Network, tmp_path: Path) -> None:
    network.repositories.make("recipes", {"tea.txt": "boil water"})
    network.git_site("git.example")
    (tmp_path / "authority").write_bytes(network.authority.certificate)
    trusting = f"http.sslCAInfo={tmp_path / 'authority'}"
    clone = ("clone", "--quiet", "https://git.example/recipes", tmp_path / "recipes")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        ask(inside, "git", *clone)
    assert "certificate" in refused.value.stderr
    ask(inside, "git", "-c", trusting, *clone)
    assert (tmp_path / "recipes" / "tea.txt").read_text() == "boil water"


def test_ssh_sftp_and_git_over_ssh(inside: int, network: Network, tmp_path: Path) -> None:
    network.repositories.make("recipes", {"tea.txt": "boil water"})
    network.shell("shell.example", user="alice", password="kettle", answers={"uname -n": "shell"})
    (network.folder("files") / "minutes.txt").write_text("We met at noon.")
    answer = tmp_path / "askpass"
    answer.write_text("#!/bin/sh\necho kettle\n")
    answer.chmod(0o755)
    options = ("-F", "none", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known")
    helped = ("env", f"SSH_ASKPASS={answer}", "SSH_ASKPASS_REQUIRE=force")
    assert ask(inside, *helped, "ssh", *options, "alice@shell.example", "uname -n") == "shell\n"
    for tool in ("sftp", "scp"):
        ask(inside, *helped, tool, *options, "-q", "alice@shell.example:minutes.txt", tmp_path / tool)
        assert (tmp_path / tool).read_text() == "We met at noon."
    ssh = f"GIT_SSH_COMMAND=ssh {' '.join(options)}"
    ask(inside, *helped, ssh, "git", "clone", "-q", "alice@shell.example:recipes", tmp_path / "recipes")
    assert (tmp_path / "recipes" / "tea.txt").read_text() == "boil water"


def test_an_address_is_given_once(inside: int, network: Network) -> None:
    network.site("kettle.example")
    address = site_address("kettle.example")
    with pytest.raises(
        HostError, match=rf"{re.escape(address)}:80 cannot be bound .* Address already in use"
    ):
        enclosure.bound(inside, address, 80)


def test_a_process_that_is_none_has_no_network() -> None:
    with pytest.raises(HostError, match="cannot be bound"):
        enclosure.bound(4_194_305, "127.0.0.1", 80)  # above the highest number that Linux gives


def test_mail_is_sent_and_read(inside: int, network: Network, tmp_path: Path) -> None:
    server = network.mail("post.example")
    server.add_account("alice", "kettle")
    (tmp_path / "authority").write_bytes(network.authority.certificate)
    (tmp_path / "letter").write_text("Subject: Tea\n\nThe kettle is on.\n")
    curl = ("curl", "--silent", "--show-error", "--cacert", tmp_path / "authority")
    alice = ("--user", "alice@post.example:kettle")
    addresses = ("--mail-from", "alice@post.example", "--mail-rcpt", "alice@post.example")
    for url in ("smtps://post.example", "smtp://post.example:587"):
        ask(inside, *curl, *alice, "--ssl-reqd", *addresses, "--upload-file", tmp_path / "letter", url)
    for url in ("imaps://post.example/INBOX;MAILINDEX=2", "imap://post.example/INBOX;MAILINDEX=1"):
        assert "The kettle is on." in ask(inside, *curl, *alice, "--ssl-reqd", url)
    assert len(server.inbox("alice@post.example")) == 2


def test_the_chat_server_serves_in_there(inside: int, network: Network) -> None:
    network.chat("chat.example").add_account("alice", "kettle")
    looking = (
        "import socket; s = socket.create_connection(('chat.example', 5222), timeout=20);"
        "s.sendall(b\"<stream:stream to='chat.example' version='1.0' xmlns='jabber:client'"
        " xmlns:stream='http://etherx.jabber.org/streams'>\"); print(s.recv(4096).decode())"
    )
    assert "from='chat.example'" in ask(inside, sys.executable, "-I", "-c", looking)
