"""Small real documents for scenarios to work on."""

from __future__ import annotations

import io
import math
import tempfile
import wave
import zipfile
from html import escape
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

_FILM_SECONDS = 20
_SOUND_RATE = 8000


def png(text: str = "", *, author: str = "") -> bytes:
    """A picture that names its author in its metadata, and has `text` written over it."""
    metadata = PngInfo()
    metadata.add_text("Author", author)
    data = io.BytesIO()
    _picture(text).save(data, "PNG", pnginfo=metadata)
    return data.getvalue()


def _picture(text: str) -> Image.Image:
    picture = Image.new("RGB", (480, 300), "skyblue")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((200, 90, 280, 170), fill="gold")
    draw.text((40, 210), text, fill="black", font=ImageFont.load_default(48))
    return picture


def film(text: str) -> bytes:
    """A film in which `text` stands still for 20 s: AVI with Motion JPEG, a picture a second."""
    picture = np.asarray(_picture(text))[:, :, ::-1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film.avi")
        height, width, _colours = picture.shape
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 1, (width, height))
        for _ in range(_FILM_SECONDS):
            writer.write(picture)
        writer.release()
        return path.read_bytes()


def sound(seconds: int = 1) -> bytes:
    """So many seconds of a whistle, as WAV."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(_SOUND_RATE)
        steps = range(seconds * _SOUND_RATE)
        file.writeframes(
            bytes(128 + round(60 * math.sin(step * 2 * math.pi * 880 / _SOUND_RATE)) for step in steps)
        )
    return data.getvalue()


def feed(title: str, entry: str) -> bytes:
    """A feed with one entry, as RSS 2.0 (https://www.rssboard.org/rss-specification)."""
    told = escape(entry)
    item = f"<item><title>{told}</title><link>/1</link><guid>1</guid><description>{told}</description></item>"
    channel = f"<title>{escape(title)}</title><link>/</link><description>{escape(title)}</description>{item}"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}</channel></rss>'.encode()


def upload_page(title: str) -> bytes:
    """A web page that sends a file to where it came from."""
    fields = "<input type=file name=file><p><button>Send it</button>"
    return html(title) + f"<form method=post enctype=multipart/form-data>{fields}</form>".encode()


def sound_page(title: str, path: str) -> bytes:
    """A web page that plays the sound at `path`, and says so when it is over."""
    script = (
        f"<audio src={path} onended=\"document.body.append('That was all')\"></audio>"
        "<p><button onclick=\"document.querySelector('audio').play()\">Play it</button><p>"
    )
    return html(title) + script.encode()


def html(text: str) -> bytes:
    """A web page that says `text` in large letters."""
    page = f"<!doctype html><meta charset=utf-8><title>{escape(text)}</title><h1>{escape(text)}</h1>"
    return page.encode()


def odt(text: str, *, author: str = "") -> bytes:
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
