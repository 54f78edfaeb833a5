"""A web server for any number of sites at any number of addresses, over http and https."""

from __future__ import annotations

import http.server
import mimetypes
import posixpath
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from harness.services.bound import OnBoundSocket

_BODY_BYTES = 64 << 20
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for: `path` is decoded, `query` is not, header names are in lower case.

    `client` is the address that it came from.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    client: str


@dataclass(frozen=True, slots=True)
class Response:
    """What it gets."""

    body: bytes
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


Program = Callable[[Request], Response]


@dataclass(slots=True)
class Site:
    """A site of one name.

    Attributes:
        pages: path → content; its type follows from the path's end.
        programs: the beginning of a path → what answers all paths below it.
        requests: what was asked of it, in order, with what was sent along.
    """

    name: str
    pages: dict[str, bytes] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """The page, what a program makes of the request, or 404."""
        self.requests.append(request)
        for beginning, program in self.programs.items():
            if request.path.startswith(beginning):
                return program(request)
        page = self.pages.get(request.path)
        if page is None:
            return Response(b"nothing here\n", HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"})
        return Response(page, headers={"Content-Type": _type_of(request.path)})


def _without_dots(path: str) -> str:
    """The path that a client means which asks for /./Packages, as apt does; RFC 3986, section 5.2.4."""
    plain = posixpath.normpath(path)
    return f"{plain}/" if path.endswith("/") and plain != "/" else plain


def _type_of(path: str) -> str:
    if path.endswith("/"):
        return "text/html; charset=utf-8"
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


class WebServer:
    """Serves `sites` wherever it listens, until it is closed.

    Args:
        context: the certificates for https.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.sites: dict[str, Site] = {}
        self._context = context
        self._servers: list[_Server] = []

    def listen(self, plain: socket.socket, secure: socket.socket) -> None:
        """Serve on two bound sockets more: http, https."""
        for server in (_Server(plain, self.sites, None), _Server(secure, self.sites, self._context)):
            self._servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.1,), name="web", daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(OnBoundSocket):
    def __init__(self, bound: socket.socket, sites: dict[str, Site], context: ssl.SSLContext | None) -> None:
        self.sites = sites
        self._context = context
        super().__init__(bound, _Handler)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, peer = self.socket.accept()
        connection.settimeout(_PATIENCE)
        if self._context is None:
            return connection, peer
        # The handshake waits for the client, so it belongs into the connection's own thread.
        return (
            self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False),
            peer,
        )

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is its own affair; what it got, the scenario sees."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - the standard library's names

    def _answer(self) -> None:
        site = self.server.sites.get(self.headers.get("Host", "").partition(":")[0].lower())
        if site is None:
            response = Response(b"no such site\n", HTTPStatus.NOT_FOUND)
        else:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            response = site.answer(
                Request(
                    self.command,
                    _without_dots(unquote(parts.path)),
                    parts.query,
                    headers,
                    self._body(),
                    self.client_address[0],
                )
            )
        self.send_response(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _BODY_BYTES))

    def _chunks(self) -> bytes:
        """A body in chunks, RFC 9112, section 7.1; trailers are read and dropped."""
        body = bytearray()
        while size := int(self.rfile.readline(64).partition(b";")[0], 16):
            body += self.rfile.read(min(size, _BODY_BYTES - len(body)))
            self.rfile.readline(64)
        while self.rfile.readline(1024).strip():
            pass
        return bytes(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's signature
        """Nothing to the terminal: a site keeps its requests."""
