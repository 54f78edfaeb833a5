"""HTTP through a tor's SOCKS socket (RFC 1928), as a browser asks: the name goes along, not an address."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from pathlib import Path
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


def fetch(proxy: Path, url: str, seconds: float, upload: Upload | None = None) -> bytes:
    """The body of the answer to GET `url` (http), or to POST with a file.

    Args:
        proxy: tor's SOCKS socket.
        url: what to ask for.
        seconds: how long a single wait may last.
        upload: what to send.

    Raises:
        OSError: there is no way there, or the answer is not 200.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    connection = http.client.HTTPConnection(host, port)
    connection.sock = _connected(proxy, host, port, seconds)
    try:
        if upload is None:
            connection.request("GET", parts.path or "/")
        else:
            kind = f"multipart/form-data; boundary={_BOUNDARY}"
            connection.request("POST", parts.path or "/", _form(upload), {"Content-Type": kind})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise OSError(f"{url} answers with status {answer.status}")
    return body


def _form(upload: Upload) -> bytes:
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{upload.field}"; filename="{upload.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + upload.data + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _connected(proxy: Path, host: str, port: int, seconds: float) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    try:
        one.settimeout(seconds)
        one.connect(str(proxy))
        _ask_for(one, host.encode("ascii"), port)
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
