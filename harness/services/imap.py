"""An IMAP server: Debian's Dovecot, with a configuration, users and mailboxes of one scenario.

It runs as nobody, in a user namespace in which this user is called so: it needs no rights, and does not
ask who started it. It inherits bound sockets, as from systemd, so it serves in the network in which they
were made and does not enter it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError

_NOBODY = "nobody"
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_STARTS = 20.0
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
        nobody = pwd.getpwnam(_NOBODY)
        (folder / "configuration").write_text(
            _CONFIGURATION.format(
                address=address,
                plain=plain_port,
                secure=secure.getsockname()[1],
                folder=folder,
                user=_NOBODY,
                uid=nobody.pw_uid,
                gid=nobody.pw_gid,
                group="nogroup",
            )
        )
        self._process = self._start(nobody, plain, secure)

    def mailbox(self, user: str) -> Path:
        """The Maildir of `user`, made by who first uses it."""
        return self._folder / "mail" / user

    def let_in(self, passwords: Mapping[str, str]) -> None:
        """Let these users in, and no others: name → password (no colon in either)."""
        lines = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in passwords.items())
        (self._folder / "passwords").write_text(lines)

    def close(self) -> None:
        """Serve no more. Its files go too, so there is nothing to bring into order before."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _start(self, nobody: pwd.struct_passwd, *bound: socket.socket) -> subprocess.Popen[bytes]:
        if shutil.which("dovecot", path=_PATH) is None:
            raise HostError("dovecot is not on the PATH", hint="make setup")
        for one in bound:
            one.listen()
        numbers = [one.fileno() for one in bound]
        command = [
            "unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "--",
            "setpriv", "--pdeathsig=TERM", "--",
            sys.executable, "-I", "-c", _INHERIT, ",".join(map(str, numbers)),
            "dovecot", "-F", "-c", str(self._folder / "configuration"),
        ]  # fmt: skip
        log = self._folder / "log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                command,
                pass_fds=numbers,
                env={"PATH": _PATH},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        for one in bound:
            one.close()
        for last in Deadline.after(_STARTS).attempts():
            if (self._folder / "run" / "master.pid").exists():
                break
            if last or process.poll() is not None:
                process.kill()
                process.wait()
                raise HostError(
                    f"dovecot does not start: {log.read_text(errors='replace').strip()}",
                    expected="Dovecot 2.3, as in Debian 12",
                )
        return process
