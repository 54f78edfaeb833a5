"""Tuning rules at work: one learned rule in, the rule to ship and the names of the tuning rules out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.analysis.tuning.bounds import EXECUTE, broken_bound, refuse
from harness.analysis.tuning.elsewhere import ELSEWHERE
from harness.analysis.tuning.rules import RuleSet, TuningRule
from harness.errors import PolicyError
from harness.policy.condition import ArgumentCondition, Condition, NameCondition
from harness.policy.operand import AddressRange, NumberRange, Operand
from harness.policy.pattern import covers, matches
from harness.policy.rule import ENV, INET, Rule
from harness.policy.word import has_wildcard, is_word

_ESCAPE = re.compile(r"\\(?:[0-3][0-7]{2}|.)")
_INET = frozenset(INET.values())


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A rule after tuning.

    Attributes:
        rule: the rule to ship; the learned one where nothing applied.
        by: the names of the tuning rules that changed it, in order.
    """

    rule: Rule
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The tuning rules for one kind of rule in one domain, by the words that they are about."""

    number: int
    about: dict[str, list[TuningRule]]
    network: tuple[TuningRule, ...]

    @classmethod
    def of(cls, number: int, rules: list[TuningRule]) -> _Asked:
        about: dict[str, list[TuningRule]] = {}
        for rule in rules:
            if not rule.is_about_network:
                about.setdefault(rule.word, []).append(rule)
        return cls(number, about, tuple(rule for rule in rules if rule.is_about_network))


class Rewriter:
    """Applies tuning rules. What it gives always admits what was learned.

    Args:
        sets: the rules, in their order.

    Raises:
        PolicyError: a rule would generalise what is executed and leave the domains where they are.
    """

    def __init__(self, sets: tuple[RuleSet, ...]) -> None:
        self._rules = [rule for rules in sets for rule in rules.rules]
        self._moving = tuple(rule for rule in self._rules if rule.moves_domains)
        self._asked: dict[tuple[str, str], _Asked] = {}
        # Most rules of a policy repeat the names of others.
        self._words: dict[tuple[int, str, str], tuple[str, tuple[str, ...]]] = {}
        for rule in self._rules:
            if "file execute" in rule.directives and rule.word == "name" and not rule.moves_domains:
                raise refuse(rule.name, EXECUTE, "file execute …", rule.pattern or " ".join(rule.patterns))

    def rewrite(self, domain: str, rule: Rule) -> Rewritten:
        """A learned rule as it is to be shipped.

        Args:
            domain: where it was learned.
            rule: with one operation.

        Raises:
            PolicyError: a tuning rule goes beyond a bound, or makes what the kernel would not take.
        """
        asked = self._for(domain, f"{rule.shape.keyword} {rule.operations[0]}")
        by: dict[str, None] = {}
        about = "variable" if rule.shape is ENV else "name"
        operands: list[Operand] = [
            self._word(asked, about, operand, rule, by) if isinstance(operand, str) else operand
            for operand in rule.operands
        ]
        if asked.network and rule.shape in _INET:
            operands[-2:] = _place(asked.network, operands[-2], operands[-1], by)
        conditions = tuple(self._condition(asked, condition, rule, by) for condition in rule.conditions)
        if not by:
            return Rewritten(rule)
        return Rewritten(replace(rule, operands=tuple(operands), conditions=conditions), tuple(by))

    def program(self, name: str) -> str:
        """A program in a domain's name, as the rules that move domains spell it."""
        now = name
        for tuning in _concerned(self._moving, name):
            now = _pattern_of(tuning, now, name, "execute", f"file execute {name}")
        return now

    @property
    def moves_domains(self) -> bool:
        """Whether any rule changes names of domains."""
        return bool(self._moving)

    def _for(self, domain: str, directive: str) -> _Asked:
        key = domain, directive
        if key not in self._asked:
            rules = [rule for rule in self._rules if rule.applies_to(directive) and rule.applies_in(domain)]
            self._asked[key] = _Asked.of(len(self._asked), rules)
        return self._asked[key]

    def _word(self, asked: _Asked, about: str, old: str, rule: Rule, by: dict[str, None]) -> str:
        key = asked.number, about, old
        if key not in self._words:
            new, applied = old, list[str]()
            for tuning in _concerned(asked.about.get(about, ()), old):
                # Where a link leads to is not written to by making it.
                operation = "" if tuning.word == "target" else rule.operations[0]
                changed = _pattern_of(tuning, new, old, operation, rule)
                if changed != new:
                    new = changed
                    # Of what earlier rules have made nothing is left where the whole word is replaced.
                    applied = [tuning.name] if tuning.patterns else [*applied, tuning.name]
            self._words[key] = new, tuple(applied)
        new, names = self._words[key]
        by.update(dict.fromkeys(names))
        return new

    def _condition(self, asked: _Asked, condition: Condition, rule: Rule, by: dict[str, None]) -> Condition:
        match condition:
            case NameCondition("symlink.target", True, str(value)):
                return replace(condition, value=self._word(asked, "target", value, rule, by))
            case NameCondition("exec.realpath", True, str(value)):
                # The file behind a program varies with the program's name.
                return replace(condition, value=self._word(asked, "name", value, rule, by))
            case ArgumentCondition(number, True, value):
                if number == 0:
                    value = self._word(asked, "name", value, rule, by)
                return replace(condition, value=self._word(asked, "argument", value, rule, by))
        return condition


def _place(
    rules: tuple[TuningRule, ...], address: Operand, port: Operand, by: dict[str, None]
) -> tuple[Operand, Operand]:
    """Address and port after the tuning rules, each changed by the first that is about it."""
    new_address, new_port = address, port
    for tuning in rules:
        ports, addresses = tuning.port_range, tuning.address_range
        if ports is not None and not (isinstance(port, NumberRange) and ports.covers(port)):
            continue
        if addresses is not None and not (isinstance(address, AddressRange) and addresses.covers(address)):
            continue
        after = (
            ELSEWHERE if addresses is not None else new_address,
            ports if ports is not None and new_port is port else new_port,
        )
        if after != (new_address, new_port):
            new_address, new_port = after
            by[tuning.name] = None
    return new_address, new_port


def _concerned(rules: Iterable[TuningRule], word: str) -> list[TuningRule]:
    """The rules that may be about a word as learned; most are not, which its beginning tells."""
    if has_wildcard(word):
        return []  # a pattern was learned from a policy that the image brought: somebody has tuned it
    return [rule for rule in rules if word.startswith(rule.beginnings)]


def _pattern_of(tuning: TuningRule, now: str, old: str, operation: str, line: Rule | str) -> str:
    """A word after a tuning rule; `old` is the word as learned, which must still be admitted."""
    if not tuning.is_within(old):
        return now
    if tuning.patterns:
        # What an earlier rule has made of the word is replaced by what admits all of it, or stays.
        new = next(
            (one for one in tuning.patterns if matches(one, old) and (now == old or covers(one, now))), now
        )
    else:
        new = _replaced(tuning, now)
    if new == now:
        return now
    if not is_word(new):
        raise PolicyError(
            f"the tuning rule {tuning.name} makes {new} out of {old}, which the kernel would not take",
            expected=r"a word with at most 20 of \* \@ \$ \X \A \{ \}",
            hint="match fewer places of a name, or a longer one at once",
        )
    if not matches(new, old):
        raise PolicyError(
            f"the tuning rule {tuning.name} makes {new} out of {old}, which that does not admit",
            expected="a pattern that admits what it replaces",
            hint="compare match and pattern of the rule",
        )
    bound = broken_bound(operation, old, new)
    if bound is not None:
        raise refuse(tuning.name, bound, str(line), new)
    return new


def _replaced(tuning: TuningRule, text: str) -> str:
    r"""The text with each match replaced; `\040` is one byte and never taken apart."""
    if not tuning.expression.search(text):
        return text
    inside = (
        {at for found in _ESCAPE.finditer(text) for at in range(found.start() + 1, found.end())}
        if "\\" in text
        else set()
    )

    group = 1 if tuning.expression.groups else 0
    pieces, end, at = [], 0, 0
    while at <= len(text) and (found := tuning.expression.search(text, at)):
        first, last = found.span(group)
        if first < end or first == last or first in inside or last in inside:
            at = max(at, found.start()) + 1
            continue
        pieces += [text[end:first], tuning.pattern]
        end = at = last
    return "".join([*pieces, text[end:]])
