import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.user.likeness import fold, reads_as, similarity, spans


def found(line: str, wanted: str, *, exact: bool = False) -> list[str]:
    words = line.split()
    return [" ".join(words[span.start : span.stop]) for span in spans(words, wanted, exact=exact)]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("File Edit View", "Edit"),
        ("Text Ed itor", "Text Editor"),
        ("TextEditor", "Text Editor"),
        ("Appl1cati0ns Places", "Applications"),
        ("Untitled Docurnent 1", "Untitled Document"),
        ("*Save…", "Save"),
        ("Cance1", "Cancel"),
        ("Metadeta Cleaner", "Metadata Cleaner"),
        ("“Save”", "Save"),
    ],
)
def test_what_recognition_confuses_is_forgiven(line: str, wanted: str) -> None:
    assert found(line, wanted)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Saved", "Save"),
        ("Cave", "Save"),
        ("Open", "Pen"),
        ("Delete", "Select"),
        ("Do not save", "Do not share"),
        ("Text", "Text Editor"),
    ],
)
def test_another_word_is_another_word(line: str, wanted: str) -> None:
    assert not found(line, wanted)


def test_exact_forgives_nothing_but_marks_at_the_ends() -> None:
    assert found("(Save) save Save", "Save", exact=True) == ["(Save)", "Save"]
    assert not found("Appl1cations", "Applications", exact=True)
    assert not found("TextEditor", "Text Editor", exact=True)


def test_every_place_is_found_and_none_overlap() -> None:
    assert found("Save the file or Save as", "Save") == ["Save", "Save"]
    assert found("no no no", "no no") == ["no no"]


def test_the_best_place_comes_first() -> None:
    assert found("Metadeta Cleaner Metadata Cleaner", "Metadata Cleaner")[0] == "Metadata Cleaner"


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        spans(["a"], " ", exact=False)


@pytest.mark.parametrize(
    ("read", "typed"),
    [
        ("writer", "writer"),
        ("gpg --arrnor --export", "gpg --armor --export"),
        ("$ ls -l /usr/share|", "ls -l /usr/share"),
        ("The quick brown fox jumps 0ver the lazy dog", "The quick brown fox jumps over the lazy dog"),
        ("Username alice e-mail", "alice"),
        ("Mail|", "Mail"),
        ("amnesia@amnesia:~$ g nome-text-editor recipe.txt", "gnome-text-editor recipe.txt"),
        ("@ kettle that sings", "a kettle that sings"),
    ],
)
def test_typed_text_is_recognised(read: str, typed: str) -> None:
    assert reads_as(read, typed)


@pytest.mark.parametrize(
    ("read", "typed"),
    [
        ("iter", "writer"),
        ("wrter", "writer"),
        ("wwriter", "writer"),
        ("The quick brwn fox jumps over the lazy dog", "The quick brown fox jumps over the lazy dog"),
        ("", "writer"),
        ("Username alicee Domain", "alice"),
        ("amnesia@amnesia:~ $ nome-text-editor recipe.txt", "gnome-text-editor recipe.txt"),
        ("amnesia@amnesia:~ S nome-text-editor recipe.txt", "gnome-text-editor recipe.txt"),
    ],
)
def test_a_lost_or_doubled_key_is_noticed(read: str, typed: str) -> None:
    assert not reads_as(read, typed)


@given(st.text(max_size=12), st.text(max_size=12))
def test_similarity_is_a_symmetric_share(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == similarity(other, one)
    assert (similarity(one, other) == 1) == (one == other)


@given(st.text(max_size=20))
def test_space_around_a_text_does_not_count(text: str) -> None:
    assert fold(f" {text} ") == fold(text)
