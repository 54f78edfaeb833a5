"""Mail: accounts on one server, which takes mail by SMTP and shows it by IMAP."""

from __future__ import annotations

import mailbox
import socket
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path

from harness.errors import HostError
from harness.services.authority import Authority
from harness.services.imap import ImapServer
from harness.services.submission import SubmissionServer

CONFIGURATION_PATH = "/mail/config-v1.1.xml"
"""Where mail programs look on the site autoconfig.DOMAIN."""

# https://benbucksch.github.io/autoconfig-spec/draft-autoconfig-1.html, which Thunderbird began.
_CONFIGURATION = """\
<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{name}">
    <domain>{name}</domain>
    <displayName>{name}</displayName>
    <displayShortName>{name}</displayShortName>
    <incomingServer type="imap">
      <hostname>{name}</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>{name}</hostname>
      <port>465</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
</clientConfig>
"""


@dataclass(frozen=True, slots=True)
class Doors:
    """The bound sockets of a mail server: each protocol with STARTTLS, and encrypted from the first byte."""

    imap: socket.socket
    imaps: socket.socket
    submission: socket.socket
    submissions: socket.socket

    def close(self) -> None:
        """Serve nobody."""
        for one in (self.imap, self.imaps, self.submission, self.submissions):
            one.close()


class MailServer:
    """Mail for one domain until it is closed. Whoever has an account can write to all who have one.

    Args:
        name: the domain, and the server's own name.
        doors: where it serves.
        authority: for its certificate.
        folder: an empty folder of its own.

    Raises:
        HostError: Dovecot is missing or does not start.
    """

    def __init__(self, name: str, doors: Doors, authority: Authority, folder: Path) -> None:
        self.name = name
        self._passwords: dict[str, str] = {}
        try:
            self._imap = ImapServer(
                doors.imap,
                doors.imaps,
                key_and_certificate=authority.key_and_certificate(name),
                folder=folder,
            )
        except HostError:
            doors.close()
            raise
        self._submission = SubmissionServer(
            doors.submission,
            doors.submissions,
            context=authority.server_context(),
            passwords=self._passwords,
            deliver=self.deliver,
        )

    @property
    def configuration(self) -> bytes:
        """What a mail program has to know to set up an account."""
        return _CONFIGURATION.format(name=escape(self.name)).encode()

    def close(self) -> None:
        """Serve no more."""
        self._submission.close()
        self._imap.close()

    def add_account(self, user: str, password: str) -> None:
        """Let in USER@NAME, by this address and the password (no colon in either)."""
        self._passwords[f"{user}@{self.name}"] = password
        self._imap.let_in(self._passwords)

    def deliver(self, address: str, message: bytes) -> None:
        """Put a message (RFC 5322) into somebody's inbox.

        Args:
            address: of an account.
            message: as it is to be read.
        """
        self._maildir(address).add(message)

    def inbox(self, address: str) -> list[EmailMessage]:
        """What lies in somebody's inbox, in no order. A message that is being moved may be left out."""
        box = self._maildir(address)
        return [
            message_from_bytes(data, policy=policy.default)
            for key in box.keys()  # noqa: SIM118 - a Maildir is a mapping only in part
            if (data := _content(box, key)) is not None
        ]

    def _maildir(self, address: str) -> mailbox.Maildir:
        assert address in self._passwords, f"{address} has no account here: {sorted(self._passwords)} have"
        return mailbox.Maildir(self._imap.mailbox(address), create=True)


def _content(box: mailbox.Maildir, key: str) -> bytes | None:
    try:
        return box.get_bytes(key)
    except (KeyError, FileNotFoundError):  # Dovecot renames what somebody reads
        return None


def texts(mail: EmailMessage) -> dict[str, str]:
    """All text in a mail, decoded: an attachment's under its name, the text itself under the empty one."""
    found: dict[str, str] = {}
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            name = part.get_filename("")
            found[name] = found.get(name, "") + str(part.get_content())
    return found
