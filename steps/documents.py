"""Small real documents for scenarios to work on."""

from __future__ import annotations

import io
import zipfile
from html import escape

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

MAGIC = {
    "PDF document": b"%PDF-",
    "OpenDocument text": b"PK\x03\x04",
    "PNG picture": b"\x89PNG\r\n",
    "KeePass database": b"\x03\xd9\xa2\x9a",
}
"""How a file of each kind begins."""


def png(*, author: str = "", text: str = "") -> bytes:
    """A picture that names its author in its metadata, and has `text` written over it."""
    picture = Image.new("RGB", (480, 300), "skyblue")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((200, 90, 280, 170), fill="gold")
    draw.text((40, 210), text, fill="black", font=ImageFont.load_default(48))
    metadata = PngInfo()
    metadata.add_text("Author", author)
    data = io.BytesIO()
    picture.save(data, "PNG", pnginfo=metadata)
    return data.getvalue()


def html(text: str) -> bytes:
    """A web page that says `text` in large letters."""
    page = f"<!doctype html><meta charset=utf-8><title>{escape(text)}</title><h1>{escape(text)}</h1>"
    return page.encode()


def odt(text: str, *, author: str) -> bytes:
    """A letter as LibreOffice writes it, as small as one can be."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    kind = "application/vnd.oasis.opendocument.text"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    entries = {
        "content.xml": f'{head}<office:document-content xmlns:office="{office}:office:1.0"'
        f' xmlns:text="{office}:text:1.0" office:version="1.3"><office:body><office:text>'
        f"<text:p>{escape(text)}</text:p></office:text></office:body></office:document-content>",
        "meta.xml": f'{head}<office:document-meta xmlns:office="{office}:office:1.0"'
        f' xmlns:meta="{office}:meta:1.0" office:version="1.3"><office:meta>'
        f"<meta:initial-creator>{escape(author)}</meta:initial-creator></office:meta></office:document-meta>",
    }
    listed = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in entries
    )
    manifest = (
        f'{head}<manifest:manifest xmlns:manifest="{office}:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>{listed}'
        "</manifest:manifest>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", kind)  # the first entry, not compressed: the format's magic number
        for name, content in {**entries, "META-INF/manifest.xml": manifest}.items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def pdf(text: str, *, author: str = "") -> bytes:
    """A page that says `text` (no parentheses) in a font that every reader has built in."""
    content = f"BT /F1 48 Tf 72 640 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Author ({author}) >>".encode(),
    ]
    data = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(data)
