"""An SSH server: a login with a password, a few fixed commands, files by sftp and scp, and git.

No command of a guest is run: what is not in the list is not found.
"""

from __future__ import annotations

import asyncio
import shlex
import socket
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncssh

from harness.services.eventloop import EventLoop
from harness.services.git import environment

_GIT = ("git-upload-pack", "git-receive-pack")


class ShellServer:
    """Serves one account on a bound socket until it is closed.

    Args:
        listening: the socket.
        user, password: the account.
        answers: command → what it prints.
        files: the folder that sftp and scp show as the root of a disk.
        repositories: the folder whose repositories git may use.

    Attributes:
        commands: what was asked to be run, in order.
    """

    def __init__(
        self,
        listening: socket.socket,
        *,
        user: str,
        password: str,
        answers: Mapping[str, str],
        files: Path,
        repositories: Path,
    ) -> None:
        self.commands: list[str] = []
        self._user, self._password = user, password
        self._connections: weakref.WeakSet[asyncssh.SSHServerConnection] = weakref.WeakSet()
        self._answers = answers
        self._files, self._repositories = files, repositories
        self._loop = EventLoop("ssh")
        self._server: asyncssh.SSHAcceptor = self._loop.call(self._listen(listening))

    def close(self) -> None:
        """Serve no more, and end what is connected."""
        self._loop.call(self._end())
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.abort()
        await self._server.wait_closed()

    async def _listen(self, listening: socket.socket) -> asyncssh.SSHAcceptor:
        account, connections = (self._user, self._password), self._connections

        class Account(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                connections.add(conn)

            def kbdint_auth_supported(self) -> bool:
                return False

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == account

        return await asyncssh.listen(
            sock=listening,
            server_factory=Account,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            process_factory=self._run,
            sftp_factory=lambda channel: _Files(channel, self._files),
            allow_scp=True,
            encoding=None,
        )

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        command = process.command or ""
        self.commands.append(command)
        program, *arguments = shlex.split(command) or [""]
        if program in _GIT and len(arguments) == 1:
            await self._run_git(process, program, arguments[0])
        elif command in self._answers:
            process.stdout.write(self._answers[command].encode() + b"\n")
            process.exit(0)
        else:
            process.stderr.write(f"{program}: command not found\n".encode())
            process.exit(127)

    async def _run_git(self, process: asyncssh.SSHServerProcess[bytes], program: str, path: str) -> None:
        repository = (self._repositories / Path(path).name).resolve()
        if repository.parent != self._repositories.resolve() or not repository.is_dir():
            process.stderr.write(b"no such repository\n")
            process.exit(128)
            return
        git = await asyncio.create_subprocess_exec(
            "git", program.removeprefix("git-"), str(repository), env=environment(),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert git.stdin is not None
        assert git.stdout is not None
        asked = asyncio.create_task(_pump(process.stdin, git.stdin))
        await _pump(git.stdout, process.stdout)
        asked.cancel()
        process.exit(await git.wait())


async def _pump(source: Any, sink: Any) -> None:
    """From one stream to the other until the first one ends."""
    while data := await source.read(1 << 16):
        sink.write(data)
        await sink.drain()


class _Files(asyncssh.SFTPServer):
    """A folder, shown as the root of a disk. Says that all went well at its end, without which scp fails."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], root: Path) -> None:
        super().__init__(channel, chroot=bytes(root))
        self._ending = channel

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """No link is made: asyncssh looks where one leads to when it is made, and not when it is moved."""
        raise asyncssh.SFTPPermissionDenied(f"no links here: {newpath!r} to {oldpath!r}")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """None of this kind either."""
        raise asyncssh.SFTPPermissionDenied(f"no links here: {newpath!r} to {oldpath!r}")

    def exit(self) -> None:
        """The client has finished."""
        self._ending.exit(0)
        super().exit()
