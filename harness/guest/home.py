"""A user's home folder in the guest, seen and filled through the agent: no rule is learned from that."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from harness.deadline import Deadline
from harness.guest.agent import Agent

_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder of `user`, a name of the guest's. Paths begin with `~/`."""

    agent: Agent
    user: str

    def put(self, path: str, data: bytes) -> None:
        """Make the file `path`, and the folders above it, the user's own."""
        absolute = self._absolute(path)
        user = shlex.quote(self.user)
        # install gives the last folder alone to the user, and those above it that it makes to root.
        *above, _name = path.removeprefix("~/").split("/")
        for depth in range(1, len(above) + 1):
            folder = shlex.quote(self._absolute("/".join(above[:depth])))
            self._must(f"[ -d {folder} ] || install -d -o {user} -g {user} {folder}", f"make {folder}")
        self.agent.write_file(absolute, data)
        self._must(f"chown {user}: {shlex.quote(absolute)}", f"give {path} to {self.user}")

    def put_program(self, path: str) -> None:
        """Make the file `path` a small program of the user's own, as somebody may have downloaded it."""
        self.put(path, b"")
        quoted = shlex.quote(self._absolute(path))
        self._must(f"cat /usr/bin/true > {quoted} && chmod 755 {quoted}", f"make {path}")

    def put_for_all(self, path: str, data: bytes) -> None:
        """Make the absolute `path` a file of root's that every user may read."""
        folder = shlex.quote(path.rpartition("/")[0])
        self._must(f"install -d -m 755 {folder}", f"make {folder}")
        self.agent.write_file(path, data)
        self._must(f"chmod 644 {shlex.quote(path)}", f"open {path} to all")

    def read(self, path: str) -> bytes:
        """The content of the file `path`, at most 64 MiB of it; empty when there is none."""
        quoted = shlex.quote(self._absolute(path))
        return self.agent.read(f"[ ! -f {quoted} ] || head -c {_LIMIT} {quoted}")

    def wait_for(
        self, path: str, test: Callable[[bytes], bool], wanted: str, deadline: Deadline | None = None
    ) -> None:
        """Wait until the content of the file `path` passes `test`.

        Raises:
            AssertionError: it never did; says what the file has instead.
        """
        deadline = deadline or self.agent.deadline(20)
        for last in deadline.attempts():
            content = self.read(path)
            if content and test(content):
                return
            if last:
                is_there = (
                    f"it begins with {content[:200]!r}"
                    if content
                    else "there is no such file, or it is empty"
                )
                raise AssertionError(f"expected that {path} {wanted}; {is_there}\n{self._listing(path)}")

    def wait_for_one_in(
        self, folder: str, test: Callable[[bytes], bool], wanted: str, deadline: Deadline | None = None
    ) -> None:
        """Wait until the content of the newest file in `folder` passes `test`; its name does not matter.

        Raises:
            AssertionError: it never did; lists the folder.
        """
        deadline = deadline or self.agent.deadline(20)
        quoted = shlex.quote(self._absolute(folder))
        for last in deadline.attempts():
            newest = self.agent.read(f"ls -At {quoted} 2>/dev/null | head -n 1").decode().strip()
            content = self.read(f"{folder}/{newest}") if newest else b""
            if content and test(content):  # a folder in it reads like an empty file
                return
            if last:
                raise AssertionError(f"expected that {folder} {wanted}\n{self._listing(f'{folder}/')}")

    def wait_for_folder(self, path: str, deadline: Deadline | None = None) -> None:
        """Wait until `path` is a folder.

        Raises:
            AssertionError: it never was.
        """
        is_there = self.agent.comes_true(f"[ -d {shlex.quote(self._absolute(path))} ]", deadline)
        assert is_there, f"there is no folder {path}\n{self._listing(path)}"

    def wait_until_gone(self, path: str, deadline: Deadline | None = None) -> None:
        """Wait until there is nothing at `path`.

        Raises:
            AssertionError: it stays.
        """
        is_gone = self.agent.comes_true(f"[ ! -e {shlex.quote(self._absolute(path))} ]", deadline)
        assert is_gone, f"{path} is still there\n{self._listing(path)}"

    def _must(self, script: str, wanted: str) -> None:
        done = self.agent.shell(script)
        assert done.code == 0, f"the guest cannot {wanted}: {done.err.decode(errors='replace')}"

    def _absolute(self, path: str) -> str:
        return f"/home/{self.user}/{path.removeprefix('~/')}"

    def _listing(self, path: str) -> str:
        folder = self._absolute(path).rpartition("/")[0]
        listing = self.agent.shell(f"ls -la {shlex.quote(folder)}").out.decode(errors="replace")
        return f"in {folder}:\n{listing}"
