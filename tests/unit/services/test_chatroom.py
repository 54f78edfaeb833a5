"""OnionShare's chat, held against the library that OnionShare itself serves it with."""

import socket
import threading
from collections.abc import Iterator
from http.cookies import SimpleCookie
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import socketio

from harness.deadline import Deadline
from harness.services.chatroom import ChatGuest
from harness.services.tor.socks import Visit


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def page(_environ: dict[str, Any], start: Any) -> list[bytes]:
    """The chat's page, which gives its guest a name."""
    body = b"<title>OnionShare</title>"
    start("200 OK", [("Set-Cookie", "session=oolong; Path=/"), ("Content-Length", str(len(body)))])
    return [body]


@pytest.fixture
def chat() -> Iterator[str]:
    """The address of a chat that lets in who has a name."""
    room = socketio.Server(async_mode="threading", ping_interval=1, cors_allowed_origins=[])

    @room.event(namespace="/chat")
    def connect(_guest: str, environ: dict[str, Any]) -> bool:
        return "session" in SimpleCookie(environ.get("HTTP_COOKIE", ""))

    @room.event(namespace="/chat")
    def text(_guest: str, message: dict[str, str]) -> None:
        room.emit("chat_message", {"username": "oolong", "msg": message["msg"]}, namespace="/chat")

    application = socketio.WSGIApp(room, page)
    with make_server("127.0.0.1", 0, application, _Server, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def visit(address: str) -> Visit:
    host, port = address.removeprefix("http://").split(":")
    return Visit(address, lambda: socket.create_connection((host, int(port)), timeout=30))


def test_what_one_says_another_hears(chat: str) -> None:
    deadline = Deadline.after(30)
    with visit(chat) as here, visit(chat) as there:
        speaker, listener = ChatGuest(here, deadline), ChatGuest(there, deadline)
        speaker.say('Tea at "five"?')
        listener.hear('Tea at \\"five\\"?', deadline)


def test_who_hears_nothing_says_what_the_chat_said(chat: str) -> None:
    with visit(chat) as here:
        guest = ChatGuest(here, Deadline.after(30))
        with pytest.raises(TimeoutError, match=r"Tea at five; it said .*b'2'"):
            guest.hear("Tea at five", Deadline.after(2.5))
