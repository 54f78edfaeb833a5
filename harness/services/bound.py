"""Python's own servers, on a socket that was bound elsewhere: in a machine's network."""

from __future__ import annotations

import socketserver
from socket import socket
from typing import Any


class OnBoundSocket(socketserver.ThreadingTCPServer):
    """A server on `bound`, with a thread for each who comes."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, bound: socket, handler: type[Any]) -> None:
        super().__init__(bound.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket = bound
        self.server_activate()
