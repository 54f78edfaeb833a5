"""The conditions at the end of a rule (`tomoyo_get_condition`, `security/tomoyo/condition.c`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.errors import PolicyError
from harness.policy.operand import (
    MAX_NUMBER,
    Group,
    NumberRange,
    parse_group,
    parse_number_range,
    parse_numbers,
)
from harness.policy.word import is_word

_TASK = tuple(
    f"task.{name}" for name in ("uid", "euid", "suid", "fsuid", "gid", "egid", "sgid", "fsgid", "pid", "ppid")
)
_TYPES = ("socket", "symlink", "file", "block", "directory", "char", "fifo")
_MODES = (
    *("setuid", "setgid", "sticky"),
    *(f"{who}_{what}" for who in ("owner", "group", "others") for what in ("read", "write", "execute")),
)
_OBJECT = ("uid", "gid", "ino", "major", "minor", "perm", "type", "dev_major", "dev_minor")
_PARENT = ("uid", "gid", "ino", "perm")
NAMES = ("exec.realpath", "symlink.target")
KEYWORDS = frozenset(
    {
        *_TASK,
        *("exec.argc", "exec.envc"),
        *_TYPES,
        *_MODES,
        *NAMES,
        *(f"{path}.{name}" for path in ("path1", "path2") for name in _OBJECT),
        *(f"{path}.parent.{name}" for path in ("path1", "path2") for name in _PARENT),
    }
)

_ARGUMENT = re.compile(r"exec\.argv\[(.*)\]")
_VARIABLE = re.compile(r'exec\.envp\["(.*)"\]')
_INDEX = re.compile(r"0|[1-9][0-9]*|0[89][0-9]*")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers, at least one of them an attribute: `task.uid=0-999`, `path1.uid=task.uid`.

    Attributes:
        left: a word out of `KEYWORDS`, or numbers.
        equals: `=`; otherwise `!=`.
        right: a word out of `KEYWORDS`, numbers, or a number group.
    """

    left: str | NumberRange
    equals: bool
    right: str | NumberRange | Group

    def __str__(self) -> str:
        return f"{self.left}{_sign(self.equals)}{self.right}"


@dataclass(frozen=True, slots=True)
class NameCondition:
    """`exec.realpath="…"` or `symlink.target="…"`: an attribute of `NAMES`, and a pattern or a path group."""

    attribute: str
    equals: bool
    value: str | Group

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, Group) else f'"{self.value}"'
        return f"{self.attribute}{_sign(self.equals)}{value}"


@dataclass(frozen=True, slots=True)
class ArgumentCondition:
    """`exec.argv[N]="…"`: an argument of the program, and a pattern."""

    index: int
    equals: bool
    value: str

    def __str__(self) -> str:
        return f'exec.argv[{self.index}]{_sign(self.equals)}"{self.value}"'


@dataclass(frozen=True, slots=True)
class VariableCondition:
    """`exec.envp["NAME"]="…"`: an environment variable and a pattern, or None for one that is not set."""

    name: str
    equals: bool
    value: str | None

    def __str__(self) -> str:
        value = "NULL" if self.value is None else f'"{self.value}"'
        return f'exec.envp["{self.name}"]{_sign(self.equals)}{value}'


Condition = Comparison | NameCondition | ArgumentCondition | VariableCondition


def parse_condition(word: str) -> Condition:
    """One condition; `grant_log` is none (see `harness.policy.rule`).

    Raises:
        PolicyError: without a place; the caller knows it.
    """
    left, separator, right = word.partition("=")
    if not separator or not left:
        raise PolicyError(f"not a condition: {word}", expected="attribute=value or attribute!=value")
    equals = not left.endswith("!")
    left = left.removesuffix("!")
    if left.startswith("exec.argv["):
        return _argument(left, right, equals=equals)
    if left.startswith('exec.envp["'):
        return _variable(left, right, equals=equals)
    if left in NAMES:
        return NameCondition(left, equals, parse_group(right) if right.startswith("@") else _quoted(right))
    return Comparison(
        left if left in KEYWORDS else _left_number(left),
        equals,
        right if right in KEYWORDS else parse_numbers(right),
    )


def _left_number(word: str) -> NumberRange:
    if word[:1].isdigit():
        return parse_number_range(word)
    raise PolicyError(
        f"not an attribute: {word}", expected="task.…, exec.…, path1.…, path2.…, symlink.target or a number"
    )


def _argument(left: str, right: str, *, equals: bool) -> ArgumentCondition:
    match = _ARGUMENT.fullmatch(left)
    if match is None or not _INDEX.fullmatch(match[1]) or int(match[1]) > MAX_NUMBER:
        raise PolicyError(f"not an argument: {left}", expected="exec.argv[N] with a decimal number")
    return ArgumentCondition(int(match[1]), equals, _quoted(right))


def _variable(left: str, right: str, *, equals: bool) -> VariableCondition:
    match = _VARIABLE.fullmatch(left)
    if match is None or not is_word(match[1]):
        raise PolicyError(f"not an environment variable: {left}", expected='exec.envp["NAME"]')
    return VariableCondition(match[1], equals, None if right == "NULL" else _quoted(right))


def _quoted(text: str) -> str:
    inner = text[1:-1]
    if len(text) >= 2 and text[0] == text[-1] == '"' and (not inner or is_word(inner)):
        return inner
    raise PolicyError(f"not a quoted word: {text}", expected="a word in double quotes, spaces written \\040")


def _sign(equals: bool) -> str:  # noqa: FBT001 - the one private argument says what it is
    return "=" if equals else "!="
