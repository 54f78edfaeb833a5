"""Does one rule grant all that another grants?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.policy.condition import (
    ArgumentCondition,
    Comparison,
    Condition,
    NameCondition,
    VariableCondition,
)
from harness.policy.exception_policy import ExceptionPolicy
from harness.policy.operand import AddressRange, Group, NumberRange, Operand
from harness.policy.pattern import PatternSet, matches, witness
from harness.policy.pattern import covers as pattern_covers
from harness.policy.rule import Rule, Shape
from harness.policy.word import has_wildcard

_Members = Mapping[str, tuple[str | NumberRange | AddressRange, ...]]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups' members by kind; without them a group covers itself only."""

    paths: _Members = field(default_factory=dict)
    numbers: _Members = field(default_factory=dict)
    addresses: _Members = field(default_factory=dict)

    @classmethod
    def of(cls, policy: ExceptionPolicy, namespace: str = "<kernel>") -> Groups:
        """The groups that an exception policy defines in a namespace."""
        kinds = ("path_group", "number_group", "address_group")
        return cls(*(policy.groups(kind, namespace) for kind in kinds))

    def members(self, group: Group, like: Operand) -> tuple[Operand, ...]:
        """A group's members, of the kind that `like` belongs to."""
        if isinstance(like, NumberRange):
            return self.numbers.get(group.name, ())
        if isinstance(like, AddressRange):
            return self.addresses.get(group.name, ())
        return self.paths.get(group.name, ())


NO_GROUPS = Groups()


def covers(wide: Rule, narrow: Rule, groups: Groups = NO_GROUPS) -> bool:
    """Whether each access that `narrow` grants is granted by `wide`, with the same consequences.

    A sufficient test: True is certain; False may be too careful where several members of a group or several
    conditions cover something only together. For `file execute` the name must be the same, because the
    matching entry's text becomes part of the new domain's name.
    """
    return (
        wide.shape is narrow.shape
        and set(narrow.operations) <= set(wide.operations)
        and wide.transition == narrow.transition
        and _same_consequence(wide, narrow)
        and all(_operand_covers(a, b, groups) for a, b in zip(wide.operands, narrow.operands, strict=True))
        and all(any(_implies(held, asked, groups) for held in narrow.conditions) for asked in wide.conditions)
    )


class RuleIndex:
    """The rules of one domain, to be asked which of them covers a rule.

    Args:
        rules: the domain's rules.
        groups: what the groups hold.
    """

    def __init__(self, rules: Iterable[Rule], groups: Groups = NO_GROUPS) -> None:
        self._groups = groups
        self._exact: dict[tuple[Shape, Operand], list[Rule]] = {}
        self._wild: dict[Shape, dict[str, list[Rule]]] = {}
        self._sets: dict[Shape, PatternSet] = {}
        self._others: dict[Shape, list[Rule]] = {}
        for rule in rules:
            self._add(rule)

    def covering(self, rule: Rule) -> Iterator[Rule]:
        """The other rules that grant all that `rule` grants."""
        for other in self._candidates(rule):
            if other != rule and covers(other, rule, self._groups):
                yield other

    def _add(self, rule: Rule) -> None:
        first = rule.operands[0]
        if not isinstance(first, str):
            self._others.setdefault(rule.shape, []).append(rule)
        elif has_wildcard(first):
            self._wild.setdefault(rule.shape, {}).setdefault(first, []).append(rule)
        else:
            self._exact.setdefault((rule.shape, first), []).append(rule)

    def _candidates(self, rule: Rule) -> Iterator[Rule]:
        first = rule.operands[0]
        yield from self._exact.get((rule.shape, first), ())
        yield from self._others.get(rule.shape, ())
        wild = self._wild.get(rule.shape)
        if wild is None:
            return
        if not isinstance(first, str):
            yield from (other for others in wild.values() for other in others)
            return
        if rule.shape not in self._sets:
            self._sets[rule.shape] = PatternSet(wild)
        # Whatever covers a pattern matches one of the names that the pattern admits.
        name = witness(first) if has_wildcard(first) else first
        for pattern in self._sets[rule.shape].all(name) if name is not None else wild:
            yield from wild[pattern]


def _same_consequence(wide: Rule, narrow: Rule) -> bool:
    return "execute" not in narrow.operations or wide.operands == narrow.operands


def _operand_covers(wide: Operand, narrow: Operand, groups: Groups) -> bool:
    if wide == narrow:
        return True
    if isinstance(narrow, Group):
        members = groups.members(narrow, wide) if not isinstance(wide, Group) else _any_kind(narrow, groups)
        return bool(members) and all(_operand_covers(wide, member, groups) for member in members)
    if isinstance(wide, Group):
        return any(_value_covers(member, narrow) for member in groups.members(wide, narrow))
    return _value_covers(wide, narrow)


def _any_kind(group: Group, groups: Groups) -> tuple[Operand, ...]:
    for kind in (groups.paths, groups.numbers, groups.addresses):
        if group.name in kind:
            return kind[group.name]
    return ()


def _value_covers(wide: Operand, narrow: Operand) -> bool:
    match wide, narrow:
        case str(), str():
            if wide == narrow or not has_wildcard(wide):
                return wide == narrow
            # To match one name is much quicker than to compare two languages.
            return pattern_covers(wide, narrow) if has_wildcard(narrow) else matches(wide, narrow)
        case NumberRange(), NumberRange():
            return wide.covers(narrow)
        case AddressRange(), AddressRange():
            return wide.covers(narrow)
        case _:
            return False


def _implies(held: Condition, asked: Condition, groups: Groups) -> bool:
    """Whether `asked` is true wherever `held` is."""
    if held == asked or not (held.equals and asked.equals):
        return held == asked
    match held, asked:
        case Comparison(), Comparison():
            return (
                held.left == asked.left
                and isinstance(held.right, NumberRange)
                and isinstance(asked.right, NumberRange | Group)
                and _operand_covers(asked.right, held.right, groups)
            )
        case NameCondition(), NameCondition():
            return held.attribute == asked.attribute and _operand_covers(asked.value, held.value, groups)
        case ArgumentCondition(), ArgumentCondition():
            return held.index == asked.index and _value_covers(asked.value, held.value)
        case VariableCondition(value=str(inner)), VariableCondition(value=str(outer)):
            return held.name == asked.name and _value_covers(outer, inner)
        case _:
            return False
