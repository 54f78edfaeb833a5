"""From a line of a shipped policy back to the learned rules, the scenarios and the steps behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis.iteration import Addition
from harness.analysis.provenance import recorded_provenance
from harness.analysis.search import Answer
from harness.errors import PolicyError, RecordError
from harness.policy import parse_rule
from harness.policy.covering import Groups, covers
from harness.policy.pattern import matches
from harness.policy.sets import singles
from harness.policy.word import is_word
from harness.record import Run, ShippedPolicy
from harness.record.explanation import AppliedRule, Explanation, Learned, ShippedRule, Source


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one line is in the policy.

    Attributes:
        place: the domain it is in, or `acl_group N`.
        shipped: the line with what it stands for.
        learned: the learned rules, each with its domain; the line itself where nothing was rewritten, and
            none where the line was never learned.
        added: the denials that it was added for, where `enforce --iterate` did that.
        tuning: the tuning rules that made it.
        sources: who learned what it stands for.
    """

    place: str
    shipped: ShippedRule
    learned: tuple[Learned, ...]
    tuning: tuple[AppliedRule, ...]
    sources: tuple[Source, ...]
    added: tuple[Addition, ...] = ()


def reasons(policy: ShippedPolicy, rule: str, *, additions: Sequence[Addition] = ()) -> list[Reason]:
    r"""The lines of a policy that `rule` names, and why each is there.

    Args:
        policy: with its explanation.
        rule: a rule, also a single permission of a line, as a denial has it: all lines that grant it; or
            else a path, which a word of the line is or admits; or else a pattern that admits a word; or
            else any part of a line.
        additions: what was added to the policy after tuning, and why.

    Returns:
        In order of the policy, the domains' own rules before those of groups.
    """
    explanation = policy.explanation
    assert explanation is not None, "a policy that tuning wrote"
    wanted = " ".join(rule.split())
    asked = set(singles(wanted))
    tests: Iterable[Callable[[str], bool]] = (
        _granting(policy, wanted),
        # What a round adds stands by itself: a line that the policy joins may have two reasons.
        lambda line: bool(set(singles(line)) & asked),
        lambda line: any(_admits(word, wanted) for word in line.split(" ")[2:]),
        lambda line: wanted in line,
    )
    for test in tests:
        found = [
            _reason(explanation, place, shipped, additions)
            for place, shipped in _lines(explanation)
            if test(shipped.rule)
        ]
        if found:
            return found
    return []


def _granting(policy: ShippedPolicy, wanted: str) -> Callable[[str], bool]:
    """Whether a line grants all that the rule `wanted` does, under conditions of its own or without any.

    Of what is no rule, nothing does.
    """
    try:
        narrow = [parse_rule(single) for single in singles(wanted)]
    except PolicyError:
        return lambda _line: False
    groups = Groups.of(policy.exceptions)

    def grants(line: str) -> bool:
        wide = replace(parse_rule(line), conditions=())
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


def _lines(explanation: Explanation) -> Iterator[tuple[str, ShippedRule]]:
    for name, domain in explanation.domains.items():
        yield from ((name, rule) for rule in domain.rules)
    for number, group in explanation.acl_groups.items():
        yield from ((f"acl_group {number}", rule) for rule in group.rules)


def _reason(
    explanation: Explanation, place: str, shipped: ShippedRule, additions: Sequence[Addition]
) -> Reason:
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
    )


def _learned(line: str) -> Learned:
    return Learned(rule=line)


def _admits(word: str, wanted: str) -> bool:
    try:
        return (is_word(word) and matches(word, wanted)) or matches(wanted, word)
    except PolicyError:
        return False
