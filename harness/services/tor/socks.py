"""HTTP through a tor's SOCKS socket (RFC 1928), as a browser asks: the name goes along, not an address."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

_BOUNDARY = "a-file-in-between"
_GREETING = b"\x05\x01\x00"
_CONNECT_TO_NAME = b"\x05\x01\x00\x03"
_DONE = 0
_ADDRESS_BYTES = {1: 4, 4: 16}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a form (RFC 7578): the form's field, the file's name and content."""

    field: str
    name: str
    data: bytes


class Visit:
    """Somebody at a site, who keeps the cookies that it gives.

    A context manager: at the end the connection is closed.

    Args:
        address: the site's, as in http://kettle.example.
        connect: leads there; anew where the site closes the connection after an answer.

    Raises:
        OSError: there is no way there.
    """

    def __init__(self, address: str, connect: Callable[[], socket.socket]) -> None:
        self.address = address
        self._connect = connect
        self._cookies = SimpleCookie()
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc)
        self._connection.sock = connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, target: str) -> bytes:
        """The body of the answer to GET `target`, a path with its query.

        Raises:
            OSError: the answer is not 200.
        """
        return self._ask("GET", target)

    def post(self, target: str, body: bytes, kind: str = "text/plain;charset=UTF-8") -> bytes:
        """The body of the answer to POST `target` with a body of that kind.

        Raises:
            OSError: the answer is not 200.
        """
        return self._ask("POST", target, body, {"Content-Type": kind})

    def send(self, target: str, upload: Upload) -> bytes:
        """Send a file as a form does; see `post`."""
        return self.post(target, _form(upload), f"multipart/form-data; boundary={_BOUNDARY}")

    def _ask(
        self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in self._cookies.items())
        own = {"Cookie": cookies} if cookies else {}
        if self._connection.sock is None:
            self._connection.sock = self._connect()
        self._connection.request(method, target or "/", body, {**own, **(headers or {})})
        answer = self._connection.getresponse()
        said = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._cookies.load(cookie)
        if answer.status != http.client.OK:
            raise OSError(f"{self.address}{target} answers with status {answer.status}")
        return said


def _form(upload: Upload) -> bytes:
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{upload.field}"; filename="{upload.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + upload.data + f"\r\n--{_BOUNDARY}--\r\n".encode()


def connected(proxy: Path, address: str, seconds: float) -> socket.socket:
    """A connection to a site through tor.

    Args:
        proxy: tor's SOCKS socket.
        address: the site's, as in http://kettle.example.
        seconds: how long a single wait may last.

    Raises:
        OSError: there is no way there.
    """
    parts = urlsplit(address)
    one = socket.socket(socket.AF_UNIX)
    try:
        one.settimeout(seconds)
        one.connect(str(proxy))
        _ask_for(one, (parts.hostname or "").encode("ascii"), parts.port or 80)
    except BaseException:
        one.close()
        raise
    return one


def _ask_for(one: socket.socket, name: bytes, port: int) -> None:
    one.sendall(_GREETING)
    _received(one, 2)
    one.sendall(_CONNECT_TO_NAME + bytes([len(name)]) + name + port.to_bytes(2))
    _version, status, _reserved, kind = _received(one, 4)
    if status != _DONE:
        raise ConnectionError(f"tor has no way to {name.decode()}: SOCKS status {status}")
    _received(one, _ADDRESS_BYTES[kind] + 2)


def _received(one: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = one.recv(count - len(data))
        if not more:
            raise ConnectionResetError("tor has closed its SOCKS socket")
        data += more
    return data
