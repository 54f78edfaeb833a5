"""What repetitions tell: how much each one still added, whether another is worth it, and what varies.

A rule is counted by its shape: names that the kernel or chance number (processes, pipes, temporary names)
are the same shape each time, though they are other rules.

How much the next repetition would add is estimated as for species in samples (Good and Turing; Chao 1984):
of T repetitions, with Q rules seen in exactly one of them, the next one is expected to show Q / T rules
that none of them has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.outcomes import end_of
from harness.record import RecordedScenario, Run

WORTH_IT = 1.0
"""Another repetition is worth it while at least so many new rules are expected of it."""

_CHANCE = re.compile(
    r"""
    (?<=\[)\d+(?=\])                                        # pipe:[4711]
    | (?<=/)[0-9a-f]{8}(?:-?[0-9a-f]{4,})+(?=[^0-9a-z]|$)   # an identity or a digest
    | (?<=/)\d+(?=[/\s]|$)                                 # a process, a file descriptor
    | (?<=\ )(?:3[3-9]\d{3}|[4-6]\d{4})(?=$)               # a port that the kernel chose (from 32768 on)
    # mkstemp's six characters, but not a word, with or without a capital: Videos, README
    | (?<=[./_-])(?=[A-Za-z]*\d|[A-Za-z][a-z]*[A-Z])(?=[A-Z0-9]*[a-z0-9])[A-Za-z0-9]{6}(?=$|[ ./])
    """,
    re.VERBOSE,
)


def shape(rule: str) -> str:
    """`rule` with what is likely to be chance replaced by `*`."""
    return _CHANCE.sub("*", rule)


Shape = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Saturation:
    """The repetitions of one scenario.

    Attributes:
        name: the scenario's ID, without the repetition.
        outcomes: by repetition.
        ends: by repetition, why it did not pass and in which step; empty where it did.
        learned: by repetition that left a fragment, its rules as (domain, shape).
    """

    name: str
    outcomes: tuple[str, ...]
    ends: tuple[str, ...]
    learned: tuple[frozenset[Shape], ...]

    @property
    def added(self) -> tuple[int, ...]:
        """How many rules each repetition has that none before it had."""
        known: set[Shape] = set()
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
    def varying(self) -> list[tuple[Shape, int]]:
        """The rules that not every repetition learned, and how many did; the rarest first."""
        all_of_them = len(self.learned)
        found = [(rule, times) for rule, times in self._times().items() if times < all_of_them]
        return sorted(found, key=lambda entry: (entry[1], entry[0]))

    @property
    def stable(self) -> bool:
        """Whether every repetition ended in the same way."""
        return len(set(self.outcomes)) <= 1

    def _times(self) -> Counter[Shape]:
        return Counter(rule for rules in self.learned for rule in rules)


def saturation(run: Run) -> list[Saturation]:
    """Each scenario of a run that learned, if it was tried more than once; in the run's order."""
    if run.manifest.mode != "learning":
        return []
    grouped: dict[str, list[RecordedScenario]] = {}
    for scenario in run.scenarios:
        if scenario.record.outcome == "running":  # broken off, and no try
            continue
        grouped.setdefault(scenario.record.repeated, []).append(scenario)
    return [_of(name, tries) for name, tries in grouped.items() if len(tries) > 1]


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
        enough: how many of those are not worth another repetition.
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
        sum(one.stable and not one.worth_another for one in found),
        Saturation(
            "",
            ("passed",) * times,
            ("",) * times,
            tuple(frozenset().union(*(one.learned[number] for one in always)) for number in range(times)),
        ),
    )


def _of(name: str, tries: Iterable[RecordedScenario]) -> Saturation:
    in_order = sorted(tries, key=lambda scenario: scenario.record.repetition)
    # A repetition that failed halfway has not seen the rest: what it lacks says nothing.
    whole = [scenario for scenario in in_order if scenario.record.outcome == "passed"]
    return Saturation(
        name,
        tuple(scenario.record.outcome for scenario in in_order),
        tuple(end_of(scenario.record) for scenario in in_order),
        tuple(frozenset(_shapes(scenario)) for scenario in whole),
    )


def _shapes(scenario: RecordedScenario) -> Iterator[Shape]:
    for domain in scenario.fragment().values():
        for rule in domain.rules:
            yield domain.name, shape(str(rule))
