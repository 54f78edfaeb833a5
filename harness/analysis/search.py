"""Which scenarios, steps and processes asked for a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.analysis.provenance import recorded_provenance
from harness.errors import PolicyError
from harness.policy import parse_rule
from harness.policy.covering import covers
from harness.policy.pattern import matches
from harness.policy.sets import singles
from harness.record import RecordedScenario, RuleProvenance, Run
from harness.record.schema import Step


@dataclass(frozen=True, slots=True)
class Answer:
    """One rule that one scenario learned.

    Attributes:
        step: the step that asked for it, None before the first or when unknown.
    """

    scenario: RecordedScenario
    provenance: RuleProvenance

    @property
    def step(self) -> Step | None:
        """The step as recorded."""
        index = self.provenance.step
        steps = self.scenario.record.steps
        return steps[index] if index is not None and index < len(steps) else None


def who_asked(run: Run, rule: str) -> list[Answer]:
    r"""Every rule of the run that `rule` names, with who asked for it.

    Args:
        run: where to look.
        rule: a whole line of policy, a path, a pattern of TOMOYO's such as `/tmp/\*`, which has to match
            a whole word of the rule, or any part of a line.

    Returns:
        The answers by scenario in order of the run, then as in the fragment. Of a line: the rules that are
        that line; if there are none, those that grant all of it; if there are none, those that it would
        grant. Of a word: the rules with a word that matches. If there are none either, those that contain it.

    Raises:
        PolicyError: a pattern that the kernel would refuse.
    """
    wanted = " ".join(rule.split())
    tests: list[Callable[[str], bool]] = [lambda text: text == wanted]
    if " " in wanted:
        permissions = set(singles(wanted))
        tests += [lambda text: permissions <= set(singles(text)), _granted_by(wanted)]
    else:
        tests.append(lambda text: any(matches(wanted, word) for word in text.split(" ")))
    tests.append(lambda text: wanted in text)
    fragments = [(scenario, _rules(scenario)) for scenario in run.scenarios]
    for test in tests:
        # Provenance is much to read: only of scenarios that learned such a rule.
        asked = [scenario for scenario, rules in fragments if any(map(test, rules))]
        if asked:
            return [
                Answer(scenario, line)
                for scenario in asked
                for line in recorded_provenance(scenario)
                if test(line.rule)
            ]
    return []


def _granted_by(wanted: str) -> Callable[[str], bool]:
    """Whether the line `wanted`, if it is a rule, grants something of another line."""
    try:
        wide = parse_rule(wanted)
    except PolicyError:
        return lambda _text: False
    return lambda text: any(covers(wide, parse_rule(single)) for single in singles(text))


def _rules(scenario: RecordedScenario) -> frozenset[str]:
    return frozenset(rule for domain in scenario.fragment().values() for rule in domain.rules)
