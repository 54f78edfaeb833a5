"""A network for servers, without a machine."""

from __future__ import annotations

import socket


class Loopback:
    """Binds any address of the machine's network to a free port of this host's loopback."""

    def __init__(self) -> None:
        self.ports: dict[tuple[str, int, str], int] = {}

    def __call__(self, address: str, port: int, kind: socket.SocketKind) -> socket.socket:
        bound = socket.socket(socket.AF_INET, kind)
        bound.bind(("127.0.0.1", 0))
        self.ports[address, port, kind.name] = bound.getsockname()[1]
        return bound

    def __getitem__(self, place: tuple[str, int]) -> int:
        return self.ports[(*place, "SOCK_STREAM")]
