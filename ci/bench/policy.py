"""The policy language beside tomoyo-tools: reading, comparing, sorting, matching, memory, growth.

The corpus is multiplied to the sizes that are compared, each copy in a namespace of its own. Every figure is
the median of five runs, in seconds of processor time, which other work on the machine disturbs least.
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import shutil
import statistics
import subprocess
import tempfile
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.errors import HostError
from harness.policy import DomainPolicy, difference, parse_domain_policy, parse_rule, rule
from harness.policy.diff import diff
from harness.policy.lint.names import file_names
from harness.policy.pattern import PatternSet
from harness.policy.sets import sort
from harness.policy.word import is_word

CORPUS = Path(__file__).parents[2] / "tests" / "corpus"
SIZES = (20_000, 250_000, 1_000_000)
RUNS = 5
_QUESTIONS, _PATTERNS = 100_000, 5_000


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison: what, its figure, the target, and whether it holds."""

    what: str
    figure: str
    target: str
    holds: bool


def main() -> int:
    """Measures, prints a table, and returns 1 when a target is missed."""
    tools = [shutil.which(name) for name in ("tomoyo-diffpolicy", "tomoyo-sortpolicy")]
    if None in tools:
        raise HostError("tomoyo-tools is not installed", expected="tomoyo-diffpolicy", hint="make setup")
    os.nice(10)
    results = []
    seconds_a_line = {}
    with tempfile.TemporaryDirectory(prefix="tomograph-bench-") as folder:
        for size in SIZES:
            old, new = _multiplied(Path(folder), size)
            results += _beside_the_tools(old, new, size)
            seconds_a_line[size] = _median(lambda old=old: _read(old)) / size
        results.append(_memory(old))
    results.append(_growth(seconds_a_line))
    results.append(_matching())
    table = Table("what", "figure", "target", "holds")
    for result in results:
        table.add_row(result.what, result.figure, result.target, "yes" if result.holds else "NO")
    Console(width=120).print(table)
    return 0 if all(result.holds for result in results) else 1


def _beside_the_tools(old: Path, new: Path, size: int) -> list[Result]:
    theirs = _median(lambda: _run("tomoyo-diffpolicy", str(old), str(new)))
    exact = _median(lambda: difference(_read(new), _read(old)))
    meaning = _median(lambda: diff(_read(old), _read(new)))
    their_sort = _median(lambda: _run("tomoyo-sortpolicy", stdin=old))
    own_sort = _median(lambda: sort(_read(old), one_permission_a_line=True).dump())
    lines = f"{size:,} lines"
    return [
        _ratio(f"read and exact diff / tomoyo-diffpolicy, {lines}", exact, theirs, 1),
        _ratio(f"read and diff by meaning / tomoyo-diffpolicy, {lines}", meaning, theirs, 3),
        _ratio(f"read, sort, print / tomoyo-sortpolicy, {lines}", own_sort, their_sort, None),
    ]


def _ratio(what: str, own: float, theirs: float, limit: int | None) -> Result:
    ratio = own / theirs
    target = f"at most {limit}" if limit else "none set"
    return Result(
        what, f"{ratio:.2f}  ({own:.2f} s / {theirs:.2f} s)", target, limit is None or ratio <= limit
    )


def _memory(path: Path) -> Result:
    data = path.read_bytes()
    lines = data.count(b"\n")
    tracemalloc.start()
    policy = parse_domain_policy(data)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    figure = f"{held / lines:.0f} bytes, {peak / lines:.0f} while reading ({policy.rule_count:,} rules)"
    return Result(f"memory a line, {lines:,} lines", figure, "under 1,024 bytes", peak / lines < 1024)


def _growth(seconds_a_line: dict[int, float]) -> Result:
    small, large = seconds_a_line[SIZES[0]], seconds_a_line[SIZES[-1]]
    figure = f"{large / small:.2f}"
    return Result(
        f"time a line, {SIZES[-1]:,} / {SIZES[0]:,} lines", figure, "at most 2 (linear)", large <= 2 * small
    )


def _matching() -> Result:
    generator = random.Random(1)  # noqa: S311 - the same questions every time
    policy = parse_domain_policy(
        gzip.decompress((CORPUS / "debian13-ready.domain_policy.conf.gz").read_bytes())
    )
    names = sorted(
        {name for domain in policy.values() for line in domain.rules for name in file_names(parse_rule(line))}
    )
    collection = PatternSet(_generalised(names, generator))
    asked = [generator.choice(names) for _ in range(_QUESTIONS)]
    seconds = _median(lambda: sum(name in collection for name in asked))
    rate = _QUESTIONS / seconds * 60
    return Result(
        f"questions a minute to {len(collection):,} patterns",
        f"{rate:,.0f}",
        "at least 1,000,000",
        rate >= 1_000_000,
    )


def _generalised(names: list[str], generator: random.Random) -> list[str]:
    """Patterns as tuning makes them: numbers, a last component, a directory replaced by wildcards."""
    patterns = set()
    while len(patterns) < _PATTERNS:
        parts = generator.choice(names).split("/")
        place = generator.randrange(max(1, len(parts) - 1), len(parts)) if len(parts) > 1 else 0
        stem = parts[place][: generator.randrange(0, 4)]
        parts[place] = (stem if not stem.endswith("\\") else "") + generator.choice(
            ["\\*", "\\@", "\\$", "\\?\\*"]
        )
        pattern = "/".join(parts)
        if is_word(pattern):
            patterns.add(pattern)
    return sorted(patterns)


def _multiplied(folder: Path, size: int) -> tuple[Path, Path]:
    """The policy before and after Firefox was opened, copied until there are that many lines."""
    paths = []
    for name in ("debian12-ready", "debian12-firefox"):
        text = gzip.decompress((CORPUS / f"{name}.domain_policy.conf.gz").read_bytes()).decode()
        copies = max(1, round(size / text.count("\n")))
        path = folder / f"{name}-{size}"
        with path.open("w") as file:
            for copy in range(copies):
                file.write(text if copy == 0 else text.replace("<kernel>", f"<copy{copy}>"))
        paths.append(path)
    return paths[0], paths[1]


def _read(path: Path) -> DomainPolicy:
    return parse_domain_policy(path.read_bytes(), source=str(path))


def _run(*command: str, stdin: Path | None = None) -> None:
    with (stdin or Path(os.devnull)).open("rb") as source:
        subprocess.run(command, stdin=source, stdout=subprocess.DEVNULL, check=True)


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(RUNS):
        # A process of its own starts with nothing remembered, as the tools do.
        rule._parse_line.cache_clear()
        before = _processor_time()
        work()
        seconds.append(_processor_time() - before)
    return statistics.median(seconds)


def _processor_time() -> float:
    """Of this process and those that it ran, in seconds; `os.times` would count in hundredths only."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
