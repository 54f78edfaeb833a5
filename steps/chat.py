"""Chat: an account on a server, a message that waits, a message that has come."""

from __future__ import annotations

from pytest_bdd import given, parsers, then

from harness.guest.trust import trust
from harness.lab.lab import Lab
from harness.services.chat import ChatServer


@given(parsers.parse('a chat server "{name}" where "{user}" has the password "{password}"'))
def chat_server(lab: Lab, name: str, user: str, password: str) -> None:
    lab.network.chat(name).add_account(user, password)
    trust(lab.agent, lab.network.authority.certificate)


@given(parsers.parse('a chat message to "{to}" from "{sender}" saying "{text}"'))
def waiting_message(lab: Lab, to: str, sender: str, text: str) -> None:
    server, user = _account(lab, to)
    server.leave(user, sender.partition("@")[0], text)


@then(parsers.parse('a chat message for "{address}" says "{text}"'))
def says(lab: Lab, address: str, text: str) -> None:
    server, user = _account(lab, address)
    for last in lab.deadline(20).attempts():
        if text in server.waiting(user):
            return
        assert not last, f"what waits for {address}: {server.waiting(user) or 'nothing'}"


def _account(lab: Lab, address: str) -> tuple[ChatServer, str]:
    user, _at, name = address.partition("@")
    return lab.network.chat(name), user
