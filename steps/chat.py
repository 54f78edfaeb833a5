"""Chat: a message that waits or comes, and what the server could read of it."""

from __future__ import annotations

from collections.abc import Callable

from pytest_bdd import given, parsers, then, when

from harness.lab.lab import Lab
from harness.services.chat import ChatServer


@given(parsers.parse('a chat message to "{to}" from "{sender}" that says "{text}"'))
def waiting_message(lab: Lab, to: str, sender: str, text: str) -> None:
    server, user = _account(lab, to)
    server.leave(user, sender.partition("@")[0], text)


@then(parsers.parse('"{address}" receives a chat message that says "{text}"'))
def receives(lab: Lab, address: str, text: str) -> None:
    server, user = _account(lab, address)
    _wait_for(lab, text, lambda: server.waiting(user), f"what waits for {address}")


@given(parsers.parse('"{address}" is logged in, and can write off the record'))
def logged_in(lab: Lab, address: str) -> None:
    server, user = _account(lab, address)
    server.correspondent(user)


@when(parsers.parse('"{address}" writes "{text}" to "{to}"'))
def writes(lab: Lab, address: str, text: str, to: str) -> None:
    server, user = _account(lab, address)
    server.correspondent(user).write(to, text)


@then(parsers.parse('"{address}" reads "{text}" from "{sender}"'))
def reads(lab: Lab, address: str, text: str, sender: str) -> None:
    server, user = _account(lab, address)
    partner = server.correspondent(user)
    _wait_for(lab, text, lambda: partner.received(sender), f"what {sender} wrote to {address}")


@then(parsers.parse('the chat server "{name}" passed on what it could not read, and has not seen "{text}"'))
def could_not_read(lab: Lab, name: str, text: str) -> None:
    passed_on = lab.network.chat(name).passed_on()
    assert "<body>?OTR:" in passed_on, f"no message off the record went through {name}"
    assert text not in passed_on, f"{name} could read it"


def _wait_for(lab: Lab, text: str, look: Callable[[], str], what: str) -> None:
    for last in lab.deadline(20).attempts():
        if text in (seen := look()):
            return
        assert not last, f"{what}: {seen or 'nothing'}"


def _account(lab: Lab, address: str) -> tuple[ChatServer, str]:
    user, _at, name = address.partition("@")
    return lab.network.chat(name), user
