"""A name server (RFC 1035, UDP and TCP) that knows the names of a scenario's servers and no others."""

from __future__ import annotations

import contextlib
import socket
import threading

from dnslib import QTYPE, RCODE, RR, A, DNSError, DNSRecord

_UDP_BYTES = 4096
_TTL = 60
_PATIENCE = 10.0


class NameServer:
    """Answers on two bound sockets until it is closed.

    Attributes:
        addresses: name → IPv4 address.
        asked: the names that were asked for, in order.
    """

    def __init__(self, udp: socket.socket, tcp: socket.socket) -> None:
        self.addresses: dict[str, str] = {}
        self.asked: list[str] = []
        self._sockets = (udp, tcp)
        tcp.listen()
        for loop in (self._answer_datagrams, self._answer_connections):
            threading.Thread(target=loop, name="names", daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def answer(self, question: bytes) -> bytes:
        """The reply to a message; NXDOMAIN for a name that nobody has.

        Raises:
            DNSError: the message is no question.
        """
        try:
            return self._reply(DNSRecord.parse(question))
        except Exception as error:  # dnslib raises what it comes to: a label that is too long is no DNSError
            raise DNSError(f"no question: {error}") from error

    def _reply(self, request: DNSRecord) -> bytes:
        reply = request.reply()
        name = str(request.q.qname).rstrip(".").lower()
        self.asked.append(name)
        address = self.addresses.get(name)
        if address is None:
            reply.header.rcode = RCODE.NXDOMAIN
        elif request.q.qtype == QTYPE.A:
            reply.add_answer(RR(request.q.qname, QTYPE.A, rdata=A(address), ttl=_TTL))
        return bytes(reply.pack())

    def _answer_datagrams(self) -> None:
        udp, _tcp = self._sockets
        while True:
            try:
                question, peer = udp.recvfrom(_UDP_BYTES)
                if not question and peer is None:  # what a socket that was shut down returns
                    return
                with contextlib.suppress(DNSError):
                    udp.sendto(self.answer(question), peer)
            except OSError:
                return

    def _answer_connections(self) -> None:
        _udp, tcp = self._sockets
        while True:
            try:
                connection, _peer = tcp.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError, DNSError, EOFError):
                connection.settimeout(_PATIENCE)
                with connection.makefile("rb") as stream:
                    size = int.from_bytes(stream.read(2), "big")
                    reply = self.answer(stream.read(size))
                connection.sendall(len(reply).to_bytes(2, "big") + reply)
