"""Names that vary between repetitions, found by comparing what was learned, and proposed as patterns.

A name is proposed for when two sources that have nothing in common (two runs' baselines, two scenarios, a
baseline and a scenario) learned names in one domain that differ only in parts that look drawn or numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from harness.analysis.tuning import layers
from harness.analysis.tuning.bounds import broken_bound
from harness.analysis.tuning.learned import Learned
from harness.analysis.tuning.rewriting import Rewriter
from harness.analysis.tuning.rules import RuleSet
from harness.policy.pattern import matches
from harness.policy.rule import TASK, Rule
from harness.policy.word import has_wildcard, is_word

# A run of letters and digits; an octal escape is one byte of another kind.
_TOKEN = re.compile(r"(?:\\[0-3][0-7]{2}|\\\\)|([A-Za-z0-9]+)")
_NUMBER = re.compile(r"[0-9]+")
_HEX = re.compile(r"(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{6,}")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z0-9])[A-Za-z0-9]{6,}|(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,}|[A-Z]{6}")
_LONG = 12


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pattern for names that vary.

    Attributes:
        pattern: within all bounds.
        directives: the rules it was seen in: `file read`, …
        programs: the last programs of the domains it was seen in.
        examples: some of the names, each with the source that learned it.
    """

    pattern: str
    directives: tuple[str, ...]
    programs: tuple[str, ...]
    examples: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Seen:
    """Names of one form: their sources as bits, and where they were seen."""

    names: dict[str, int] = field(default_factory=dict)
    operations: dict[str, None] = field(default_factory=dict)
    directives: dict[str, None] = field(default_factory=dict)
    programs: dict[str, None] = field(default_factory=dict)


def propose(learned: Learned, sets: tuple[RuleSet, ...]) -> list[Proposal]:
    """Patterns for the names that vary and that no tuning rule rewrites yet.

    Args:
        learned: from two runs or more, or of several scenarios.
        sets: the tuning rules in use.

    Returns:
        By pattern. One that would break a bound is narrowed to nothing: it is not proposed.
    """
    rewriter = Rewriter(sets)
    forms: dict[tuple[str, tuple[str, ...]], _Seen] = {}
    for domain, lines in learned.rules.items():
        for line, bits in lines.items():
            rule = layers.parsed(domain, line, layers.seen_through(line))
            if rule.shape is TASK or "execute" in rule.operations:
                continue
            tuned = rewriter.rewrite(domain, rule).rule
            for name in _plain_names(tuned):
                _note(forms, domain, rule, name, bits)
    found: dict[str, Proposal] = {}
    for seen in forms.values():
        proposal = _proposal(seen, learned)
        if proposal is not None:
            found[proposal.pattern] = _together(found.get(proposal.pattern), proposal)
    return [found[pattern] for pattern in sorted(found)]


def _plain_names(rule: Rule) -> Iterable[str]:
    """The names of a tuned rule that are still as they were learned."""
    if rule.shape.keyword == "file" or rule.shape.keyword.startswith("network unix"):
        for operand in rule.operands:
            if isinstance(operand, str) and not has_wildcard(operand):
                yield operand


def _note(
    forms: dict[tuple[str, tuple[str, ...]], _Seen], domain: str, rule: Rule, name: str, bits: int
) -> None:
    fixed = tuple(_split(name)[0])
    if len(fixed) == 1:
        return
    seen = forms.setdefault((domain, fixed), _Seen())
    seen.names[name] = seen.names.get(name, 0) | bits
    seen.operations[rule.operations[0]] = None
    seen.directives[f"{rule.shape.keyword} {rule.operations[0]}"] = None
    seen.programs[domain.rpartition(" ")[2]] = None


def _split(name: str) -> tuple[list[str], list[str]]:
    """What is fixed in a name, and between that the parts that look drawn or numbered."""
    fixed, varying, end = [], [], 0
    for found in _TOKEN.finditer(name):
        token = found[1]
        if token and (_NUMBER.fullmatch(token) or _HEX.fullmatch(token) or _MIXED.fullmatch(token)):
            fixed.append(name[end : found.start()])
            varying.append(token)
            end = found.end()
    return [*fixed, name[end:]], varying


def _proposal(seen: _Seen, learned: Learned) -> Proposal | None:
    pair = _apart(seen.names)
    if pair is None:
        return None
    fixed, _ = _split(pair[0])
    columns = zip(*(_split(name)[1] for name in seen.names), strict=True)
    parts = [part for column in columns for part in (_class(column),)]
    pattern = "".join(text for both in zip(fixed, [*parts, ""], strict=True) for text in both)
    if not is_word(pattern) or not all(matches(pattern, name) for name in seen.names):
        return None
    if any(broken_bound(operation, name, pattern) for operation in seen.operations for name in pair):
        return None
    examples = tuple((name, _first_source(learned, seen.names[name])) for name in pair)
    return Proposal(pattern, tuple(sorted(seen.directives)), tuple(sorted(seen.programs)), examples)


def _apart(names: dict[str, int]) -> tuple[str, str] | None:
    """Two names that no source has in common."""
    seen: dict[int, str] = {}
    for name in sorted(names):
        seen.setdefault(names[name], name)
    return next((two for two in combinations(seen.values(), 2) if not names[two[0]] & names[two[1]]), None)


def _class(tokens: tuple[str, ...]) -> str:
    """The narrowest of TOMOYO's classes that takes all tokens; the token itself where they are one."""
    if len(set(tokens)) == 1:
        return tokens[0]
    if all(token.isdigit() for token in tokens):
        return r"\$"
    if all(_HEX.fullmatch(token) or token.isdigit() for token in tokens):
        return r"\X"
    length = len(tokens[0])
    if length <= _LONG and all(len(token) == length for token in tokens):
        return r"\?" * length
    return r"\@"


def _first_source(learned: Learned, bits: int) -> str:
    source = learned.sources[learned.numbers(bits)[0]]
    return f"{learned.runs[source.run].name}: {source.id}"


def _together(known: Proposal | None, new: Proposal) -> Proposal:
    if known is None:
        return new
    return Proposal(
        new.pattern,
        tuple(sorted({*known.directives, *new.directives})),
        tuple(sorted({*known.programs, *new.programs})),
        known.examples,
    )
