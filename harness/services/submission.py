"""A server that takes mail from those who have an account (RFC 6409, RFC 8314), by aiosmtpd."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Mapping

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from harness.services.eventloop import EventLoop

# At each login it warns of an attribute of its own.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class SubmissionServer:
    """Serves on bound sockets until it is closed. Refuses recipients whom nobody here is.

    Args:
        plain: for connections that become encrypted by STARTTLS; before that nobody can log in.
        secure: for connections that are encrypted from the first byte.
        context: the certificates for both.
        passwords: address → password. May grow.
        deliver: takes an address and a message.
    """

    def __init__(
        self,
        plain: socket.socket,
        secure: socket.socket,
        *,
        context: ssl.SSLContext,
        passwords: Mapping[str, str],
        deliver: Callable[[str, bytes], None],
    ) -> None:
        self._passwords = passwords
        self._deliver = deliver
        self._loop = EventLoop("submission")
        self._servers = [
            self._loop.call(self._listen(plain, starttls=context)),
            self._loop.call(self._listen(secure, tls=context)),
        ]

    async def _listen(
        self,
        bound: socket.socket,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
    ) -> object:
        def protocol() -> SMTP:
            return SMTP(
                self,
                hostname="localhost",
                ident="ESMTP",
                tls_context=starttls,
                auth_require_tls=tls is None,
                authenticator=self._authenticate,
                loop=self._loop.loop,
            )

        return await self._loop.loop.create_server(protocol, sock=bound, ssl=tls)

    def close(self) -> None:
        """Serve no more."""
        self._loop.call(self._end())
        self._loop.close()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password == self._password(data.login)
        return AuthResult(success=known, handled=False)  # "handled" would mean that an answer was given

    def _password(self, login: bytes) -> bytes | None:
        password = self._passwords.get(login.decode(errors="replace"))
        return None if password is None else password.encode()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The hook of aiosmtpd: a mail begins."""
        if not session.authenticated:
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The hook of aiosmtpd: a recipient is named."""
        if address not in self._passwords:
            return "550 5.1.1 nobody here has this address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """The hook of aiosmtpd: a message is there."""
        message = envelope.content
        assert isinstance(message, bytes)
        for address in envelope.rcpt_tos:
            self._deliver(address, message)
        return "250 2.0.0 delivered"
