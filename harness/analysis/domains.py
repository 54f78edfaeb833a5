"""Domains as a reader wants them: short chains, and which scenarios reached a program along which chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from harness.record import RecordedScenario


@dataclass(frozen=True, slots=True)
class Chain:
    """A domain in which a program ran.

    Attributes:
        domain: its full name.
        rules: scenario ID → how many rules it learned there.
    """

    domain: str
    rules: dict[str, int]


@dataclass(frozen=True, slots=True)
class ProgramDomains:
    """A program and all domains that end in it."""

    program: str
    chains: tuple[Chain, ...]

    @property
    def starters(self) -> frozenset[str]:
        """The programs that started it, without itself."""
        parents = (chain.domain.split(" ")[-2:-1] for chain in self.chains)
        return frozenset(parent for names in parents for parent in names if parent != self.program)

    @property
    def most_in_one_scenario(self) -> int:
        """The most domains in which a single scenario met it."""
        return max(Counter(scenario for chain in self.chains for scenario in chain.rules).values(), default=0)


def short_chain(domain: str) -> tuple[str, ...]:
    """A domain's name as program names: `<kernel> /usr/sbin/init /usr/bin/bash` → `init`, `bash`.

    The namespace `<kernel>`, in which all domains are unless somebody made another, is left out where a
    program follows. A program's name that is no path (`proc:/self/fd/9`) stays whole.
    """
    namespace, *programs = domain.split(" ")
    names = [
        program.rstrip("/").rpartition("/")[2] if program.startswith("/") else program for program in programs
    ]
    if not names or namespace != "<kernel>":
        names.insert(0, namespace)
    return tuple(names)


def programs_by_domain(scenarios: Iterable[RecordedScenario]) -> list[ProgramDomains]:
    """For each program the domains in which the scenarios met it.

    Returns:
        A program's domains by name. First come the programs that several others started, and among
        them those that each scenario met in few domains: the browser from its icon and from a
        terminal stands above a shell that everything calls. Last come those with a single domain.
    """
    found: dict[str, dict[str, dict[str, int]]] = {}
    for scenario in scenarios:
        for domain in scenario.fragment().values():
            chains = found.setdefault(domain.name.rpartition(" ")[2], {})
            chains.setdefault(domain.name, {})[scenario.id] = len(domain.rules)
    programs = [
        ProgramDomains(program, tuple(Chain(name, rules) for name, rules in sorted(chains.items())))
        for program, chains in found.items()
    ]
    return sorted(
        programs,
        key=lambda entry: (
            len(entry.chains) == 1,
            len(entry.starters) < 2,
            entry.most_in_one_scenario,
            -len(entry.chains),
            entry.program,
        ),
    )
