"""From a line of a shipped policy back to the learned rules, the scenarios and the steps behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis.iteration import Addition
from harness.analysis.provenance import recorded_provenance
from harness.analysis.search import Answer
from harness.errors import PolicyError, RecordError
from harness.policy import ExceptionPolicy, parse_rule
from harness.policy.covering import Groups, covers
from harness.policy.exception_policy import GroupMember, GroupRule
from harness.policy.operand import AddressRange, parse_address_range
from harness.policy.pattern import matches
from harness.policy.sets import singles
from harness.policy.word import is_word
from harness.record import Run, ShippedPolicy
from harness.record.explanation import AppliedRule, Explanation, Learned, ShippedRule, Source

_IN_GROUP = re.compile(r"(?P<place>acl_group [0-9]+) (?P<rule>.+)")
EXCEPTIONS = "exception policy"
"""The place of a line that is no rule: it defines a group, or chooses domains."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one line is in the policy.

    Attributes:
        place: the domain it is in, `acl_group N`, or `EXCEPTIONS`.
        shipped: the line with what it stands for.
        learned: the learned rules, each with its domain; the line itself where nothing was rewritten, and
            none where the line was never learned.
        added: the denials that it was added for, where `enforce --iterate` did that.
        tuning: the tuning rules that made it.
        sources: who learned what it stands for.
        known: whether the explanation has it. What the image's policy or `--domains` brought it has not, nor
            what somebody wrote into the folder.
    """

    place: str
    shipped: ShippedRule
    learned: tuple[Learned, ...]
    tuning: tuple[AppliedRule, ...]
    sources: tuple[Source, ...]
    added: tuple[Addition, ...] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Line:
    place: str
    text: str
    explained: ShippedRule | None = None

    @property
    def rule(self) -> str:
        """The line, if it is a rule; else nothing."""
        return "" if self.place == EXCEPTIONS else self.text


def reasons(policy: ShippedPolicy, rule: str, *, additions: Sequence[Addition] = ()) -> list[Reason]:
    r"""The lines of a policy that `rule` names, and why each is there.

    The lines are those of the policy itself, whatever its explanation says.

    Args:
        policy: with its explanation.
        rule: a domain's name or `acl_group N`: its lines; or a line that is no rule; or a rule, also a
            single permission of a line, as a denial has it: all lines that grant it; or else a path or an
            address, which a word of the line, or a group that it names, is or admits; or else a pattern that
            admits a word; or else any part of a line.
        additions: what was added to the policy after tuning, and why.

    Returns:
        In order of the policy, the domains' own rules before the lines of the exception policy.
    """
    explanation = policy.explanation
    assert explanation is not None, "a policy that tuning wrote"
    place, wanted = _placed(rule)
    asked = set(singles(wanted))
    words, admits = _words(policy.exceptions), _admitting(wanted)
    tests: Iterable[Callable[[_Line], bool]] = (
        lambda line: line.place == wanted or (not line.rule and line.text == wanted),
        _granting(policy, wanted),
        # What a round adds stands by itself: a line that the policy joins may have two reasons.
        lambda line: line.rule != "" and not asked.isdisjoint(singles(line.rule)),
        lambda line: any(map(admits, words(line))),
        lambda line: wanted in line.text,
    )
    lines = [line for line in _lines(policy) if place in ("", line.place)]
    for test in tests:
        found = [_reason(explanation, line, additions) for line in lines if test(line)]
        if found:
            return found
    return []


def changed(policy: ShippedPolicy) -> tuple[int, int]:
    """What somebody did to a folder after its explanation was written.

    Returns:
        How many explained permissions are gone, and how many of domains are not explained.
    """
    assert policy.explanation is not None, "a policy that tuning wrote"
    explained = _explained(policy.explanation).keys()
    there = {(place, single) for place, line in _written(policy) for single in singles(line)}
    return len(explained - there), sum(place in policy.domains for place, _ in there - explained)


def _placed(rule: str) -> tuple[str, str]:
    """Where it is asked for, and what: the exception policy has `acl_group N` in front of a rule."""
    wanted = " ".join(rule.split())
    in_group = _IN_GROUP.fullmatch(wanted)
    return (in_group["place"], in_group["rule"]) if in_group else ("", wanted)


def _granting(policy: ShippedPolicy, wanted: str) -> Callable[[_Line], bool]:
    """Whether a line grants all that the rule `wanted` does, under conditions of its own or without any.

    Of what is no rule, nothing does.
    """
    try:
        narrow = [parse_rule(single) for single in singles(wanted)]
    except PolicyError:
        return lambda _line: False
    groups = Groups.of(policy.exceptions)

    def grants(line: _Line) -> bool:
        if not line.rule:
            return False
        wide = replace(parse_rule(line.rule), conditions=())
        return all(covers(wide, rule, groups) for rule in narrow)

    return grants


def who_asked_for(explanation: Explanation, reason: Reason) -> tuple[list[Answer], list[str]]:
    """The steps behind a line, out of the provenance of the runs that the policy was made from.

    Returns:
        The answers by scenario, and what could not be asked: runs that are gone. A baseline has no steps.
    """
    asked = {(learned.domain, learned.rule) for learned in reason.learned}
    answers: list[Answer] = []
    missing: list[str] = []
    for number, tuned in enumerate(explanation.runs):
        wanted = {source.id for source in reason.sources if (source.run, source.kind) == (number, "scenario")}
        if not wanted:
            continue
        try:
            run = Run.read(Path(tuned.path))
        except RecordError as error:
            missing.append(f"{tuned.name}: {error.seen}")
            continue
        answers += [
            Answer(scenario, line)
            for scenario in run.scenarios
            if scenario.id in wanted
            for line in recorded_provenance(scenario)
            if any((line.domain, single) in asked for single in singles(line.rule))
        ]
    return answers, missing


def _lines(policy: ShippedPolicy) -> Iterator[_Line]:
    """All lines of the folder's two policies, with what is told of them.

    The policy joins what is explained in parts: a rule that was tuned, and a permission that a round added.
    """
    assert policy.explanation is not None
    explained = _explained(policy.explanation)
    for place, line in _written(policy):
        there = singles(line)
        told = [explained.get((place, single)) for single in there]
        for part in dict.fromkeys(filter(None, told)):
            if set(singles(part.rule)) <= set(there):
                yield _Line(place, part.rule, part)
            else:
                left = (single for single, of in zip(there, told, strict=True) if of is part)
                yield from (_Line(place, single, part.model_copy(update={"rule": single})) for single in left)
        if not any(told):
            yield _Line(place, line)
        else:
            yield from (_Line(place, one) for one, of in zip(there, told, strict=True) if of is None)


def _written(policy: ShippedPolicy) -> Iterator[tuple[str, str]]:
    """Each line with its place."""
    for domain in policy.domains.values():
        yield from ((domain.name, rule) for rule in domain.rules)
    for entry in policy.exceptions.entries:
        if isinstance(entry, GroupRule):
            yield f"acl_group {entry.number}", str(entry.rule)
        else:
            yield EXCEPTIONS, str(entry)


def _explained(explanation: Explanation) -> dict[tuple[str, str], ShippedRule]:
    """What is told, by place and single permission."""
    places = [
        *explanation.domains.items(),
        *((f"acl_group {number}", group) for number, group in explanation.acl_groups.items()),
    ]
    return {
        (place, single): rule
        for place, told in places
        for rule in told.rules
        for single in singles(rule.rule)
    }


def _words(exceptions: ExceptionPolicy) -> Callable[[_Line], Iterator[str]]:
    """The operands of a line as words, and of a group that one of them names the members."""
    members: dict[str, list[str]] = {}
    for entry in exceptions.entries:
        if isinstance(entry, GroupMember):
            members.setdefault(f"@{entry.group}", []).append(str(entry.member))

    def words(line: _Line) -> Iterator[str]:
        for word in line.text.split(" ")[1 if line.place == EXCEPTIONS else 2 :]:
            yield from (word, *members.get(word, ()))

    return words


def _reason(explanation: Explanation, line: _Line, additions: Sequence[Addition]) -> Reason:
    place = line.place
    shipped = line.explained or ShippedRule(rule=line.text)
    applied = {rule.name: rule for rule in explanation.rules}
    added = tuple(
        one
        for one in additions
        if one.domain == place and set(singles(one.rule)) & set(singles(shipped.rule))
    )
    itself = tuple(map(_learned, singles(shipped.rule))) if shipped.sources else ()
    learned = shipped.learned or itself
    return Reason(
        place,
        shipped,
        tuple(Learned(rule=entry.rule, domain=entry.domain or place) for entry in learned),
        tuple(applied[name] for name in shipped.by if name in applied),
        tuple(explanation.sources[number] for number in shipped.sources),
        added,
        known=line.explained is not None,
    )


def _learned(line: str) -> Learned:
    return Learned(rule=line)


def _admitting(wanted: str) -> Callable[[str], bool]:
    """Whether a word is or admits the path or address `wanted`, or is admitted by the pattern `wanted`."""
    try:
        address = parse_address_range(wanted)
    except PolicyError:
        return lambda word: _admits(word, wanted)
    return lambda word: _has(word, address)


def _admits(word: str, wanted: str) -> bool:
    try:
        return (is_word(word) and matches(word, wanted)) or matches(wanted, word)
    except PolicyError:
        return False


def _has(word: str, address: AddressRange) -> bool:
    try:
        return parse_address_range(word).covers(address)
    except PolicyError:
        return False
