"""The private tor network, without the machine: a client that stands for the guest's tor.

All of it lives four days ago, as a guest does whose memory lay on disk for so long.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import HostError
from harness.machine import enclosure
from harness.services import Network
from harness.services.tor import TorNetwork, clock
from harness.services.tor.daemon import Daemon
from harness.services.tor.private import AUTHORITIES, EXITS, RELAYS

NOW = datetime.now(UTC) - timedelta(days=4)


@pytest.fixture(scope="module")
def network(inside: int) -> Iterator[Network]:
    network = Network(
        lambda address, port, kind: enclosure.bound(inside, address, port, kind),
        lambda *command: enclosure.entered(inside, *command),
    )
    yield network
    network.close()


@pytest.fixture(scope="module")
def tor(network: Network) -> TorNetwork:
    return network.tor(NOW)


@pytest.fixture(scope="module")
def guest(tor: TorNetwork, inside: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """The guest's tor, with what a guest's torrc is given; it is ready."""
    folder = tmp_path_factory.mktemp("guest")
    folder.chmod(0o700)
    prefix = enclosure.entered(inside, *clock.prefix(clock.seconds_ahead(NOW)))
    daemon = Daemon(folder, [*tor.client_options, f"SocksPort unix:{folder}/socks"], prefix=prefix)
    try:
        assert any(daemon.is_ready or last for last in Deadline.after(60).attempts())
        assert daemon.is_ready, daemon.last_words
        yield daemon
    finally:
        daemon.close()


def curl(guest: Daemon, url: str) -> str:
    command = ["curl", "-sS", "--max-time", "60", "--proxy", f"socks5h://localhost{guest.folder}/socks", url]
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
        made = control.ask("ADD_ONION NEW:ED25519-V3 Flags=Detach,DiscardPK Port=80,192.0.2.80:80")
        while " UPLOADED " not in control.event(Deadline.after(60)):
            pass
    name = made[0].removeprefix("ServiceID=") + ".onion"
    network.web.sites[name] = network.site("teapot.example")
    assert tor.fetch(f"http://{name}/download") == b"short and stout"
    with pytest.raises(OSError, match="answers with status 404"):
        tor.fetch(f"http://{name}/nothing")


def test_a_name_that_nobody_has_is_not_found_through_tor(tor: TorNetwork) -> None:
    with pytest.raises(ConnectionError, match=r"no way to nobody\.example"):
        tor.fetch("http://nobody.example/")


def test_all_relays_are_in_the_consensus(guest: Daemon) -> None:
    relays = [line.split() for line in guest.tells("ns/all") if line.startswith("r ")]
    assert {words[1]: words[6] for words in relays} == {**AUTHORITIES, **RELAYS, **EXITS}


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
