"""A live ISO as it was handed in: what it boots, and the root that it carries. Never written to."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from harness.errors import ImageError
from harness.image import apt, cache
from harness.image.bootconfig import BootEntry, default_entry
from harness.image.squashfs import Squashfs

_SECTOR = 2048
_CHUNK = 1 << 22
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
            raise ImageError(f"no such image: {path}", hint="build one: `tomograph image build`")
        with _opened(path) as iso:
            entry = default_entry(iso.text)
            if entry is None:
                raise _not_live(path, "no boot loader in it starts a kernel")
            parts = (entry.kernel, *(entry.initrds or ("an initrd",)))
            missing = [name for name in parts if not iso.exists(name)]
            if missing:
                raise _not_live(path, f"{entry.source} boots what is not there: {', '.join(missing)}")
            squashfs = iso.squashfs()
            if not squashfs:
                raise _not_live(path, "there is no squashfs in /live")
            return cls(path, sha256(path), iso.label(), entry, squashfs)

    def kernel(self) -> bytes:
        """The kernel's image."""
        with _opened(self.path) as iso:
            return iso.bytes(self.entry.kernel)

    def initrd(self) -> bytes:
        """The initrd: its parts end to end, as the boot loader lays them in memory."""
        with _opened(self.path) as iso:
            return b"".join(iso.bytes(name) for name in self.entry.initrds)

    @cached_property
    def root(self) -> Squashfs:
        """The live system's root.

        Raises:
            ImageError: what is there is not a squashfs.
        """
        with _opened(self.path) as iso:
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


def _not_live(path: Path, why: str) -> ImageError:
    return ImageError(
        f"{path} is an ISO without a live kernel: {why}",
        expected="an isolinux or GRUB entry with a kernel and an initrd, and a root in /live, as live-boot has them",
        hint="is it a live image, and not an installer or a source disc?",
    )


class _Iso:
    """An open ISO seen by absolute paths, whichever of the naming schemes it has."""

    def __init__(self, iso: pycdlib.PyCdlib) -> None:
        self._iso = iso
        if iso.has_rock_ridge():
            self._key = "rr_path"
        elif iso.has_joliet():
            self._key = "joliet_path"
        else:
            self._key = "iso_path"

    def label(self) -> str:
        return str(self._iso.pvd.volume_identifier.decode(errors="replace").strip())

    def find(self, path: str) -> str | None:
        """The path as it is written in the image; FAT and plain ISO 9660 made people careless about case."""
        if not path.startswith("/"):
            return None
        found = ""
        for part in filter(None, path.split("/")):
            match = {self._plain(name).lower(): name for name in self._children(found or "/")}
            exact = match.get(part.lower())
            if exact is None:
                return None
            found = f"{found}/{exact}"
        return found

    def exists(self, path: str) -> bool:
        return self.find(path) is not None

    def bytes(self, path: str) -> bytes:
        name = self.find(path)
        assert name is not None, path
        buffer = io.BytesIO()
        self._iso.get_file_from_iso_fp(buffer, **{self._key: name})
        return buffer.getvalue()

    def text(self, path: str) -> str | None:
        return self.bytes(path).decode(errors="replace") if self.exists(path) else None

    def offset(self, path: str) -> int:
        name = self.find(path)
        assert name is not None, path
        record = self._iso.get_record(**{self._key: name})
        return int(record.extent_location()) * _SECTOR

    def squashfs(self) -> str:
        """The root's path: live-boot's usual name, else the first there is; empty when there is none."""
        folder = self.find("/live")
        names = sorted(map(self._plain, self._children(folder))) if folder else []
        found = [f"/live/{name}" for name in names if name.lower().endswith(".squashfs")]
        return next((name for name in found if name.endswith("/filesystem.squashfs")), next(iter(found), ""))

    def _children(self, folder: str) -> list[str]:
        record = self._iso.get_record(**{self._key: folder})
        if not record.is_dir():
            return []
        children = self._iso.list_children(**{self._key: folder})
        return [self._name(child) for child in children if not (child.is_dot() or child.is_dotdot())]

    def _name(self, record: pycdlib.dr.DirectoryRecord) -> str:
        if self._key == "rr_path":
            assert record.rock_ridge is not None
            return str(record.rock_ridge.name().decode(errors="replace"))
        encoding = "utf-16-be" if self._key == "joliet_path" else "ascii"
        return str(record.file_identifier().decode(encoding, errors="replace"))

    @staticmethod
    def _plain(name: str) -> str:
        """`VMLINUZ.;1` is called vmlinuz."""
        return name.partition(";")[0].rstrip(".")


@contextmanager
def _opened(path: Path) -> Iterator[_Iso]:
    iso = pycdlib.PyCdlib()
    try:
        iso.open(str(path))
    except (PyCdlibException, OSError) as error:
        raise ImageError(
            f"{path} is not an ISO: {error}",
            expected="an ISO 9660 image",
            hint="is the download complete? a .img for USB sticks cannot be used",
        ) from error
    try:
        yield _Iso(iso)
    finally:
        iso.close()


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file; remembered for as long as its size and time stay."""
    state = path.stat()
    seen = {"size": state.st_size, "mtime_ns": state.st_mtime_ns}
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]
    memo = cache.root() / "sha256" / f"{name}.json"
    try:
        known = json.loads(memo.read_text())
        if known["seen"] == seen:
            return str(known["sha256"])
    except (OSError, ValueError, KeyError):
        pass  # not seen before, or an unreadable note: reading the file again is always right
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    memo.parent.mkdir(parents=True, exist_ok=True)
    fresh = memo.with_suffix(f".{digest.hexdigest()[:8]}")
    fresh.write_text(json.dumps({"path": str(path), "seen": seen, "sha256": digest.hexdigest()}))
    fresh.replace(memo)
    return digest.hexdigest()
