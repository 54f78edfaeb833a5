"""Which scenarios, steps and processes asked for a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from harness.policy import DomainPolicy
from harness.policy.pattern import matches
from harness.record import RecordedScenario, RuleProvenance, Run
from harness.record.schema import Step

_NOT_COMPUTED = "the scenario ended before it was computed"


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
        The answers by scenario in order of the run, then as in the fragment: rules that are the line itself;
        if there are none, those with a word that matches; if there are none either, those that contain it.

    Raises:
        PolicyError: a pattern that the kernel would refuse.
    """
    wanted = " ".join(rule.split())
    tests: Iterable[Callable[[str], bool]] = (
        lambda text: text == wanted,
        lambda text: any(matches(wanted, word) for word in text.split(" ")),
        lambda text: wanted in text,
    )
    fragments = [(scenario, scenario.fragment()) for scenario in run.scenarios]
    for test in tests:
        found = [answer for scenario, fragment in fragments for answer in _answers(scenario, fragment, test)]
        if found:
            return found
    return []


def _answers(
    scenario: RecordedScenario, fragment: DomainPolicy, test: Callable[[str], bool]
) -> Iterator[Answer]:
    """The rules of one fragment that pass the test; the provenance is read only if there are any."""
    asked = [(domain.name, rule) for domain in fragment.values() for rule in domain.rules if test(rule)]
    if not asked:
        return
    known = {(line.domain, line.rule): line for line in scenario.provenance()}
    for domain, rule in asked:
        line = known.get((domain, rule))
        yield Answer(scenario, line or RuleProvenance(domain=domain, rule=rule, unknown=_NOT_COMPUTED))
