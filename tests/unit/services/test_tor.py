"""The private tor network, without the machine: a client that stands for the guest's tor.

All of it lives four days ago, as a guest does whose memory lay on disk for so long.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import cast

import pytest

from harness.deadline import Deadline
from harness.errors import HostError
from harness.guest.agent import Agent, Result
from harness.guest.tor import GuestTor, isolated
from harness.machine import enclosure
from harness.services import Network
from harness.services.network import ONION_SITES
from harness.services.tor import TorNetwork, clock
from harness.services.tor.daemon import Daemon
from harness.services.tor.private import AUTHORITIES, EXITS, RELAYS
from harness.services.tor.socks import Upload
from tests.unit.services import enclosed

NOW = datetime.now(UTC) - timedelta(days=4)


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with enclosed.inside(tmp_path_factory.mktemp("qemu")) as pid:
        yield pid


@pytest.fixture(scope="module")
def network(inside: int) -> Iterator[Network]:
    with enclosed.network(inside) as network:
        yield network


@pytest.fixture(scope="module")
def tor(network: Network) -> TorNetwork:
    return network.tor(NOW)


class AgentInside:
    """What the guest's agent does for its tor, done in the machine's network."""

    def __init__(self, pid: int) -> None:
        self.torrc = b"# Debian's\n"
        self._pid = pid

    def run(self, *argv: str) -> Result:
        done = subprocess.run(enclosure.entered(self._pid, *argv), capture_output=True, check=False)
        return Result(done.returncode, done.stdout, done.stderr)

    def read(self, script: str) -> bytes:
        assert script == "cat /etc/tor/torrc"
        return self.torrc

    def write_file(self, path: str, data: bytes) -> None:
        assert path == "/etc/tor/torrc"
        self.torrc = data


@pytest.fixture(scope="module")
def agent(inside: int) -> AgentInside:
    return AgentInside(inside)


@pytest.fixture(scope="module")
def guest_tor(agent: AgentInside) -> GuestTor:
    return GuestTor(cast(Agent, agent))


@pytest.fixture(scope="module")
def guest(
    tor: TorNetwork,
    inside: int,
    agent: AgentInside,
    guest_tor: GuestTor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Daemon]:
    """The guest's tor, with what a guest's torrc is given; it is ready."""
    folder = tmp_path_factory.mktemp("guest")
    folder.chmod(0o700)
    guest_tor.join(tor.client_options)
    options = [*agent.torrc.decode().splitlines(), f"SocksPort unix:{folder}/socks"]
    prefix = enclosure.entered(inside, *clock.prefix(clock.seconds_ahead(NOW)))
    daemon = Daemon(folder, options, prefix=prefix)
    try:
        guest_tor.wait_until_ready(Deadline.after(60))
        yield daemon
    finally:
        daemon.close()


def curl(guest: Daemon, url: str, *options: str) -> str:
    proxy = f"socks5h://localhost{guest.folder}/socks"
    command = ["curl", "-sS", "--max-time", "60", "--proxy", proxy, *options, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_client_reads_a_web_site_and_the_site_sees_the_exit(network: Network, guest: Daemon) -> None:
    site = network.site("kettle.example")
    site.pages["/"] = b"the kettle is on"
    assert curl(guest, "http://kettle.example/") == "the kettle is on"
    assert {request.client for request in site.requests} == set(EXITS.values())
    assert "kettle.example" in network.names.asked


def test_a_client_visits_an_onion_service(network: Network, tor: TorNetwork, guest: Daemon) -> None:
    site = network.onion_site(tor)
    site.pages["/"] = b"nobody knows where the kettle is"
    assert site.name.endswith(".onion")
    assert curl(guest, f"http://{site.name}/") == "nobody knows where the kettle is"
    assert site.name not in network.names.asked


def test_a_clients_own_onion_service_is_visited_from_elsewhere(
    network: Network, tor: TorNetwork, guest: Daemon
) -> None:
    network.site("teapot.example").pages["/download"] = b"short and stout"
    with guest.control() as control:
        control.ask("SETEVENTS HS_DESC")
        made = control.ask(f"ADD_ONION NEW:ED25519-V3 Flags=Detach,DiscardPK Port=80,{ONION_SITES}:80")
        while " UPLOADED " not in control.event(Deadline.after(60)):
            pass
    name = made[0].removeprefix("ServiceID=") + ".onion"
    network.web(ONION_SITES).sites[name] = network.site("teapot.example")
    assert tor.fetch(f"http://{name}/download") == b"short and stout"
    with pytest.raises(OSError, match="answers with status 404"):
        tor.fetch(f"http://{name}/nothing")
    tor.fetch(f"http://{name}/download", Upload("file[]", "letter.txt", b"Dear Bob"))
    sent = network.site("teapot.example").requests[-1]
    message = BytesParser().parsebytes(
        b"Content-Type: %s\r\n\r\n%s" % (sent.headers["content-type"].encode(), sent.body)
    )
    (part,) = cast(list[Message], message.get_payload())
    assert sent.method == "POST"
    assert (part.get_param("name", header="content-disposition"), part.get_filename()) == (
        "file[]",
        "letter.txt",
    )
    assert part.get_payload(decode=True) == b"Dear Bob"


def test_a_name_that_nobody_has_is_not_found_through_tor(tor: TorNetwork) -> None:
    with pytest.raises(ConnectionError, match=r"no way to nobody\.example"):
        tor.fetch("http://nobody.example/")


def test_who_names_a_user_gets_circuits_of_their_own(
    network: Network, guest: Daemon, guest_tor: GuestTor
) -> None:
    network.site("kettle.example").pages["/"] = b"the kettle is on"
    before = isolated(guest_tor.tells("circuit-status"))
    for user in ("alice", "bob"):
        curl(guest, "http://kettle.example/", "--proxy-user", f"{user}:tea")
    assert before == set()
    assert isolated(guest_tor.tells("circuit-status")) == {("alice", "tea"), ("bob", "tea")}


def test_all_relays_are_in_the_consensus(guest: Daemon) -> None:
    relays = [line.split() for line in guest.tells("ns/all") if line.startswith("r ")]
    assert {words[1]: words[6] for words in relays} == {**AUTHORITIES, **RELAYS, **EXITS}


def test_no_relay_is_chosen_more_than_another(guest: Daemon) -> None:
    told = guest.tells("ns/all")
    names = [line.split()[1] for line in told if line.startswith("r ")]
    weights = [line for line in told if line.startswith("w ")]
    measured = {name: weight for name, weight in zip(names, weights, strict=True) if name not in AUTHORITIES}
    assert measured == dict.fromkeys([*RELAYS, *EXITS], "w Bandwidth=1000")


def test_a_guest_without_tor_is_not_ready(network: Network, tmp_path: Path) -> None:
    with enclosed.inside(tmp_path) as elsewhere, pytest.raises(AssertionError, match="Connection refused"):
        GuestTor(cast(Agent, AgentInside(elsewhere))).wait_until_ready(Deadline.after(0))


def test_what_tor_refuses_is_an_error(guest: Daemon) -> None:
    with guest.control() as control, pytest.raises(HostError, match=r"tor refuses GETINFO: 552 .*tea/time"):
        control.ask("GETINFO tea/time")


def test_a_tor_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    daemon = Daemon(tmp_path, ["TeaTime noon"], prefix=[])
    with pytest.raises(HostError, match=r"(?s)ended with status 1:.*TeaTime"):
        any(daemon.tells("version") for _ in Deadline.after(30).attempts())


def test_a_tor_that_does_not_run_has_no_control_socket(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    daemon = Daemon(tmp_path, ["DisableNetwork 1", "SocksPort 0"], prefix=[])
    daemon.close()
    with pytest.raises(HostError, match="has no control socket"):
        daemon.control()


def test_the_clock_of_a_network_is_the_guests() -> None:
    ahead = clock.seconds_ahead(NOW)
    said = subprocess.run(
        [*clock.prefix(ahead), "date", "+%s"], capture_output=True, text=True, check=True
    ).stdout
    assert abs(int(said) - (time.time() + ahead)) < 5


def test_a_clock_that_is_right_needs_no_help() -> None:
    assert clock.prefix(clock.seconds_ahead(datetime.now(UTC))) == []


def test_a_host_without_tor_is_told(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostError, match="tor is not on the PATH"):
        TorNetwork(tmp_path, enter=lambda *command: list(command), resolv_conf="", now=NOW)


def test_a_host_without_libfaketime_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_LIBRARIES", tmp_path)
    with pytest.raises(HostError, match="libfaketime is not installed"):
        clock.prefix(-3600.0)
