"""A sentence with choices and options takes what its words say, and nothing else."""

from __future__ import annotations

import pytest

from steps.sentence import Sentence

LEAFLET = Sentence(
    'the {kind:file|PDF document} "{path}"[, (written|taken) by "{author}",][ that says "{text...}"]'
)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ('the file "a"', ("file", "a", "", "")),
        ('the file "a" that says "b"', ("file", "a", "", "b")),
        ('the PDF document "a", written by "c", that says "b"', ("PDF document", "a", "c", "b")),
        ('the PDF document "a", taken by "c", that says "b"', ("PDF document", "a", "c", "b")),
        ("""the file "a" that says "<b c="d">\"""", ("file", "a", "", '<b c="d">')),
    ],
)
def test_what_is_left_out_is_empty(said: str, fields: tuple[str, ...]) -> None:
    assert LEAFLET.is_matching(said)
    assert LEAFLET.parse_arguments(said) == dict(zip(("kind", "path", "author", "text"), fields, strict=True))


@pytest.mark.parametrize(
    "said",
    [
        'the letter "a"',
        'the file ""',
        'the file "a" that says',
        'the file "a", painted by "c", that says "b"',
        'and the file "a"',
        'the file "a" exists',
        'the file "a" that sais "b"',
    ],
)
def test_other_words_are_another_sentence(said: str) -> None:
    assert not LEAFLET.is_matching(said)
    assert LEAFLET.parse_arguments(said) is None


def test_what_is_no_sign_means_itself() -> None:
    assert Sentence("I wait. It is 5+3").is_matching("I wait. It is 5+3")
    assert not Sentence("I wait.").is_matching("I wait!")
