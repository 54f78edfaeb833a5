"""A printer in the network that takes what comes on port 9100, and keeps it in place of paper.

The protocol has many names (AppSocket, JetDirect, raw) and no rules: a connection is a job, its bytes are
what is to be printed, and its end is the job's end. CUPS calls it `socket://`.
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from socket import socket

from harness.services.bound import OnBoundSocket

_PATIENCE = 120.0
_JOB_BYTES = 64 << 20


class Printer:
    """Prints on a bound socket until it is closed.

    Attributes:
        name: where it is found in the network.
        jobs: what came, whole jobs only, in order.
    """

    def __init__(self, name: str, bound: socket) -> None:
        self.name = name
        self.jobs: list[bytes] = []
        self._server = _Server(bound, self.jobs)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="printer", daemon=True).start()

    def close(self) -> None:
        """Print no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(OnBoundSocket):
    def __init__(self, bound: socket, jobs: list[bytes]) -> None:
        self.jobs = jobs
        super().__init__(bound, _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = _PATIENCE

    def handle(self) -> None:
        # Who goes away in the middle of a job, or sends without an end, gets nothing printed.
        with contextlib.suppress(ConnectionError, TimeoutError):
            job = self.rfile.read(_JOB_BYTES)
            if job and not self.rfile.read(1):
                self.server.jobs.append(job)
