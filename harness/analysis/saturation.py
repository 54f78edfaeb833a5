"""What repetitions tell: how much each one still added, whether another is worth it, and what varies.

Rules are counted as tuning would ship them, permission by permission, under a file's own name: what the
kernel or chance names anew each time (a process, a pipe, a temporary file) is the same rule of a policy, and
what tuning does not know to be the same is another one.

How much the next repetition would add is estimated as for species in samples (Good and Turing; Chao 1984):
of T repetitions, with Q rules seen in exactly one of them, the next one is expected to show Q / T rules
that none of them has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.analysis.denials import Tuner
from harness.analysis.outcomes import end_of
from harness.analysis.tuner import tuner_by
from harness.analysis.tuning import load_rules
from harness.analysis.tuning.rewriting import Rewriter
from harness.policy import DomainPolicy
from harness.policy.alias import merged_line
from harness.policy.sets import singles
from harness.record import RecordedScenario, Run

WORTH_IT = 1.0
"""Another repetition is worth it while at least so many new rules are expected of it."""

Taught = tuple[str, str]
"""A domain, and a permission as tuning would ship it."""


@dataclass(frozen=True, slots=True)
class Saturation:
    """The repetitions of one scenario.

    Attributes:
        name: the scenario's ID, without the repetition.
        outcomes: by repetition.
        ends: by repetition, why it did not pass and in which step; empty where it did.
        learned: what each repetition that passed taught.
    """

    name: str
    outcomes: tuple[str, ...]
    ends: tuple[str, ...]
    learned: tuple[frozenset[Taught], ...]

    @property
    def added(self) -> tuple[int, ...]:
        """How many rules each repetition has that none before it had."""
        known: set[Taught] = set()
        counts = []
        for rules in self.learned:
            counts.append(len(rules - known))
            known |= rules
        return tuple(counts)

    @property
    def expected(self) -> float | None:
        """How many new rules the next repetition is expected to show; None when there is none to go by."""
        if not self.learned:
            return None
        return sum(1 for times in self._times().values() if times == 1) / len(self.learned)

    @property
    def worth_another(self) -> bool:
        """Whether another repetition is worth it."""
        return self.expected is None or self.expected >= WORTH_IT

    @property
    def enough(self) -> bool:
        """Whether it has been repeated enough: it is stable, and another repetition is not worth it."""
        return self.stable and not self.worth_another

    @property
    def varying(self) -> list[tuple[Taught, int]]:
        """The rules that not every repetition learned, and how many did; the rarest first."""
        all_of_them = len(self.learned)
        found = [(rule, times) for rule, times in self._times().items() if times < all_of_them]
        return sorted(found, key=lambda entry: (entry[1], entry[0]))

    @property
    def stable(self) -> bool:
        """Whether every repetition ended in the same way."""
        return len(set(self.outcomes)) <= 1

    def _times(self) -> Counter[Taught]:
        return Counter(rule for rules in self.learned for rule in rules)


def saturation(run: Run, tuned: Tuner | None = None) -> list[Saturation]:
    """Each scenario of a run that learned, if it was tried more than once; in the run's order.

    Args:
        run: the run.
        tuned: how a rule would be shipped; by Tomograph's own tuning rules if None.
    """
    if run.manifest.mode != "learning":
        return []
    grouped: dict[str, list[RecordedScenario]] = {}
    for scenario in run.scenarios:
        if not scenario.interrupted:
            grouped.setdefault(scenario.record.repeated, []).append(scenario)
    repeated = {name: tries for name, tries in grouped.items() if len(tries) > 1}
    if not repeated:
        return []
    lessons = _Lessons(tuned or tuner_by(Rewriter(load_rules())))
    return [_of(name, tries, lessons) for name, tries in repeated.items()]


class _Lessons:
    """What fragments taught. Those of repetitions have most lines in common, and each is tuned once."""

    def __init__(self, tuned: Tuner) -> None:
        self._tuned = tuned
        self._known: dict[tuple[str, str], frozenset[Taught]] = {}

    def of(self, fragment: DomainPolicy) -> frozenset[Taught]:
        return frozenset().union(
            *(self._line(domain.name, line) for domain in fragment.values() for line in domain.rules)
        )

    def _line(self, domain: str, line: str) -> frozenset[Taught]:
        key = domain, line
        if key not in self._known:
            self._known[key] = frozenset(
                (domain, shipped)
                for one in singles(merged_line(line))
                for shipped in self._tuned(domain, one)
            )
        return self._known[key]


def by_need(found: Iterable[Saturation]) -> list[Saturation]:
    """What is not stable first, then by what another repetition is expected to show."""
    return sorted(found, key=lambda one: (one.stable, -(one.expected or 0.0)))


@dataclass(frozen=True, slots=True)
class Sum:
    """The repetitions of all scenarios together.

    A rule that is new to a scenario is nothing new for the policy where another scenario has taught it.

    Attributes:
        scenarios: how many were tried more than once.
        stable: how many of them ended in the same way each time.
        enough: how many of them have been repeated enough.
        policy: what each repetition taught all of them together; of scenarios that passed each time only.
    """

    scenarios: int
    stable: int
    enough: int
    policy: Saturation


def together(found: Sequence[Saturation]) -> Sum:
    """What the repetitions of several scenarios come to."""
    always = [one for one in found if one.stable and one.learned]
    times = min((len(one.learned) for one in always), default=0)
    return Sum(
        len(found),
        sum(one.stable for one in found),
        sum(one.enough for one in found),
        Saturation(
            "",
            ("passed",) * times,
            ("",) * times,
            tuple(frozenset().union(*(one.learned[number] for one in always)) for number in range(times)),
        ),
    )


def _of(name: str, tries: Iterable[RecordedScenario], lessons: _Lessons) -> Saturation:
    in_order = sorted(tries, key=lambda scenario: scenario.record.repetition)
    # A repetition that failed halfway has not seen the rest: what it lacks says nothing.
    whole = [scenario for scenario in in_order if scenario.record.outcome == "passed"]
    return Saturation(
        name,
        tuple(scenario.record.outcome for scenario in in_order),
        tuple(end_of(scenario.record) for scenario in in_order),
        tuple(lessons.of(scenario.fragment()) for scenario in whole),
    )
