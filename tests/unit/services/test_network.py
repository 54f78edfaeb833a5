"""Real clients against the servers, on loopback sockets of this host."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
import subprocess
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import asyncssh
import pytest
from dnslib import DNSRecord

from harness.deadline import Deadline
from harness.errors import HostError
from harness.services import Network
from harness.services.network import site_address
from harness.services.packages import repository
from harness.services.program import here
from tests.unit.services.loopback import Loopback


def fetch(url: str, host: str, **more: object) -> bytes:
    request = urllib.request.Request(url, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10, **more) as answer:  # type: ignore[arg-type]
        return bytes(answer.read())


def test_names_of_servers_are_known_and_no_others(network: Network, bind: Loopback) -> None:
    network.site("kettle.example")
    where = ("127.0.0.1", bind.ports["127.0.0.1", 53, "SOCK_DGRAM"])
    for name, status, addresses in (
        ("Kettle.example", 0, [site_address("kettle.example")]),
        ("debian.org", 3, []),
    ):
        question = DNSRecord.question(name, "A")
        for tcp, port in ((False, where[1]), (True, bind["127.0.0.1", 53])):
            reply = DNSRecord.parse(question.send("127.0.0.1", port, tcp=tcp, timeout=10))
            assert reply.header.rcode == status
            assert [str(record.rdata) for record in reply.rr] == addresses
    assert (
        DNSRecord.parse(network.names.answer(bytes(DNSRecord.question("kettle.example", "AAAA").pack()))).rr
        == []
    )


def test_a_question_that_is_none_stops_nobody(network: Network, bind: Loopback) -> None:
    network.site("kettle.example")
    port = bind.ports["127.0.0.1", 53, "SOCK_DGRAM"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"\xff", ("127.0.0.1", port))
        head = bytes(DNSRecord.question("kettle.example").pack())[:12]
        for name in (b"\x40" + b"a" * 64 + b"\0", b"\xc0\x0c"):  # too long a label; one that leads to itself
            client.sendto(head + name + b"\0\x01\0\x01", ("127.0.0.1", port))
        client.sendto(b"", ("127.0.0.1", port))
    answer = DNSRecord.question("kettle.example").send("127.0.0.1", port, timeout=10)
    assert DNSRecord.parse(answer).rr


def test_sites_are_told_apart_by_name(network: Network, bind: Loopback) -> None:
    network.site("kettle.example").pages["/"] = b"the kettle is on"
    network.site("teapot.example").pages["/song.txt"] = b"short and stout"
    url = f"http://127.0.0.1:{bind[site_address('kettle.example'), 80]}"
    assert bind[site_address("teapot.example"), 80] != bind[site_address("kettle.example"), 80]
    assert fetch(f"{url}/", "kettle.example") == b"the kettle is on"
    assert fetch(f"{url}/song.txt", "teapot.example") == b"short and stout"
    for path, host in (("/song.txt", "kettle.example"), ("/", "nobody.example")):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(f"{url}{path}", host)
    assert [request.path for request in network.site("teapot.example").requests] == ["/song.txt"]


def test_two_sites_never_share_an_address(network: Network) -> None:
    network.site("kettle.example")
    network.site("kettle.example")
    twin = next(
        name
        for name in (f"kettle-{number}.example" for number in range(1000))
        if site_address(name) == site_address("kettle.example")
    )
    with pytest.raises(HostError, match=f"{twin} and kettle.example would share the address"):
        network.site(twin)


@pytest.mark.parametrize(
    ("asked", "served"), [("/./song.txt", "/song.txt"), ("/songs/../song.txt", "/song.txt"), ("/./", "/")]
)
def test_a_path_with_dots_is_the_path_without(
    asked: str, served: str, network: Network, bind: Loopback
) -> None:
    network.site("teapot.example").pages[served] = b"short and stout"
    door = f"http://127.0.0.1:{bind[site_address('teapot.example'), 80]}"
    assert fetch(f"{door}{asked}", "teapot.example") == b"short and stout"


def test_what_is_sent_to_a_site_is_kept(network: Network, bind: Loopback) -> None:
    site = network.site("kettle.example")
    site.pages["/"] = b""
    url = f"http://127.0.0.1:{bind[site_address('kettle.example'), 80]}/"
    for chunked in ((), ("--header", "Transfer-Encoding: chunked")):
        subprocess.run(
            [
                "curl",
                "--silent",
                "--fail",
                "--data",
                "tea=hot",
                "--header",
                "Host: kettle.example",
                *chunked,
                url,
            ],
            check=True,
        )
    assert [(one.method, one.body) for one in site.requests] == [("POST", b"tea=hot")] * 2


def test_https_is_trusted_by_who_knows_the_authority_and_by_nobody_else(
    network: Network, bind: Loopback
) -> None:
    network.site("kettle.example").pages["/"] = b"the kettle is on"
    port = bind[site_address("kettle.example"), 443]
    knowing = ssl.create_default_context(cadata=network.authority.certificate.decode())
    for context, trusted in ((knowing, True), (ssl.create_default_context(), False)):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            if not trusted:
                with pytest.raises(ssl.SSLCertVerificationError):
                    context.wrap_socket(plain, server_hostname="kettle.example")
                continue
            with context.wrap_socket(plain, server_hostname="kettle.example") as secure:
                secure.sendall(b"GET / HTTP/1.0\r\nHost: kettle.example\r\n\r\n")
                assert b"".join(iter(lambda: secure.recv(4096), b"")).endswith(b"the kettle is on")


def test_a_repository_is_cloned_and_pushed_to_over_http(
    network: Network, bind: Loopback, tmp_path: Path
) -> None:
    network.repositories.make("recipes", {"tea.txt": "boil water"})
    network.git_site("git.example")
    git = [
        "git",
        "-c",
        "http.extraHeader=Host: git.example",
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
    ]
    url = f"http://127.0.0.1:{bind[site_address('git.example'), 80]}/recipes"
    subprocess.run([*git, "clone", "--quiet", url, tmp_path / "recipes"], check=True)
    assert (tmp_path / "recipes" / "tea.txt").read_text() == "boil water"
    (tmp_path / "recipes" / "tea.txt").write_text("boil more water")
    subprocess.run([*git, "commit", "--quiet", "--all", "-m", "More"], cwd=tmp_path / "recipes", check=True)
    subprocess.run([*git, "push", "--quiet"], cwd=tmp_path / "recipes", check=True, env={**os.environ})
    log = ["git", "--git-dir", network.repositories.folder / "recipes", "log", "--format=%s"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout == "More\nBegin\n"


def test_a_shell_answers_what_is_in_its_list(network: Network, bind: Loopback) -> None:
    server = network.shell("shell.example", user="alice", password="kettle", answers={"uname -n": "shell"})
    port = bind["192.0.2.22", 22]

    async def ask() -> tuple[object, object, bytes]:
        async with asyncssh.connect(
            "127.0.0.1",
            port,
            username="alice",
            password="kettle",
            known_hosts=None,
            encoding=None,
            config=None,
        ) as connection:
            known = await connection.run("uname -n")
            unknown = await connection.run("id; touch /tmp/x")
            async with connection.start_sftp_client() as sftp:
                async with sftp.open("note", "wb") as file:
                    await file.write(b"hello")
                assert [name async for name in _names(sftp)] == ["note"]
            return known.stdout, unknown.exit_status, (network.folder("files") / "note").read_bytes()

    assert asyncio.run(ask()) == (b"shell\n", 127, b"hello")
    assert server.commands == ["uname -n", "id; touch /tmp/x"]


def test_nothing_leads_out_of_the_folder_that_sftp_shows(network: Network, bind: Loopback) -> None:
    """A link that stays inside where it is made may lead outside where it is moved to."""
    network.shell("shell.example", user="alice", password="kettle", answers={})
    port = bind["192.0.2.22", 22]

    async def escape() -> None:
        async with (
            asyncssh.connect(
                "127.0.0.1", port, username="alice", password="kettle", known_hosts=None, config=None
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            await sftp.makedirs("a/b/c")
            for make in (sftp.symlink("../../..", "a/b/c/out"), sftp.link("a/b/c/out", "out")):
                with pytest.raises(asyncssh.SFTPPermissionDenied, match="no links here"):
                    await make
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await sftp.rename("a/b/c/out", "out")

    asyncio.run(escape())


async def _names(sftp: asyncssh.SFTPClient):  # type: ignore[no-untyped-def]
    for name in await sftp.listdir("/"):
        if name not in (".", ".."):
            yield name


def test_a_wrong_password_is_refused(network: Network, bind: Loopback) -> None:
    network.shell("shell.example", user="alice", password="kettle", answers={})

    async def ask() -> None:
        await asyncssh.connect(
            "127.0.0.1", bind["192.0.2.22", 22], username="alice", password="x", known_hosts=None, config=None
        )

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(ask())


def test_a_package_repository_has_an_index_with_digests(tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    files = repository(tmp_path, "kettle", "1.0", "echo the kettle is on", now=now)
    assert set(files) == {"kettle_1.0_all.deb", "Packages", "Release"}
    assert b"Filename: ./kettle_1.0_all.deb" in files["Packages"]
    assert b"SHA256:" in files["Release"]
    assert b"Date: Thu, 01 Jan 2026 12:00:00 +0000" in files["Release"]


def test_nothing_answers_when_the_network_is_closed(bind: Loopback) -> None:
    network = Network(bind, here)
    network.site("kettle.example")
    folder = network.folder("files")
    network.close()
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", bind[site_address("kettle.example"), 80]), timeout=5)


def test_a_printer_keeps_whole_jobs(network: Network, bind: Loopback) -> None:
    printer = network.printer("printer.example")
    assert network.printer("printer.example") is printer
    assert network.names.addresses["printer.example"] == "192.0.2.91"
    place = ("127.0.0.1", bind["192.0.2.91", 9100])
    for job in (b"%PDF-1.7 Dear Alice", b""):
        with socket.create_connection(place, timeout=10) as client:
            client.sendall(job)
    with socket.create_connection(place, timeout=10) as client:
        client.sendall(b"half of a letter")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no end
    with socket.create_connection(place, timeout=10) as client:
        client.sendall(b"Dear Bob")
    for last in Deadline.after(10).attempts():
        if b"Dear Bob" in printer.jobs:
            break
        assert not last
    assert sorted(printer.jobs) == [b"%PDF-1.7 Dear Alice", b"Dear Bob"]
