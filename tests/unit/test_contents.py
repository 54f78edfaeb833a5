"""What a task left is read to its end, and half of it is nothing."""

from __future__ import annotations

import pytest

from steps import contents, documents

KETTLE = "The kettle is on"
WHOLE = {
    "picture": (documents.png(KETTLE), ""),
    "PDF document": (documents.pdf(KETTLE), KETTLE),
    "OpenDocument text": (documents.odt(KETTLE, author="Alice"), KETTLE),
    "sound": (documents.sound(1), ""),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_document_is_of_one_kind_and_says_what_stands_in_it(kind: str) -> None:
    data, text = WHOLE[kind]
    assert [name for name, one in contents.KINDS.items() if one.is_whole(data)] == ["file", kind]
    assert contents.KINDS[kind].says(data, text)
    assert not contents.KINDS[kind].says(data, "The teapot is on")


@pytest.mark.parametrize("kind", WHOLE)
def test_half_a_document_is_none(kind: str) -> None:
    data, _text = WHOLE[kind]
    for size in (0, 8, len(data) // 2, len(data) - 12):
        assert not contents.KINDS[kind].is_whole(data[:size])


def test_of_a_file_every_byte_is_looked_at() -> None:
    file = contents.KINDS["file"]
    assert file.says(documents.png(author="Alice"), "Alice")
    assert not file.says(b"The kettle\nis on", KETTLE)


@pytest.mark.parametrize("kind", ["PDF document", "OpenDocument text"])
def test_what_is_made_says_what_it_should(kind: str) -> None:
    one = contents.KINDS[kind]
    assert one.make is not None
    assert one.says(one.make(KETTLE), KETTLE)
    assert one.says(one.make(KETTLE, author="Alice"), KETTLE)


def test_lines_may_be_broken_anywhere() -> None:
    letter = documents.odt("The kettle\n   is on", author="Alice")
    assert contents.KINDS["OpenDocument text"].says(letter, KETTLE)


def test_how_long_a_sound_lasts_is_read_from_it() -> None:
    assert contents.sound_seconds(documents.sound(3)) == 3
    with pytest.raises(contents.NotWhole, match="no WAV file"):
        contents.sound_seconds(documents.sound()[:20])
