"""The authority behind the certificates of the harness's own sites. A guest is told to trust it."""

from __future__ import annotations

import ssl

import trustme


class Authority:
    """A certificate authority of one machine's network, thrown away with it."""

    def __init__(self) -> None:
        self._authority = trustme.CA(
            organization_name="Tomograph", organization_unit_name="made for one scenario"
        )
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, PEM."""
        return self._authority.cert_pem.bytes()

    def key_and_certificate(self, name: str) -> bytes:
        """For a program with files of its own: a private key and the certificate of `name`, PEM."""
        return self._authority.issue_cert(name).private_key_and_cert_chain_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """For a server of any name: the certificate is the one of the name that a client asks for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(
            connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext
        ) -> None:
            if name is not None:
                connection.context = self._of(name)

        context.sni_callback = choose
        return context

    def _of(self, name: str) -> ssl.SSLContext:
        if name not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(name).configure_cert(context)
            self._contexts[name] = context
        return self._contexts[name]
