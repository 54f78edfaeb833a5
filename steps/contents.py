"""Kinds of files: how one is made for a task, whether one that a task left is whole, and what it says."""

from __future__ import annotations

import io
import re
import wave
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape

from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from steps import documents

_KEEPASS = b"\x03\xd9\xa2\x9a"
_PNG_END = b"IEND\xaeB`\x82"
_PARAGRAPH = re.compile(r"</text:[ph]>")
_TAG = re.compile(r"<[^>]*>")


class NotWhole(ValueError):  # noqa: N818 - it may still be written
    """The data is no document of the kind, or only the beginning of one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Attributes:
        make: gives one that says a text, and of some kinds names its `author`; None if no task is given one.
        look: what `says` asks; None if nobody looks at one.
        silent: whether no text can be read in it.
    """

    make: Callable[..., bytes] | None = None
    look: Callable[[bytes, str], bool] | None = None
    silent: bool = False

    def is_whole(self, data: bytes) -> bool:
        """Whether `data` is a file of this kind from its beginning to its end."""
        return self.says(data, "")

    def says(self, data: bytes, text: str) -> bool:
        """Whether `data` is such a file and has `text` in it."""
        return self.look is not None and self.look(data, text)


def sound_seconds(data: bytes) -> float:
    """How long the sound of a WAV file lasts.

    Raises:
        NotWhole: it is none, or has not been written to its end.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            frames, rate = file.getnframes(), file.getframerate()
            size = file.getnchannels() * file.getsampwidth()
            there = len(file.readframes(frames)) // size
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise NotWhole(f"no WAV file: {error}") from error
    if there < frames or not rate:
        raise NotWhole(f"{there} frames of {frames} that its head tells of, {rate} a second")
    return float(frames / rate)


def _pdf(data: bytes) -> str:
    # ISO 32000-2, 7.5.5: a file ends with this line; what follows in some is white space.
    if not data.startswith(b"%PDF-") or not data.rstrip().endswith(b"%%EOF"):
        raise NotWhole("no PDF document from its head to its %%EOF")
    try:
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    except PyPdfError as error:
        raise NotWhole(f"no PDF document: {error}") from error


def _open_document(kind: str) -> Callable[[bytes], str]:
    """A zip archive that tells its type and has its text in one entry; OpenDocument 1.3, part 2, 3.3."""

    def read(data: bytes) -> str:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                told = archive.read("mimetype").decode()
                content = archive.read("content.xml").decode()
        except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
            raise NotWhole(f"no OpenDocument {kind}: {error}") from error
        if told != f"application/vnd.oasis.opendocument.{kind}":
            raise NotWhole(f"{told}, and no OpenDocument {kind}")
        return unescape(_TAG.sub("", _PARAGRAPH.sub("\n", content)))

    return read


def _png(data: bytes) -> str:
    # https://www.w3.org/TR/png-3/#11IEND; a decoder makes do without it.
    if not data.endswith(_PNG_END):
        raise NotWhole("no PNG picture, or not the end of one")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise NotWhole(f"no PNG picture: {error}") from error
    return ""


def _wav(data: bytes) -> str:
    if sound_seconds(data) <= 0:
        raise NotWhole("a WAV file without a sound in it")
    return ""


def _keepass(data: bytes) -> str:
    # Its end is known to nobody without the password.
    if not data.startswith(_KEEPASS):
        raise NotWhole("no KeePass database")
    return ""


def _reading(read: Callable[[bytes], str]) -> Callable[[bytes, str], bool]:
    """Looks for a text in what `read` gives, however its lines are broken."""

    def says(data: bytes, text: str) -> bool:
        try:
            return " ".join(text.split()) in " ".join(read(data).split())
        except NotWhole:
            return False

    return says


KINDS = {
    "file": Kind(lambda text: f"{text}\n".encode(), lambda data, text: text.encode() in data),
    "web page": Kind(documents.html),
    "film": Kind(documents.film),
    "picture": Kind(documents.png, _reading(_png), silent=True),
    "sound": Kind(look=_reading(_wav), silent=True),
    "PDF document": Kind(documents.pdf, _reading(_pdf)),
    "OpenDocument text": Kind(documents.odt, _reading(_open_document("text"))),
    "OpenDocument spreadsheet": Kind(look=_reading(_open_document("spreadsheet"))),
    "OpenDocument presentation": Kind(look=_reading(_open_document("presentation"))),
    "KeePass database": Kind(look=_reading(_keepass), silent=True),
}
