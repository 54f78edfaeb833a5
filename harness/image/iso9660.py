"""Reading files out of an ISO 9660 image by absolute path, whichever of its naming schemes it has."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from harness.errors import ImageError

_SECTOR = 2048


class Iso:
    """An open ISO; names are compared without regard to case, as boot loaders do."""

    def __init__(self, iso: pycdlib.PyCdlib) -> None:
        self._iso = iso
        if iso.has_rock_ridge():
            self._key = "rr_path"
        elif iso.has_joliet():
            self._key = "joliet_path"
        else:
            self._key = "iso_path"

    def label(self) -> str:
        """The volume's name."""
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
        """Whether there is anything at `path`."""
        return self.find(path) is not None

    def read(self, path: str) -> bytes:
        """The content of the file at `path`, which exists."""
        name = self.find(path)
        assert name is not None, path
        buffer = io.BytesIO()
        self._iso.get_file_from_iso_fp(buffer, **{self._key: name})
        return buffer.getvalue()

    def text(self, path: str) -> str | None:
        """The content of a text file, None when there is none."""
        return self.read(path).decode(errors="replace") if self.exists(path) else None

    def offset(self, path: str) -> int:
        """Where in the image the content of `path` starts, in bytes."""
        name = self.find(path)
        assert name is not None, path
        record = self._iso.get_record(**{self._key: name})
        return int(record.extent_location()) * _SECTOR

    def names(self, folder: str) -> list[str]:
        """The plain names in `folder`, sorted; none when it does not exist."""
        found = self.find(folder)
        return sorted(map(self._plain, self._children(found))) if found else []

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
def opened(path: Path) -> Iterator[Iso]:
    """The ISO at `path`, open for reading.

    Raises:
        ImageError: it is not an ISO 9660 image.
    """
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
        yield Iso(iso)
    finally:
        iso.close()
