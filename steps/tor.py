"""Tor: a network of its own for the guest, and somebody else who uses it."""

from __future__ import annotations

import json
import re

from pytest_bdd import given, parsers, then, when

from harness.guest.tor import GuestTor, isolated
from harness.lab.lab import Lab
from harness.services.tor import EXITS, TorNetwork
from harness.services.tor.socks import Upload
from harness.services.web import Site
from harness.user.console import Result
from harness.user.person import Person
from steps import documents
from steps.sentence import Sentence

_BOOTSTRAPS = 120
_PUBLISHES = 180
_PAGES = {"reads": "", "downloads": "download"}
_ONION = re.compile(rb"http://[a-z2-7]{56}\.onion")
_SETTINGS = "~/.config/onionshare/onionshare.json"
_SYSTEMS_TOR = {
    "connection_type": "control_port",
    "control_port_port": 9051,
    "auth_type": "no_auth",
    "auto_connect": True,
    "use_autoupdate": False,
}


@given("a private Tor network", target_fixture="tor_network")
def private_network(lab: Lab) -> TorNetwork:
    network = lab.network.tor(lab.agent.clock())
    GuestTor(lab.agent).join(network.client_options)
    return network


@given("OnionShare is set up to use the system's Tor")
def onionshare_settings(lab: Lab) -> None:
    lab.home.put(_SETTINGS, json.dumps(_SYSTEMS_TOR).encode())


@given(parsers.parse('an onion service that says "{text}"'), target_fixture="onion_site")
def onion_service(lab: Lab, tor_network: TorNetwork, text: str) -> Site:
    site = lab.network.onion_site(tor_network)
    site.pages["/"] = documents.html(text)
    return site


@then("Tor is ready")
def tor_is_ready(lab: Lab) -> None:
    GuestTor(lab.agent).wait_until_ready(lab.deadline(_BOOTSTRAPS))


@when(parsers.parse('I run "{command}" with the address of the onion service'), target_fixture="result")
def run_with_onion_address(person: Person, onion_site: Site, command: str) -> Result:
    return person.console.run(f"{command} http://{onion_site.name}/").must_succeed(command)


@then(parsers.parse('the web site "{name}" has seen nobody but a Tor exit'))
def seen_through_tor(lab: Lab, name: str) -> None:
    clients = {request.client for request in lab.network.site(name).requests}
    assert clients, f"nobody asked {name} for anything"
    assert clients <= set(EXITS.values()), f"{name} was asked by {sorted(clients)}"


@then(parsers.parse("Tor kept {count:d} programs apart"))
def kept_apart(lab: Lab, count: int) -> None:
    users = isolated(GuestTor(lab.agent).tells("circuit-status"))
    assert len(users) == count, f"there are circuits of their own for {sorted(users)}"


@then(Sentence('somebody elsewhere {does:reads|downloads} "{text...}" (at|from) the address in "{path}"'))
def got_elsewhere(lab: Lab, tor_network: TorNetwork, does: str, text: str, path: str) -> None:
    url = f"{_address(lab, path)}/{_PAGES[does]}"
    content = tor_network.fetch(url)
    assert text.encode() in content, f"{url} has {content[:500]!r}"


@then(
    parsers.parse('somebody elsewhere sends the file "{name}" that says "{text}" to the address in "{path}"')
)
def sent_from_elsewhere(lab: Lab, tor_network: TorNetwork, name: str, text: str, path: str) -> None:
    tor_network.fetch(f"{_address(lab, path)}/upload-ajax", Upload("file[]", name, f"{text}\n".encode()))


def _address(lab: Lab, path: str) -> str:
    """The address that a program or a person has written into a file of the guest."""
    lab.home.wait_for(
        path,
        lambda content: _ONION.search(content) is not None,
        "has an address",
        lab.deadline(_PUBLISHES),
    )
    found = _ONION.search(lab.home.read(path))
    assert found is not None
    return found.group().decode()
