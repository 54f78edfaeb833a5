"""Does a name match a pattern: the kernel's tomoyo_path_matches_pattern(), compiled.

A pattern becomes a regular expression. Where backtracking could take long (many stars in one
component) the automaton of `language` answers instead, so no pattern and no name hangs.
"""

from __future__ import annotations

import re
from functools import lru_cache

from harness.policy.pattern.language import accepts
from harness.policy.pattern.word import (
    ANY,
    DIGIT,
    HEX,
    LETTER,
    NO_DOT,
    Atoms,
    Component,
    Word,
    encode,
    is_patterned,
    parse_word,
)

_MOST_STARS = 3
"""Stars in one component, or repetitions in one pattern, that a regular expression may backtrack over."""

_ESCAPE = r"\\(?:\\|[0-3][0-7]{2})"
_ONE = {
    ANY: rf"(?:[^/\\]|{_ESCAPE})",
    NO_DOT: rf"(?:[^/.\\]|{_ESCAPE})",
    DIGIT: "[0-9]",
    HEX: "[0-9A-Fa-f]",
    LETTER: "[A-Za-z]",
}
# Stars over escapes are unrolled: names hardly ever hold an escape, so the first part takes it all.
_STAR = {
    ANY: rf"[^/\\]*(?:{_ESCAPE}[^/\\]*)*",
    NO_DOT: rf"[^/.\\]*(?:{_ESCAPE}[^/.\\]*)*",
    DIGIT: "[0-9]*",
    HEX: "[0-9A-Fa-f]*",
    LETTER: "[A-Za-z]*",
}


class Pattern:
    """A compiled pattern. Two are equal when their words are.

    Raises:
        PolicyError: the kernel would refuse the word.
    """

    __slots__ = ("_expression", "word")

    def __init__(self, text: str) -> None:
        self.word = parse_word(text)
        self._expression = re.compile(_expression(self.word)) if _is_tame(self.word) else None

    def matches(self, name: str) -> bool:
        """Whether the kernel lets a name, written as TOMOYO writes it, match."""
        if not self.word.components:
            return name == self.word.text
        if self._expression is None:
            return accepts(self.word, name)
        return self._expression.fullmatch(name) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.word.text == self.word.text

    def __hash__(self) -> int:
        return hash(self.word.text)

    def __repr__(self) -> str:
        return f"Pattern({self.word.text!r})"


@lru_cache(maxsize=65536)
def compile_pattern(text: str) -> Pattern:
    """The compiled pattern of a word, remembered.

    Raises:
        PolicyError: the kernel would refuse the word.
    """
    return Pattern(text)


def matches(pattern: str, name: str) -> bool:
    """Whether the kernel lets `name` match `pattern`, both written as TOMOYO writes them.

    Raises:
        PolicyError: the kernel would refuse the pattern.
    """
    if not is_patterned(pattern):
        return pattern == name
    return compile_pattern(pattern).matches(name)


def _is_tame(word: Word) -> bool:
    parts = [part for item in word.components for part in (item.wanted, *item.unwanted)]
    most_stars = max((sum(atom.star for atom in part) for part in parts), default=0)
    return most_stars <= _MOST_STARS and sum(item.repeated for item in word.components) <= _MOST_STARS


def _expression(word: Word) -> str:
    pieces = [re.escape(word.constant)]
    if not word.constant_alone:
        pieces.append(r"(?!\Z)")
    last = len(word.components) - 1
    for index, component in enumerate(word.components):
        body = _component(component)
        if component.repeated:
            body = f"(?:{body}/)+"
        elif index < last - word.last_optional:
            body += "/"
        elif index == last and word.last_optional:
            body = f"(?:/{body})?"
        pieces.append(body)
    if not word.directory:
        pieces.append("(?<!/)")
    return "".join(pieces)


def _component(component: Component) -> str:
    refused = "".join(rf"(?!{_atoms(part)}(?:/|\Z))" for part in component.unwanted)
    return refused + _atoms(component.wanted)


def _atoms(atoms: Atoms) -> str:
    return "".join(
        (_STAR if atom.star else _ONE)[atom.chars]
        if len(atom.chars) > 1
        else re.escape(encode(bytes(atom.chars)))
        for atom in atoms
    )
