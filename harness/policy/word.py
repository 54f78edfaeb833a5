r"""The words that the kernel takes: names with or without wildcards, paths, domains.

Defined by `tomoyo_correct_word2`, `tomoyo_correct_path2`, `tomoyo_correct_domain` and `tomoyo_domain_def` in
the kernel's `security/tomoyo/util.c`. A word has the bytes 0x21 to 0x7E; a backslash begins `\\` (itself), an
octal number `\ooo` for a byte that may not stand for itself (an abstract socket's name begins with `\000`),
or a wildcard; `/\{dir\}/` repeats a directory.
"""

from __future__ import annotations

import re

# TOMOYO_EXEC_TMPSIZE less the room that tomoyo_assign_domain keeps.
MAX_DOMAIN_NAME = 4096 - 10

_ESCAPE = r"\\(?:[\\$+?*@xXaA-]|0(?:[0-3][0-7]|40)|177|[23][0-7][0-7])"
_WORD = re.compile(
    rf"(?>[!-.0-\[\]-~]++|{_ESCAPE}|/\\\{{(?>[!-.0-\[\]-~]++|{_ESCAPE})*\\\}}(?=/)|/(?!\\[{{]))+"
)
_WILDCARD = re.compile(r"\\[^\\0-3]")
# The kernel's matcher recurses over these, and bounds how many a word may have.
_RECURSIVE = re.compile(r"\\(?:\\|([*@$XA{}]))")
MAX_RECURSIONS = 20


def is_word(text: str) -> bool:
    """Whether the kernel takes this as a name or a pattern."""
    if _WORD.fullmatch(text) is None:
        return False
    return text.count("\\") <= MAX_RECURSIONS or first_fault(text) is None


def first_fault(text: str) -> int | None:
    """Where a text stops being a word, counted from 0; None for a word."""
    match = _WORD.match(text)
    end = match.end() if match is not None else 0
    if end < len(text) or not text:
        return end
    recursive = [found.start() for found in _RECURSIVE.finditer(text) if found[1]]
    return recursive[MAX_RECURSIONS] if len(recursive) > MAX_RECURSIONS else None


def has_wildcard(word: str) -> bool:
    r"""Whether the word is a pattern; `\\` and `\ooo` are bytes, no wildcards."""
    return "\\" in word and _WILDCARD.search(word.replace("\\\\", "")) is not None


def is_path(text: str) -> bool:
    """Whether the kernel takes this as a program's name: a word with a slash that no dot precedes.

    So `/usr/bin/cat` and `proc:/self/exe` are, and `./a` and `exec.realpath="/a"` are not.
    """
    slash = text.find("/")
    return slash >= 0 and "." not in text[:slash] and is_word(text)


def is_namespace(text: str) -> bool:
    """Whether the kernel takes this as a namespace: `<kernel>` or another word in angle brackets."""
    return len(text) > 2 and text[0] == "<" and text[-1] == ">" and is_word(text[1:-1])


def is_domain_name(text: str) -> bool:
    """Whether the kernel takes this as a domain's name: a namespace, then programs, each after one space."""
    namespace, *programs = text.split(" ")
    return is_namespace(namespace) and len(text) < MAX_DOMAIN_NAME and all(is_path(part) for part in programs)
