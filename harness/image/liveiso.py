"""A live ISO as it was handed in: what it boots, and the root that it carries. Never written to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.errors import ImageError
from harness.image import apt, cache, iso9660
from harness.image.bootconfig import BootEntry, default_entry
from harness.image.squashfs import Squashfs
from harness.policy.pattern import encode

_CODENAMES = {"11": "bullseye", "12": "bookworm", "13": "trixie", "14": "forky"}


@dataclass(frozen=True)
class LiveIso:
    """An ISO that holds a live system, as live-boot makes them.

    Attributes:
        path: the file.
        sha256: of the whole file, hexadecimal.
        label: the volume's name.
        entry: the default boot entry.
        squashfs: absolute path of the root's squashfs in the image.
    """

    path: Path
    sha256: str
    label: str
    entry: BootEntry
    squashfs: str

    @classmethod
    def read(cls, path: Path) -> LiveIso:
        """Look into the ISO at `path`.

        Raises:
            ImageError: there is no such file, it is not an ISO, or holds no live kernel or root.
        """
        if not path.is_file():
            raise ImageError(
                f"no such image: {path}", hint="is the path right? `tomograph image build` builds one"
            )
        with iso9660.opened(path) as iso:
            entry = default_entry(iso.text)
            if entry is None:
                raise _not_live(path, "no boot loader in it starts a kernel")
            parts = (entry.kernel, *(entry.initrds or ("an initrd",)))
            missing = [name for name in parts if not iso.exists(name)]
            if missing:
                raise _not_live(path, f"{entry.source} boots what is not there: {', '.join(missing)}")
            squashfs = _squashfs(iso)
            if not squashfs:
                raise _not_live(path, "there is no squashfs in /live")
            return cls(path, cache.sha256(path), iso.label(), entry, squashfs)

    def kernel(self) -> bytes:
        """The kernel's image."""
        with iso9660.opened(self.path) as iso:
            return iso.read(self.entry.kernel)

    def initrd(self) -> bytes:
        """The initrd: its parts end to end, as the boot loader lays them in memory."""
        with iso9660.opened(self.path) as iso:
            return b"".join(iso.read(name) for name in self.entry.initrds)

    @cached_property
    def root(self) -> Squashfs:
        """The live system's root.

        Raises:
            ImageError: what is there is not a squashfs.
        """
        with iso9660.opened(self.path) as iso:
            root = Squashfs(self.path, iso.offset(self.squashfs))
        root.check()
        return root

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.path.stat().st_size

    @property
    def is_tails(self) -> bool:
        """Whether this is Tails, and not another live system."""
        return self.label.upper().startswith("TAILS")

    def paths(self) -> frozenset[str]:
        """All names in the root as TOMOYO writes them: absolute, escaped, directories end in a slash.

        Raises:
            ImageError: the root cannot be read.
        """
        directories = self.root.directories()
        return frozenset(
            encode(os.fsencode(f"/{name}/" if name in directories else f"/{name}"))
            for name in self.root.names()
        )

    @cached_property
    def packages(self) -> frozenset[str]:
        """The names of the Debian packages in the root.

        Raises:
            ImageError: the root cannot be read.
        """
        status = self.root.read("var/lib/dpkg/status").decode(errors="replace")
        return frozenset(package.name for package in apt.parse_status(status))

    @cached_property
    def suite(self) -> str:
        """The code name of the Debian release that the root is made of.

        Raises:
            ImageError: the root does not say.
        """
        release = self.root.read("etc/os-release").decode(errors="replace")
        if match := re.search(
            r"^(?:VERSION_CODENAME|DEBIAN_CODENAME)=\"?([a-z]+)\"?$", release, re.MULTILINE
        ):
            return match.group(1)
        version = self.root.read("etc/debian_version").decode(errors="replace").strip()
        codename = _CODENAMES.get(version.partition(".")[0])
        if codename is None:
            raise ImageError(
                f"{self.path}: cannot tell which Debian release this is (debian_version says {version!r})",
                expected=f"one of {', '.join(_CODENAMES.values())}",
            )
        return codename


def _squashfs(iso: iso9660.Iso) -> str:
    """The root's path: live-boot's usual name, else the first there is; empty when there is none."""
    names = [name for name in iso.names("/live") if name.lower().endswith(".squashfs")]
    usual = [name for name in names if name.lower() == "filesystem.squashfs"]
    return f"/live/{(usual or names)[0]}" if names else ""


def _not_live(path: Path, why: str) -> ImageError:
    return ImageError(
        f"{path} is an ISO without a live kernel: {why}",
        expected="a boot entry with a kernel and an initrd, and a root in /live, as live-boot has them",
        hint="is it a live image, and not an installer or a source disc?",
    )
