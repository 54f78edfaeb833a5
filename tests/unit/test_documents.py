"""The documents that scenarios work on are what they say."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import cv2

from harness.user.likeness import reads_as
from harness.user.picture import Picture
from harness.user.reading import Tesseract
from steps import documents


def test_a_film_shows_what_it_says_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "film.avi").write_bytes(documents.film("The kettle is on"))
    film = cv2.VideoCapture(str(tmp_path / "film.avi"))
    pictures = []
    while (read := film.read())[0]:
        pictures.append(Picture(read[1][:, :, ::-1].copy()))
    assert len(pictures) / film.get(cv2.CAP_PROP_FPS) == 20
    for picture in (pictures[0], pictures[-1]):
        text = " ".join(line.text for line in Tesseract().read(picture))
        assert reads_as(text, "The kettle is on")


def test_a_sound_lasts_a_second_and_can_be_heard() -> None:
    with wave.open(BytesIO(documents.sound())) as sound:
        assert sound.getnframes() == sound.getframerate()
        loud = sound.readframes(sound.getnframes())
    assert (min(loud), max(loud)) == (68, 188)


def test_a_feed_has_one_entry() -> None:
    channel = ElementTree.fromstring(documents.feed("news.example", "Tea & milk")).find("channel")
    assert channel is not None
    assert channel.findtext("title") == "news.example"
    assert [item.findtext("title") for item in channel.iter("item")] == ["Tea & milk"]
