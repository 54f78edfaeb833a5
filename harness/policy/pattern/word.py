"""A pattern taken apart: what each escape of a TOMOYO word stands for.

A name, as TOMOYO writes it, is a sequence of bytes: the printable ASCII characters stand for
themselves, a backslash is written twice, every other byte is a backslash and three octal digits.
A pattern is such a word with wildcards in it. Source: tomoyo_encode2() and tomoyo_correct_word2()
in the kernel's security/tomoyo; `tests/oracle` holds this module against that code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from harness.errors import PolicyError
from harness.policy.word import MAX_RECURSIONS, first_fault

ANY = frozenset(range(256)) - {ord("/")}
NO_DOT = ANY - {ord(".")}
DIGIT = frozenset(b"0123456789")
HEX = frozenset(b"0123456789abcdefABCDEF")
LETTER = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

_CONSTANT = re.compile(r"(?:[^\\]|\\\\|\\[0-3][0-7]{2})*")
_MARK = re.compile(r"\\[0-7]{3}|\\.|[^\\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Atom:
    """One byte out of `chars`, or any number of them if `star`."""

    chars: frozenset[int]
    star: bool = False


Atoms = tuple[Atom, ...]

_WILDCARDS: dict[str, Atoms] = {
    "?": (Atom(ANY),),
    "*": (Atom(ANY, star=True),),
    "@": (Atom(NO_DOT, star=True),),
    "+": (Atom(DIGIT),),
    "$": (Atom(DIGIT), Atom(DIGIT, star=True)),
    "x": (Atom(HEX),),
    "X": (Atom(HEX), Atom(HEX, star=True)),
    "a": (Atom(LETTER),),
    "A": (Atom(LETTER), Atom(LETTER, star=True)),
}


@dataclass(frozen=True, slots=True)
class Component:
    r"""What stands between two slashes: `wanted`, less each of `unwanted` (from `A\-B\-C`).

    `repeated` marks `\{…\}`, which takes one or more components that are each followed by a slash.
    """

    wanted: Atoms
    unwanted: tuple[Atoms, ...] = ()
    repeated: bool = False

    @property
    def is_stars(self) -> bool:
        r"""Whether only `\*` and `\@` stand here: the kernel lets such an end of a pattern be missing."""
        return bool(self.wanted) and not self.unwanted and all(atom.star for atom in self.wanted)


@dataclass(frozen=True, slots=True)
class Word:
    """A pattern as the kernel's matcher sees it.

    Attributes:
        text: the word as written.
        constant: its beginning up to the first wildcard, which the kernel compares as a string.
        components: what follows, split at slashes; the first may be the rest of a component. Empty when
            the word has no wildcard.
        directory: whether the word ends in a slash; it then admits only names that do, and the last of
            `components` is empty.
    """

    text: str
    constant: str
    components: tuple[Component, ...]
    directory: bool

    @property
    def is_patterned(self) -> bool:
        """Whether the word has a wildcard; without one it admits exactly itself."""
        return bool(self.components)

    @property
    def constant_alone(self) -> bool:
        r"""Whether the name that is just `constant` is admitted.

        The kernel never enters its loop over components when nothing is left of the name; what is left
        of the pattern must then be stars. So `/a\*` admits `/a`, but `/a\*\-b` does not.
        """
        return len(self.components) == 1 and self.components[0].is_stars and not self.constant.endswith("/")

    @property
    def last_optional(self) -> bool:
        r"""Whether the last component and the slash before it may be missing: `/\*/\*` admits `/a`.

        The kernel skips stars that are left over when the name ends, without asking whether the name has
        the slash in front of them.
        """
        return len(self.components) > 1 and self.components[-1].is_stars and not self.components[-2].repeated


@lru_cache(maxsize=65536)
def parse_word(text: str) -> Word:
    """Take a word apart.

    Raises:
        PolicyError: the kernel would refuse the word.
    """
    _check(text)
    constant = _constant(text)
    rest = text[len(constant) :]
    components = tuple(_component(part) for part in rest.split("/")) if rest else ()
    return Word(text, constant, components, text.endswith("/"))


def is_patterned(text: str) -> bool:
    """Whether a word has a wildcard."""
    return len(_constant(text)) < len(text)


def decode(name: str) -> bytes | None:
    """The bytes that a name stands for; None when it is not written as TOMOYO writes names."""
    if "\\" not in name:
        return name.encode("latin-1", "replace")
    if _constant(name) != name:
        return None
    return bytes(ord(mark[-1]) if len(mark) < 4 else int(mark[1:], 8) for mark in _MARK.findall(name))


def encode(raw: bytes) -> str:
    """How TOMOYO writes a name."""
    return "".join(
        "\\\\" if byte == 0x5C else chr(byte) if 0x20 < byte < 0x7F else f"\\{byte:03o}" for byte in raw
    )


def _constant(text: str) -> str:
    match = _CONSTANT.match(text)
    assert match is not None
    return match.group()


def _check(text: str) -> None:
    at = first_fault(text)
    if at is not None:
        raise PolicyError(
            f"{text[at : at + 4]!r} in the word {text!r}" if text else "an empty word",
            column=at + 1,
            expected=r"printable ASCII, \\, \ooo for other bytes, a wildcard, \{…\} between two slashes; "
            rf"at most {MAX_RECURSIONS} of \* \@ \$ \X \A \{{ \}}",
        )


def _component(text: str) -> Component:
    repeated = text.startswith(r"\{")
    parts: list[list[Atom]] = [[]]
    for mark in _MARK.findall(text[2:-2] if repeated else text):
        if mark == r"\-":
            parts.append([])
        elif len(mark) == 2 and mark[1] in _WILDCARDS:
            for atom in _WILDCARDS[mark[1]]:
                _append(parts[-1], atom)
        else:
            byte = decode(mark)
            assert byte is not None
            parts[-1].append(Atom(frozenset(byte)))
    return Component(tuple(parts[0]), tuple(tuple(part) for part in parts[1:]), repeated)


def _append(atoms: list[Atom], atom: Atom) -> None:
    """Add an atom; two stars in a row become one when the wider takes all that the narrower does."""
    if atom.star and atoms and atoms[-1].star:
        if atom.chars <= atoms[-1].chars:
            return
        if atom.chars >= atoms[-1].chars:
            atoms.pop()
    atoms.append(atom)
