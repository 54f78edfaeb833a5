"""Looking into a squashfs, alone or inside an ISO, without unpacking it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import tool
from harness.errors import HostError, ImageError

_LINKS_FOLLOWED = 8


@dataclass(frozen=True, slots=True)
class Squashfs:
    """A squashfs that starts `offset` bytes into the file `path`."""

    path: Path
    offset: int = 0

    def check(self) -> None:
        """Raise ImageError unless this is a squashfs that can be read."""
        self._unsquashfs("-stat")

    def read(self, name: str) -> bytes:
        """The content of the file `name` (relative to the root), symbolic links followed.

        Raises:
            ImageError: there is no such file, or the squashfs cannot be read.
        """
        for _ in range(_LINKS_FOLLOWED):
            kind, target = self._look(name)
            if kind != "l":
                break
            name = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), target)).lstrip("/")
        return self._unsquashfs("-cat", name)

    def exists(self, name: str) -> bool:
        """Whether there is anything called `name`."""
        return bool(self._look(name)[0])

    def is_link(self, name: str) -> bool:
        """Whether `name` is a symbolic link."""
        return self._look(name)[0] == "l"

    def names(self) -> list[str]:
        """All names in it, relative to the root, sorted."""
        return sorted(_under_root(self._unsquashfs("-l")))

    def directories(self) -> frozenset[str]:
        """The names of the directories in it, relative to the root."""
        return frozenset(_under_root(self._unsquashfs("-ll"), kind="d"))

    def _look(self, name: str) -> tuple[str, str]:
        """The type letter of `name` as in ls -l (empty when there is none) and a link's target."""
        # unsquashfs lists the folders above too; the last line is the one asked for.
        lines = self._unsquashfs("-ll", name).decode(errors="replace").splitlines()
        wanted = re.compile(rf"squashfs-root/{re.escape(name)}(?: -> (.*))?$")
        for line in reversed(lines):
            if found := wanted.search(line):
                return line[0], found.group(1) or ""
        return "", ""

    def _unsquashfs(self, action: str, *names: str) -> bytes:
        # -no-wildcards: a name is a name, and not all of them are without brackets.
        command = ["unsquashfs", "-no-progress", "-no-wildcards", "-offset", str(self.offset), action]
        try:
            return tool.run([*command, self.path, *names])
        except HostError as error:
            raise ImageError(
                f"the squashfs in {self.path} cannot be read ({' '.join((action, *names))}):\n{error.seen}",
                hint="is the download complete? compare the image's checksum with the published one",
            ) from error


def _under_root(listing: bytes, kind: str = "") -> Iterator[str]:
    """The names in a listing; with a type letter as in ls -l, of the lines that begin with it."""
    for line in listing.decode(errors="surrogateescape").split("\n"):
        before, root, name = line.partition("squashfs-root/")
        if root and before[:1] == kind:
            yield name
