"""Does an operand or a condition of a rule hold for an access.

Follows `tomoyo_condition`, `tomoyo_scan_bprm`, `tomoyo_compare_name_union` and their relatives in the
kernel's `security/tomoyo`; `tests/oracle` compares with them.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from harness.policy.access import Access, Asked
from harness.policy.condition import (
    ArgumentCondition,
    Comparison,
    Condition,
    NameCondition,
    VariableCondition,
)
from harness.policy.covering import Groups
from harness.policy.operand import AddressRange, Group, NumberRange, Operand
from harness.policy.pattern import matches

_TYPES = {
    "socket": stat.S_IFSOCK,
    "symlink": stat.S_IFLNK,
    "file": stat.S_IFREG,
    "block": stat.S_IFBLK,
    "directory": stat.S_IFDIR,
    "char": stat.S_IFCHR,
    "fifo": stat.S_IFIFO,
}
_MODES = {
    "setuid": stat.S_ISUID,
    "setgid": stat.S_ISGID,
    "sticky": stat.S_ISVTX,
    "owner_read": stat.S_IRUSR,
    "owner_write": stat.S_IWUSR,
    "owner_execute": stat.S_IXUSR,
    "group_read": stat.S_IRGRP,
    "group_write": stat.S_IWGRP,
    "group_execute": stat.S_IXGRP,
    "others_read": stat.S_IROTH,
    "others_write": stat.S_IWOTH,
    "others_execute": stat.S_IXOTH,
}
_PERMISSIONS = frozenset({"path1.perm", "path1.parent.perm", "path2.perm", "path2.parent.perm"})


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Compares accesses with the operands and conditions of rules.

    Attributes:
        groups: what `@GROUP` stands for; a group that is not defined has no members.
    """

    groups: Groups

    def matching_name(self, operand: Operand, name: str) -> str | None:
        """The pattern, in the group if `operand` is one, that a name matches first; None when none does."""
        candidates = self.groups.paths.get(operand.name, ()) if isinstance(operand, Group) else (operand,)
        for candidate in candidates:
            if isinstance(candidate, str) and matches(candidate, name):
                return candidate
        return None

    def admits(self, operand: Operand, asked: Asked) -> bool:
        """Whether a rule's operand admits what is asked for; nothing asked is always admitted."""
        if asked is None:
            return True
        if isinstance(asked, str):
            return self.matching_name(operand, asked) is not None
        if isinstance(asked, int):
            return self._numbers_overlap(operand, asked, asked)
        members = self.groups.addresses.get(operand.name, ()) if isinstance(operand, Group) else (operand,)
        return any(isinstance(member, AddressRange) and _within(asked, member) for member in members)

    def hold(self, conditions: tuple[Condition, ...], access: Access) -> bool:
        """Whether all conditions of a rule hold for an access."""
        arguments = [item for item in conditions if isinstance(item, ArgumentCondition)]
        variables = [item for item in conditions if isinstance(item, VariableCondition)]
        for item in conditions:
            if isinstance(item, NameCondition) and not self._name_holds(item, access):
                return False
            if isinstance(item, Comparison) and not self._comparison_holds(item, access):
                return False
        if not arguments and not variables:
            return True
        execution = access.execution
        return (
            execution is not None
            and all(_argument_holds(item, execution.argv) for item in arguments)
            and all(_variable_holds(item, execution.envp) for item in variables)
        )

    def _name_holds(self, condition: NameCondition, access: Access) -> bool:
        name = access.symlink_target
        if condition.attribute == "exec.realpath":
            execution = access.execution
            name = None if execution is None else execution.realpath or execution.program
        if name is None:
            return False
        return (self.matching_name(condition.value, name) is not None) == condition.equals

    def _comparison_holds(self, condition: Comparison, access: Access) -> bool:
        left = _numbers(condition.left, access)
        if left is None:
            return False
        if isinstance(condition.right, NumberRange | Group):
            return self._numbers_overlap(condition.right, *left) == condition.equals
        right = _numbers(condition.right, access)
        if right is None:
            return False
        bits = {word for word in (condition.left, condition.right) if word in _MODES}
        if bits:
            others = {condition.left, condition.right} - bits
            # Single mode bits mean something only beside a file's permissions.
            return bool(others & _PERMISSIONS) and bool(left[1] & right[1]) == condition.equals
        return (left[0] <= right[1] and left[1] >= right[0]) == condition.equals

    def _numbers_overlap(self, operand: Operand, first: int, last: int) -> bool:
        members = self.groups.numbers.get(operand.name, ()) if isinstance(operand, Group) else (operand,)
        return any(
            isinstance(member, NumberRange) and first <= member.last and last >= member.first
            for member in members
        )


def _numbers(side: str | NumberRange, access: Access) -> tuple[int, int] | None:
    """A side of a comparison as lowest and highest number; None when the access has no such attribute."""
    if isinstance(side, NumberRange):
        return side.first, side.last
    value: int | None
    if side in _TYPES or side in _MODES:
        value = _TYPES.get(side) or _MODES.get(side)
    elif side in ("exec.argc", "exec.envc"):
        if access.execution is None:
            return None
        value = len(access.execution.argv if side == "exec.argc" else access.execution.envp)
    else:
        value = access.attributes.get(side)
    return None if value is None else (value, value)


def _argument_holds(condition: ArgumentCondition, argv: tuple[str, ...]) -> bool:
    if condition.index >= len(argv):
        return not condition.equals
    return matches(condition.value, argv[condition.index]) == condition.equals


def _variable_holds(condition: VariableCondition, envp: tuple[str, ...]) -> bool:
    """Every variable whose name matches must fit; without one, "not set" and "other than" hold."""
    pairs = [variable.partition("=") for variable in envp]
    values = [value for name, equals, value in pairs if equals and matches(condition.name, name)]
    if condition.value is None:
        return condition.equals is not bool(values)
    wanted = condition.value
    return all(matches(wanted, value) == condition.equals for value in values) and (
        bool(values) or not condition.equals
    )


def _within(asked: IPv4Address | IPv6Address, member: AddressRange) -> bool:
    return asked.version == member.first.version and member.first.packed <= asked.packed <= member.last.packed
