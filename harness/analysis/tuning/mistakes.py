"""What is wrong in a file of tuning rules or domains, in the words of whoever wrote the TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.errors import PolicyError

_LONGEST = 60
_PLACE = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)")
_A_LIST = "a list of texts in brackets, such as ['/srv/\\*'], even of one"

_EXPECTED = {
    "name": "small letters, digits and single hyphens between them, such as my-rule",
    "reason": "a text of ten characters or more, for whoever reviews it",
    "directives": "a list of texts, such as ['file read', 'network unix'], even of one",
    "word": "name, target, argument or variable",
    "group": "a number from 0 to 255",
    "rules": "a list of lines of policy, such as ['misc env LANG'], even of one",
    "lines": "a list of lines, such as ['initialize_domain /usr/bin/gpg from any'], even of one",
    "moves-domains": "true or false, without quotes",
    **dict.fromkeys(("domains", "within", "patterns"), _A_LIST),
    **dict.fromkeys(("match", "pattern", "ports", "addresses"), "a text in quotes"),
}


class MistakeError(ValueError):
    """What a check of one value has to say; pydantic carries a ValueError to the end."""

    def __init__(self, seen: str, *, expected: str = "", hint: str = "") -> None:
        super().__init__(seen)
        self.expected = expected
        self.hint = hint


def no_toml(error: tomllib.TOMLDecodeError, source: str, tables: Iterable[str]) -> PolicyError:
    """The error for a text that is no TOML."""
    place = _PLACE.search(str(error))
    return PolicyError(
        f"no TOML: {_PLACE.sub('', str(error))}",
        source=source,
        line=int(place[1]) if place else 0,
        column=int(place[2]) if place else 0,
        expected=f"{_headings(tables)}, and patterns in single quotes, where TOML reads no backslash",
    )


def mistaken(
    error: ValidationError, document: Mapping[str, Any], model: type[BaseModel], source: str
) -> PolicyError:
    """The first of a document's mistakes, with the name of its rule and what is expected there.

    Args:
        error: what pydantic found.
        document: what was read, which has the names.
        model: of the file: its fields are lists of tables.
        source: the file.
    """
    tables = {name: get_args(field.annotation)[0] for name, field in model.model_fields.items()}
    errors = error.errors()
    first = errors[0]
    in_entry = len(first["loc"]) > 1
    told = _about_entry(first, document, tables) if in_entry else _about_tables(first, tables)
    told.source = source
    if not told.hint and len(errors) > 1:
        told.hint = f"mend this one first; mistakes beside it: {len(errors) - 1}"
    return told


def _about_tables(error: ErrorDetails, tables: Mapping[str, type[BaseModel]]) -> PolicyError:
    name = str(error["loc"][0]) if error["loc"] else ""
    expected = _headings(tables)
    if error["type"] == "extra_forbidden":
        return PolicyError(f"there is no {name!r} here", expected=expected, hint=nearest(name, tables))
    if error["type"] in ("missing", "too_short"):
        return PolicyError(f"there is no {name} in it", expected=expected)
    if isinstance(error["input"], dict):
        return PolicyError(
            f"[{name}] is a single table", expected=f"[[{name}]], in two brackets, before each"
        )
    return PolicyError(f"{name} is {_shown(error['input'])}", expected=expected)


def _about_entry(
    error: ErrorDetails, document: Mapping[str, Any], tables: Mapping[str, type[BaseModel]]
) -> PolicyError:
    table, index, *inside = error["loc"]
    who = _called(str(table), document[str(table)], int(index))
    key = str(inside[0]) if inside else ""
    known = [field.alias or name for name, field in tables[str(table)].model_fields.items()]
    numbered = f"{key}, number {int(inside[1]) + 1}" if len(inside) > 1 else key
    value = f"{who}: {numbered}" if key else who
    if error["type"] == "extra_forbidden":
        return PolicyError(
            f"{who} has a key {key!r}, which there is not",
            expected=", ".join(known),
            hint=nearest(key, known),
        )
    if error["type"] == "missing":
        return PolicyError(f"{who} has no {key}", expected=_EXPECTED.get(key, ""))
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, MistakeError):
        return PolicyError(f"{value}: {cause}", expected=cause.expected, hint=cause.hint)
    expected = _EXPECTED.get(key) or error["msg"]
    return PolicyError(f"{value} is {_shown(error['input'])}", expected=expected)


def nearest(word: str, known: Iterable[str]) -> str:
    """Which of the known words may have been meant; empty where none is like it."""
    found = get_close_matches(word, list(known), n=1)
    return f"perhaps {found[0]!r} was meant" if found else ""


def _called(table: str, entries: object, index: int) -> str:
    """An entry by its name, or by its number from 1."""
    entry = entries[index] if isinstance(entries, list) else None
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"{table} {name!r}" if isinstance(name, str) else f"{table} {index + 1}"


def _headings(tables: Iterable[str]) -> str:
    return " and ".join(f"[[{name}]]" for name in tables) + " before each entry"


def _shown(value: object) -> str:
    """A value as TOML has it, cut where it is long."""
    if isinstance(value, dict):
        return "a table"
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\N{HORIZONTAL ELLIPSIS}"
