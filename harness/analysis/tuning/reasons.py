"""From a line of a shipped policy back to the learned rules, the scenarios and the steps behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.provenance import recorded_provenance
from harness.analysis.search import Answer
from harness.errors import PolicyError, RecordError
from harness.policy.pattern import matches
from harness.policy.sets import singles
from harness.policy.word import is_word
from harness.record import Run
from harness.record.explanation import AppliedRule, Explanation, Learned, ShippedRule, Source


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one line is in the policy.

    Attributes:
        place: the domain it is in, or `acl_group N`.
        shipped: the line with what it stands for.
        learned: the learned rules, each with its domain; the line itself where nothing was rewritten.
        tuning: the tuning rules that made it.
        sources: who learned what it stands for.
    """

    place: str
    shipped: ShippedRule
    learned: tuple[Learned, ...]
    tuning: tuple[AppliedRule, ...]
    sources: tuple[Source, ...]


def reasons(explanation: Explanation, rule: str) -> list[Reason]:
    r"""The lines of a policy that `rule` names, and why each is there.

    Args:
        explanation: of the policy.
        rule: a whole line; or else a path, which a word of the line is or admits; or else a pattern that
            admits a word; or else any part of a line.

    Returns:
        In order of the policy, the domains' own rules before those of groups.
    """
    wanted = " ".join(rule.split())
    tests: Iterable[Callable[[str], bool]] = (
        lambda line: line == wanted,
        lambda line: any(_admits(word, wanted) for word in line.split(" ")[2:]),
        lambda line: wanted in line,
    )
    for test in tests:
        found = [
            _reason(explanation, place, shipped)
            for place, shipped in _lines(explanation)
            if test(shipped.rule)
        ]
        if found:
            return found
    return []


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


def _reason(explanation: Explanation, place: str, shipped: ShippedRule) -> Reason:
    applied = {rule.name: rule for rule in explanation.rules}
    learned = shipped.learned or tuple(Learned(rule=single) for single in singles(shipped.rule))
    return Reason(
        place,
        shipped,
        tuple(Learned(rule=entry.rule, domain=entry.domain or place) for entry in learned),
        tuple(applied[name] for name in shipped.by if name in applied),
        tuple(explanation.sources[number] for number in shipped.sources),
    )


def _admits(word: str, wanted: str) -> bool:
    try:
        return (is_word(word) and matches(word, wanted)) or matches(wanted, word)
    except PolicyError:
        return False
