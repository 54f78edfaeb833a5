"""A guest of OnionShare's chat: what the page in a visitor's browser says and hears, without the browser.

The page speaks Socket.IO (https://socket.io/docs/v4/socket-io-protocol/) over long polling
(https://socket.io/docs/v4/engine-io-protocol/): packets, each a digit for its kind and its content.
"""

from __future__ import annotations

import json

from harness.deadline import Deadline
from harness.services.tor.socks import Visit

_ENDPOINT = "/socket.io/?EIO=4&transport=polling"
_BETWEEN_PACKETS = b"\x1e"
_ROOM = b"/chat,"
_OPENED, _PING, _PONG = b"0", b"2", b"3"
_CONNECT, _CONNECTED, _EVENT = b"40" + _ROOM, b"40" + _ROOM, b"42" + _ROOM


class ChatGuest:
    """Somebody who has joined the chat.

    Args:
        visit: the guest's at the chat's address.
        deadline: until when the chat has to let them in.

    Raises:
        OSError: it does not answer.
        TimeoutError: it does not let them in.
    """

    def __init__(self, visit: Visit, deadline: Deadline) -> None:
        self._visit = visit
        self._target = _ENDPOINT
        visit.get("/")  # the page, and with it a name, which a cookie holds
        self._target += "&sid=" + json.loads(self._next(_OPENED, "", deadline))["sid"]
        self._visit.post(self._target, _CONNECT)
        self._next(_CONNECTED, "", deadline)

    def say(self, text: str) -> None:
        """Say something to all."""
        self._visit.post(self._target, _EVENT + json.dumps(["text", {"msg": text}]).encode())

    def hear(self, text: str, deadline: Deadline) -> None:
        """Wait until somebody says `text`.

        Raises:
            TimeoutError: nobody does.
        """
        self._next(_EVENT + b'["chat_message"', text, deadline)

    def _next(self, kind: bytes, text: str, deadline: Deadline) -> bytes:
        """The content of the next packet that begins with `kind` and has `text` in it."""
        seen: list[bytes] = []
        while not deadline.expired:
            for packet in self._visit.get(self._target).split(_BETWEEN_PACKETS):
                if packet == _PING:
                    self._visit.post(self._target, _PONG)
                seen.append(packet)
                if packet.startswith(kind) and text.encode() in packet:
                    return packet.removeprefix(kind)
        raise TimeoutError(f"the chat did not say {kind.decode()} {text}; it said {seen}")
