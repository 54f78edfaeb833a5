"""An IMAP server: Debian's Dovecot, with a configuration, users and mailboxes of one scenario.

It inherits bound sockets, as from systemd, so it serves in the network in which they were made and does
not enter it.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.services.program import NOBODY, Program

_INHERIT = """\
import fcntl, os, sys
first = 3  # sd_listen_fds(3)
numbers = [int(number) for number in sys.argv[1].split(",")]
away = [fcntl.fcntl(number, fcntl.F_DUPFD, first + len(numbers)) for number in numbers]
for place, number in enumerate(away, first):
    os.dup2(number, place)
os.environ.update(LISTEN_FDS=str(len(numbers)), LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
"""
"""Puts the sockets where Dovecot looks for them and becomes Dovecot."""

# https://doc.dovecot.org/2.3/configuration_manual/
_CONFIGURATION = """\
protocols = imap
listen = {address}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
ssl = yes
ssl_cert = <{folder}/key-and-certificate
ssl_key = <{folder}/key-and-certificate
mail_location = maildir:{folder}/mail/%u
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
}}
passdb {{
  driver = passwd-file
  args = {folder}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
"""


class ImapServer:
    """Serves on bound sockets until it is closed.

    Args:
        plain: for connections that become encrypted by STARTTLS. Who has the server's own address, as a guest
            has, is let in without it.
        secure: for connections that are encrypted from the first byte.
        key_and_certificate: for both, PEM.
        folder: an empty folder of its own.

    Raises:
        HostError: Dovecot is missing or does not start.
    """

    def __init__(
        self, plain: socket.socket, secure: socket.socket, *, key_and_certificate: bytes, folder: Path
    ) -> None:
        self._folder = folder
        (folder / "mail").mkdir()
        (folder / "key-and-certificate").write_bytes(key_and_certificate)
        self.let_in({})
        address, plain_port = plain.getsockname()
        (folder / "configuration").write_text(
            _CONFIGURATION.format(
                address=address,
                plain=plain_port,
                secure=secure.getsockname()[1],
                folder=folder,
                user=NOBODY.pw_name,
                uid=NOBODY.pw_uid,
                gid=NOBODY.pw_gid,
                group="nogroup",
            )
        )
        plain.listen()
        secure.listen()
        numbers = [plain.fileno(), secure.fileno()]
        inheriting = (sys.executable, "-I", "-c", _INHERIT, ",".join(map(str, numbers)))
        self._dovecot = Program(
            "dovecot",
            [*inheriting, "dovecot", "-F", "-c", str(folder / "configuration")],
            log=folder / "log",
            is_ready=(folder / "run" / "master.pid").exists,
            expected="Dovecot 2.3, as in Debian 12",
            sockets=numbers,
        )
        plain.close()
        secure.close()

    def mailbox(self, user: str) -> Path:
        """The Maildir of `user`, made by who first uses it."""
        return self._folder / "mail" / user

    def let_in(self, passwords: Mapping[str, str]) -> None:
        """Let these users in, and no others: name → password (no colon in either)."""
        lines = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in passwords.items())
        (self._folder / "passwords").write_text(lines)

    def close(self) -> None:
        """Serve no more."""
        self._dovecot.close()
