import string

import pytest

from harness.user.keys import SHIFT, combination, keysym, strokes


@pytest.mark.parametrize(
    ("names", "keysyms"),
    [
        ("super", [0xFFEB]),
        ("Return", [0xFF0D]),
        ("F2", [0xFFBF]),
        ("F12", [0xFFC9]),
        ("ctrl-alt-t", [0xFFE3, 0xFFE9, ord("t")]),
        ("ctrl-S", [0xFFE3, ord("s")]),
        ("ctrl-shift-t", [0xFFE3, SHIFT, ord("T")]),
        ("alt-F4", [0xFFE9, 0xFFC1]),
        ("A", [SHIFT, ord("A")]),
        ("-", [ord("-")]),
        ("ctrl--", [0xFFE3, ord("-")]),
        ("ctrl-minus", [0xFFE3, ord("-")]),
    ],
)
def test_combinations(names: str, keysyms: list[int]) -> None:
    assert combination(names) == keysyms


def test_every_printable_character_can_be_typed() -> None:
    printable = string.ascii_letters + string.digits + string.punctuation + " "
    for character, keys in zip(printable, strokes(printable), strict=True):
        assert keys[-1] == ord(character)
        assert len(keys) == 1 or keys[0] == SHIFT


def test_capitals_and_symbols_need_shift_and_the_rest_does_not() -> None:
    assert [len(keys) for keys in strokes("aA1!-_;:\n")] == [1, 2, 1, 2, 1, 2, 1, 2, 1]


@pytest.mark.parametrize("name", ["nokey", "ü", ""])
def test_a_key_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"called {name!r}"):
        keysym(name)


def test_a_character_that_is_not_there_stops_before_anything_is_typed() -> None:
    with pytest.raises(ValueError, match="'ü' cannot be typed"):
        strokes("Tür")
