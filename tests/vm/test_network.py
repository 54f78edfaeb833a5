"""No packet of a guest leaves the host, and a service of the harness can be reached."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.guest.agent import Result
from harness.lab.lab import Lab
from harness.lab.run import RunOptions, begin_run, open_worker
from harness.machine import enclosure

OUTSIDE = "9.9.9.9"


@pytest.fixture(scope="module")
def lab(console_iso: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A machine at its login prompt, with what its own network manager made of the network."""
    run = tmp_path_factory.mktemp("network") / "run"
    options = begin_run(RunOptions(image=str(console_iso), run=str(run)), lambda _text: None)
    with options.lab(open_worker(options, "main")) as lab:
        lab.go_to("console-ready")
        yield lab


def attempt(lab: Lab, url: str) -> Result:
    return lab.agent.run("curl", "--silent", "--show-error", "--max-time", "20", url)


def serve(listening: socket.socket) -> None:
    """Answer every connection with a short page."""
    listening.listen()

    def loop() -> None:
        while True:
            try:
                connection, _peer = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nthe kettle is on\n")

    threading.Thread(target=loop, daemon=True).start()


def test_the_guest_has_a_lease_a_gateway_and_a_name_server(lab: Lab) -> None:
    assert b"default via 10.0.2.2 " in lab.agent.shell("ip route").out
    assert b"nameserver 10.0.2.3" in lab.agent.shell("cat /etc/resolv.conf").out


def test_qemu_has_a_loopback_and_no_other_interface(lab: Lab) -> None:
    inside = Path(f"/proc/{lab.machine.pid()}")
    lines = (inside / "net" / "dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in lines] == ["lo"]
    assert (inside / "ns" / "net").readlink() != Path("/proc/self/ns/net").readlink()


def test_a_service_in_the_machines_network_is_reached(lab: Lab) -> None:
    # Without this one, the refusals below would tell nothing: a guest without a network passes them too.
    for address in ("127.0.0.1", "192.0.2.80"):
        with enclosure.bound(lab.machine.pid(), address, 80) as listening:
            serve(listening)
            name = "10.0.2.2" if address == "127.0.0.1" else address
            assert attempt(lab, f"http://{name}/").out == b"the kettle is on\n"
            listening.shutdown(socket.SHUT_RDWR)


def test_names_are_asked_of_a_service(lab: Lab) -> None:
    with enclosure.bound(lab.machine.pid(), "127.0.0.1", 53, socket.SOCK_DGRAM) as name_server:
        name_server.settimeout(60)
        looked_up = threading.Thread(target=lab.agent.run, args=("getent", "hosts", "kettle.example"))
        looked_up.start()
        question = name_server.recv(512)
        looked_up.join()
    assert b"\6kettle\7example\0" in question


def test_a_server_of_the_host_is_not_reached(lab: Lab) -> None:
    with socket.create_server(("0.0.0.0", 0)) as listening:
        serve(listening)
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as here:
            here.sendall(b"x")
            assert here.recv(8) == b"HTTP/1.0"
        own = {"10.0.2.2", "10.0.2.3", *addresses_of_this_host()}
        refused = {address: attempt(lab, f"http://{address}:{port}/").code for address in own}
        listening.shutdown(socket.SHUT_RDWR)
    assert 0 not in refused.values(), refused


def addresses_of_this_host() -> set[str]:
    """Those that the host uses towards the outside; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((OUTSIDE, 53))
        except OSError:  # the host itself has no way out
            return set()
        return {probe.getsockname()[0]}


@pytest.mark.parametrize("url", [f"http://{OUTSIDE}/", f"https://{OUTSIDE}/", "http://deb.debian.org/"])
def test_nothing_outside_is_reached(lab: Lab, url: str) -> None:
    result = attempt(lab, url)
    assert result.code in (6, 7, 28), (result.code, result.err)  # no name, no connection, no answer


def test_qemu_has_no_connection_to_anywhere_else(lab: Lab) -> None:
    attempt(lab, f"http://{OUTSIDE}/")
    lab.agent.shell(f"echo x | timeout 5 bash -c 'cat > /dev/udp/{OUTSIDE}/53'")
    for table in ("tcp", "udp", "raw"):
        for line in (Path(f"/proc/{lab.machine.pid()}/net") / table).read_text().splitlines()[1:]:
            remote = line.split()[2].partition(":")[0]
            assert remote in ("0100007F", "00000000") or remote.endswith("0200C0"), (table, line)
