"""An access: what a process asks the kernel for, with all that a condition may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType

from harness.policy.operand import AddressRange, Group, NumberRange, Operand
from harness.policy.rule import Rule, Shape

Asked = str | int | IPv4Address | IPv6Address | None


@dataclass(frozen=True, slots=True)
class Execution:
    """A program that is being executed. All text is written as TOMOYO writes names.

    Attributes:
        program: the name that was asked for: parent directories resolved, the last component not.
        realpath: the file behind it, the program's name if not given.
        argv: the arguments, the program's own name first.
        envp: the environment, `NAME=VALUE` each.
    """

    program: str
    realpath: str = ""
    argv: tuple[str, ...] = ()
    envp: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """One question to the policy.

    Attributes:
        shape: the kind of access, as of a rule.
        operation: one of the shape's operations.
        operands: for each operand of the shape a name, a number or an address; of a `TASK` the domain. The
            device of a mount is None where the kernel does not look at it: a file system without one,
            `--remount` and `--make-…`.
        attributes: the numbers of conditions by keyword: `task.uid`, `path1.perm`, `path2.parent.ino`, ….
            What is missing does not exist, like the attributes of a file that is being created; a condition
            on it does not hold.
        symlink_target: what the link that is being made points to.
        execution: for `file execute` and `misc env`, the program.
    """

    shape: Shape
    operation: str
    operands: tuple[Asked, ...]
    attributes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    symlink_target: str | None = None
    execution: Execution | None = None


def access_of(rule: Rule, **context: object) -> Access:
    """The access that a rule names when it is read as a question: `file read /etc/passwd`.

    Args:
        rule: with one operation, and no groups and ranges.
        context: the other fields of `Access`.

    Raises:
        ValueError: the rule names more than one access.
    """
    if len(rule.operations) != 1:
        raise ValueError(f"more than one operation: {rule}")
    return Access(
        rule.shape,
        rule.operations[0],
        tuple(_asked(operand) for operand in rule.operands),
        **context,  # type: ignore[arg-type]  # the fields of Access, whose constructor checks the names
    )


def _asked(operand: Operand) -> Asked:
    match operand:
        case str():
            return operand
        case NumberRange(first, last) if first == last:
            return first
        case AddressRange(lowest, highest) if lowest == highest:
            return lowest
        case Group() | NumberRange() | AddressRange():
            raise ValueError(f"more than one: {operand}")
