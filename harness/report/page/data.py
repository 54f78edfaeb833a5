"""What the page shows only on demand, as compact JSON.

A fragment with its provenance has thousands of rules, a run has dozens of fragments: each lies in the page
compressed, and the browser unpacks it when its scenario is opened. `page.js` reads what `pack` writes.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from harness.analysis import programs_by_domain, short_chain
from harness.policy import alias
from harness.record import RecordedScenario, RuleProvenance, Run

# The last part of a log says how it ended; the whole lies in the run folder.
_LONGEST_LOG = 120_000
_LONGEST_ARGUMENTS = 4_000
_LOGS = ("console.log", "journal.txt")

_Value = TypeVar("_Value", bound=Hashable)


class _Table(Generic[_Value]):
    """Values by number, each once."""

    def __init__(self) -> None:
        self.numbers: dict[_Value, int] = {}

    def number(self, value: _Value | None) -> int:
        """The number of a value, -1 for none."""
        return -1 if value is None else self.numbers.setdefault(value, len(self.numbers))

    def values(self) -> list[_Value]:
        """All values in order of their numbers."""
        return list(self.numbers)


def pack(value: object) -> str:
    """A value as base64 of gzip of JSON."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def scenario_data(scenario: RecordedScenario, provenance: list[RuleProvenance]) -> dict[str, object]:
    """A scenario's fragment, provenance and logs.

    Returns:
        `domains`: a list of [name, chain, rules], where a rule is
        [text, step, seconds, process, arguments of what it starts, records, reason, aliases];
        `processes`: [pid, ppid, uid, program, arguments]; `arguments`, `reasons`: referred to by position;
        `since`: what `seconds` count from, in seconds since 1970; `logs`: name → text.
        -1 stands for nothing.
    """
    processes: _Table[tuple[int, int, int, str, int]] = _Table()
    arguments: _Table[tuple[str, ...]] = _Table()
    reasons: _Table[str] = _Table()
    since = min((int(line.time.timestamp()) for line in provenance if line.time), default=0)

    def row(line: RuleProvenance) -> list[object]:
        process = line.process
        number = -1
        if process is not None:
            argv = arguments.number(_bounded(process.argv))
            number = processes.number((process.pid, process.ppid, process.uid, process.program, argv))
        return [
            line.rule,
            -1 if line.step is None else line.step,
            int(line.time.timestamp()) - since if line.time else -1,
            number,
            arguments.number(_bounded(line.starts)),
            line.records,
            reasons.number(line.unknown or None),
        ]

    by_domain: dict[str, dict[str, RuleProvenance]] = {}
    for line in provenance:
        by_domain.setdefault(line.domain, {})[line.rule] = line
    domains = [
        [name, short_chain(name), [_folded(alike.lines, lines, row) for alike in alias.fold(lines)]]
        for name, lines in by_domain.items()
    ]
    return {
        "domains": domains,
        "processes": processes.values(),
        "arguments": arguments.values(),
        "reasons": reasons.values(),
        "since": since,
        "logs": {name: text for name in _LOGS if (text := _log(scenario, name))},
    }


def programs_data(run: Run) -> list[list[object]]:
    """For each program its domains, as [program, [[name, chain, [[scenario's position, rules], …]], …]]."""
    positions = {scenario.id: position for position, scenario in enumerate(run.scenarios)}
    return [
        [
            program.program,
            [
                [
                    chain.domain,
                    short_chain(chain.domain),
                    [[positions[scenario], rules] for scenario, rules in chain.rules.items()],
                ]
                for chain in program.chains
            ],
        ]
        for program in programs_by_domain(run.scenarios)
    ]


def rules_by_step(provenance: list[RuleProvenance]) -> Counter[int | None]:
    """How many rules each step asked for; None for what came before the first."""
    return Counter(line.step for line in provenance if not line.unknown)


def _folded(
    alike: Sequence[str],
    lines: Mapping[str, RuleProvenance],
    row: Callable[[RuleProvenance], list[object]],
) -> list[object]:
    """Rules about one file as a single row, in front the one that names it in the merged tree."""
    shown = next((rule for rule in alike if alias.merged_line(rule) == rule), alike[0])
    return [*row(lines[shown]), [row(lines[rule]) for rule in alike if rule != shown]]


def _bounded(argv: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if argv is None or sum(map(len, argv)) <= _LONGEST_ARGUMENTS:
        return argv
    return (" ".join(argv)[:_LONGEST_ARGUMENTS] + " …",)


def _log(scenario: RecordedScenario, name: str) -> str:
    text = scenario.file(name).decode("utf-8", "replace").replace("\0", "\n")
    if len(text) <= _LONGEST_LOG:
        return text
    return (
        f"… the first {len(text) - _LONGEST_LOG} characters are left out, see {name}\n{text[-_LONGEST_LOG:]}"
    )
