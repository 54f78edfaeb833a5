"""A rule: one line of access control, as a value.

The shapes and their keywords are those of `tomoyo_write_domain2` and `tomoyo_print_entry` in the kernel's
`security/tomoyo/common.c`, and of the `tomoyo_write_*` functions that they call. `str(rule)` is the kernel's
spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from harness.errors import PolicyError
from harness.policy.condition import Condition, parse_condition
from harness.policy.operand import (
    Operand,
    parse_addresses,
    parse_name,
    parse_numbers,
)
from harness.policy.word import is_domain_name, is_path, is_word

PREFERENCES = ("keep", "initialize", "reset", "child", "parent")
_MAX_PORT = 65535


def _environment_name(word: str) -> str:
    if is_word(word) and "=" not in word:
        return word
    raise PolicyError(f"not a variable's name: {word!r}", expected="a word without =")


def _port(word: str) -> Operand:
    numbers = parse_numbers(word)
    if getattr(numbers, "last", 0) > _MAX_PORT:
        raise PolicyError(f"not a port: {word}", expected=f"numbers up to {_MAX_PORT}")
    return numbers


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A kind of rule. There is one object of each, so that comparing and hashing rules is quick.

    Attributes:
        name: how it is called here.
        keyword: the words in front of the operations.
        operations: what may be allowed, in the order in which the kernel prints them.
        operands: what each word after the operations is: a description, and how it is read.
    """

    name: str
    keyword: str
    operations: tuple[str, ...]
    operands: tuple[tuple[str, Callable[[str], Operand]], ...]

    def __repr__(self) -> str:
        return f"<{self.name}>"


_PATH = ("path", parse_name)
PATH = Shape(
    "path",
    "file",
    (
        *("execute", "read", "write", "append", "unlink", "getattr"),
        *("rmdir", "truncate", "symlink", "chroot", "unmount"),
    ),
    (_PATH,),
)
PATH2 = Shape(
    "path2", "file", ("link", "rename", "pivot_root"), (("old path", parse_name), ("new path", parse_name))
)
PATH_NUMBER = Shape(
    "path_number",
    "file",
    ("create", "mkdir", "mkfifo", "mksock", "ioctl", "chmod", "chown", "chgrp"),
    (_PATH, ("number", parse_numbers)),
)
MKDEV = Shape(
    "mkdev",
    "file",
    ("mkblock", "mkchar"),
    (_PATH, ("mode", parse_numbers), ("major number", parse_numbers), ("minor number", parse_numbers)),
)
MOUNT = Shape(
    "mount",
    "file",
    ("mount",),
    (("device", parse_name), ("directory", parse_name), ("type", parse_name), ("flags", parse_numbers)),
)
ENV = Shape("env", "misc", ("env",), (("variable", _environment_name),))
TASK = Shape("task", "task", ("manual_domain_transition",), ())

_SOCKET_OPERATIONS = ("bind", "listen", "connect", "send")
_PROTOCOLS = ("stream", "dgram", "raw", "seqpacket")
INET = {
    protocol: Shape(
        f"inet_{protocol}",
        f"network inet {protocol}",
        _SOCKET_OPERATIONS,
        (("address", parse_addresses), ("port", _port)),
    )
    for protocol in _PROTOCOLS
}
UNIX = {
    protocol: Shape(
        f"unix_{protocol}", f"network unix {protocol}", _SOCKET_OPERATIONS, (("address", parse_name),)
    )
    for protocol in _PROTOCOLS
}
_FILE_SHAPES = (PATH, PATH2, PATH_NUMBER, MKDEV, MOUNT)
_SHAPE_OF = {operation: shape for shape in _FILE_SHAPES for operation in shape.operations}


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be done, to what, on which conditions.

    Attributes:
        shape: the kind of rule: `PATH`, `PATH2`, `PATH_NUMBER`, `MKDEV`, `MOUNT`, `ENV`, `TASK`, or one of
            `INET` or `UNIX` by its protocol.
        operations: the permissions, in the shape's order.
        operands: as the shape says; of a `TASK` the domain's name.
        conditions: all must hold. The kernel keeps rules apart that differ in their order.
        transition: for `file execute` alone, where the program goes: one of `PREFERENCES`, a domain, a path.
        grant_log: whether a granted access is logged; None leaves it to the profile.
    """

    shape: Shape
    operations: tuple[str, ...]
    operands: tuple[Operand, ...]
    conditions: tuple[Condition, ...] = ()
    transition: str = ""
    grant_log: bool | None = None

    def __str__(self) -> str:
        words = [self.shape.keyword, "/".join(self.operations), *map(str, self.operands)]
        if self.transition:
            words.append(self.transition)
        words += map(str, self.conditions)
        if self.grant_log is not None:
            words.append(f"grant_log={'yes' if self.grant_log else 'no'}")
        return " ".join(words)

    @property
    def target(self) -> Rule:
        """The rule without its operations: the kernel joins the permissions of rules with the same target."""
        return replace(self, operations=())

    def allowing(self, operations: tuple[str, ...]) -> Rule:
        """The same rule with other permissions, put into the kernel's order."""
        return replace(self, operations=tuple(op for op in self.shape.operations if op in operations))


def _directives() -> Iterator[str]:
    for shape in (*_FILE_SHAPES, *INET.values(), *UNIX.values(), ENV, TASK):
        for operation in shape.operations:
            words = [*shape.keyword.split(" "), operation]
            yield from (" ".join(words[:count]) for count in range(1, len(words) + 1))


DIRECTIVES = frozenset(_directives())
"""What a rule's line with one permission may begin with, in front of its operands: `file`, `file read`, …"""


def parse_rule(line: str, *, source: str = "", number: int = 0) -> Rule:
    """Reads a rule in the kernel's spelling: words between single spaces.

    Args:
        line: e.g. `file read/write /dev/null task.uid=0`.
        source: the file, for messages.
        number: the line's number there, for messages.

    Raises:
        PolicyError: the kernel does not take this line, or takes only a part of it. (Of `file read/raed /a`
            it takes `file read /a` without a word.)
    """
    try:
        return _parse_line(line)
    except PolicyError as error:
        error.source, error.line = source, number
        raise


# A program's domains repeat each other's rules, and so do two policies that are compared.
@lru_cache(maxsize=1 << 14)
def _parse_line(line: str) -> Rule:
    words = _Words(line)
    try:
        return _parse(words)
    except PolicyError as error:
        error.column = words.column
        raise


def split_operations(line: str) -> tuple[str, tuple[str, ...], str]:
    """A rule's line around its operations, as text and without a check.

    Returns:
        What stands before them, each of them, and what stands after: `("file ", ("read", "write"), " /a")`.
    """
    start = line.find(" ") + 1
    if line.startswith("network "):
        # network FAMILY PROTOCOL OPERATIONS …
        start = line.find(" ", line.find(" ", start) + 1) + 1
    end = line.find(" ", start)
    if end < 0:
        end = len(line)
    return line[:start], tuple(line[start:end].split("/")), line[end:]


class _Words:
    """The words of a line, and where the last one taken begins."""

    def __init__(self, line: str) -> None:
        self._words = line.split(" ")
        self._taken = 0

    @property
    def column(self) -> int:
        return 1 + sum(len(word) + 1 for word in self._words[: max(0, self._taken - 1)])

    @property
    def taken(self) -> str:
        """What was taken so far."""
        return " ".join(self._words[: self._taken])

    @property
    def more(self) -> bool:
        return self._taken < len(self._words)

    def peek(self) -> str:
        return self._words[self._taken] if self.more else ""

    def take(self, description: str) -> str:
        self._taken += 1
        if self._taken > len(self._words) or not self._words[self._taken - 1]:
            raise PolicyError(f"the line ends before its {description}", expected=description)
        return self._words[self._taken - 1]

    def take_domain(self) -> str:
        """A namespace and all programs that follow (`tomoyo_get_domainname`)."""
        begin = self._taken
        self.take("domain")
        while self.more and is_path(self.peek()):
            self._taken += 1
        name = " ".join(self._words[begin : self._taken])
        if is_domain_name(name):
            return name
        raise PolicyError(f"not a domain: {name}", expected="<namespace> and programs")


def _parse(words: _Words) -> Rule:
    shape, operations = _operations(words)
    if shape is TASK:
        operands: tuple[Operand, ...] = (words.take_domain(),)
    else:
        operands = tuple([read(words.take(description)) for description, read in shape.operands])
    return _with_conditions(Rule(shape, operations, operands), words)


def _operations(words: _Words) -> tuple[Shape, tuple[str, ...]]:
    keyword = words.take("keyword")
    if keyword == "file":
        joined = words.take("operations")
        shape = _SHAPE_OF.get(joined.partition("/")[0])
    elif keyword == "network":
        families = {"inet": INET, "unix": UNIX}
        family = families.get(words.take("family"))
        shape = family.get(words.take("protocol")) if family is not None else None
        joined = words.take("operations") if shape is not None else ""
    elif keyword in ("misc", "task"):
        joined = words.take("operation")
        shape = next((shape for shape in (ENV, TASK) if shape.keyword == keyword), None)
    else:
        raise PolicyError(f"no rule begins with {keyword!r}", expected="file, network, misc or task")
    if shape is None:
        raise PolicyError(
            f"no rule begins like this: {words.taken} …", expected="; ".join(_beginnings(keyword))
        )
    wanted = joined.split("/")
    operations = tuple(op for op in shape.operations if op in wanted)
    if not operations or len(set(wanted)) != len(operations):
        unknown = next((word for word in wanted if word not in shape.operations), "")
        raise PolicyError(
            f"{unknown!r} is none of the operations that go together here",
            expected=f"{shape.keyword} with {'/'.join(shape.operations)}",
            hint="write operations of different kinds as rules of their own",
        )
    return shape, operations


def _beginnings(keyword: str) -> list[str]:
    shapes = [*_FILE_SHAPES, *INET.values(), *UNIX.values(), ENV, TASK]
    return [f"{s.keyword} {'/'.join(s.operations)}" for s in shapes if s.keyword.startswith(keyword)]


def _with_conditions(rule: Rule, words: _Words) -> Rule:
    transition = ""
    if words.peek().startswith("<"):
        transition = words.take_domain()
    elif words.peek() in PREFERENCES or is_path(words.peek()):
        transition = words.take("preference")
    if transition and rule.operations != ("execute",):
        raise PolicyError(
            f"{transition!r} after a rule that is not `file execute` alone", expected="a condition or the end"
        )
    conditions: list[Condition] = []
    grant_log: bool | None = None
    while words.more:
        word = words.take("condition")
        if word.startswith("grant_log"):
            if grant_log is not None or word not in ("grant_log=yes", "grant_log=no"):
                raise PolicyError(f"{word} here", expected="one grant_log=yes or grant_log=no")
            grant_log = word == "grant_log=yes"
        else:
            conditions.append(parse_condition(word))
    return replace(rule, conditions=tuple(conditions), transition=transition, grant_log=grant_log)
