"""Runs as tables for a terminal.

Functions return rich renderables and print nothing. Text from a guest goes through `printable`: a control
sequence in a file name must not reach the reader's terminal.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.analysis import Answer, recorded_provenance, short_chain, unknown_reasons
from harness.analysis.loop import seconds_of
from harness.policy.rule import split_operations
from harness.record import Manifest, RecordedScenario, RuleProvenance, Run
from harness.record.schema import Finding, Process, ScenarioRecord, Step

_ANGLE = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "

# Unicode's categories of control, format, surrogate, private and unassigned characters, and of line breaks.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_ROOM_FOR_NAMES = 48
"""Columns of characters, if the names of the scenarios are that long."""

_DISPENSABLE = ("Steps", "Domains", "Working")
"""Columns that make way for the names, the first of them first."""

OUTCOME_STYLE = {
    "passed": "green",
    "failed": "bold red",
    "error": "bold magenta",
    "skipped": "yellow",
    "running": "cyan",
    "interrupted": "bold yellow",
}


def printable(text: str, *, lines: bool = False) -> str:
    """`text` with control and format characters made visible, so that it can only be read.

    Args:
        text: anything, also half a character.
        lines: keep line ends and tabs.
    """
    kept = "\n\t" if lines else ""
    return "".join(
        character
        if character in kept or unicodedata.category(character) not in _INVISIBLE
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 05 s`, `1 h 02 min`."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def count_of(number: int, one: str, many: str = "") -> str:
    """`1 rule`, `2,310 rules`.

    Args:
        number: how many.
        one: what one is called.
        many: what others are called, where that takes more than an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def part_of(number: int, whole: int) -> str:
    """`126 of 128 (98 %)`; never more percent than there are."""
    return f"{number:,} of {whole:,}" + (f" ({100 * number // whole} %)" if whole else "")


def chain(domain: str) -> str:
    """A domain as the chain of its program names."""
    return _ANGLE.join(map(printable, short_chain(domain)))


def working(record: ScenarioRecord) -> str:
    """The part of a scenario's time in which the guest worked on its steps; empty when nobody measured it."""
    share = record.working_share
    return "" if share is None else f"{share:.0%}"


def outcome_of(scenario: RecordedScenario) -> str:
    """The outcome to show: a scenario that never finished was interrupted."""
    return "interrupted" if scenario.interrupted else scenario.record.outcome


def run_view(run: Run) -> RenderableType:
    """What a run did: facts, a line a scenario, findings."""
    parts: list[RenderableType] = [_facts(run), ScenarioTable(run.scenarios)]
    noted = [(scenario, finding) for scenario in run.scenarios for finding in scenario.record.findings]
    if noted:
        parts.append(Text("Findings", style="bold"))
        parts += [Padding(_finding(finding, scenario.id), (0, 0, 0, 2)) for scenario, finding in noted]
    parts += [Text(f"damaged: {printable(reason)}", style="bold red") for reason in run.damaged]
    parts += [Text(f"not read: {printable(line)}", style="bold red") for line in run.unreadable()]
    return Group(*parts)


@dataclass(frozen=True, slots=True)
class ScenarioTable:
    """A line a scenario with outcome, time, rules and findings, and their sum.

    Where there is little room the columns that say least make way for the names, and are named below.
    """

    scenarios: Sequence[RecordedScenario]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, for as many columns of characters as there are."""
        names = [printable(scenario.record.title) for scenario in self.scenarios]
        numbers = self._numbers()
        outcomes = ["Outcome", *map(outcome_of, self.scenarios)]
        wanted = min(_ROOM_FOR_NAMES, max(map(cell_len, names), default=0))
        room = options.max_width - _width(outcomes)
        left_out = []
        for title in _DISPENSABLE:
            if room - sum(map(_width, numbers.values())) >= wanted:
                break
            if numbers.pop(title, None) is not None:
                left_out.append(title)
        yield self._table(names, numbers)
        if left_out:
            yield Text(f"for want of room without: {', '.join(left_out)}", style="dim")

    def _table(self, names: Sequence[str], numbers: Mapping[str, Sequence[str]]) -> Table:
        table = Table(box=None, pad_edge=False, show_footer=len(self.scenarios) > 1)
        outcomes = Counter(map(outcome_of, self.scenarios))
        tally = ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items())
        table.add_column("Outcome", no_wrap=True)
        table.add_column("Scenario", footer=f"{count_of(len(names), 'scenario')}: {tally}", overflow="fold")
        for title, (*_, total) in numbers.items():
            table.add_column(title, footer=total, justify="right", no_wrap=True)
        for index, (scenario, name) in enumerate(zip(self.scenarios, names, strict=True), 1):
            outcome = outcome_of(scenario)
            cells = (column[index] for column in numbers.values())
            table.add_row(Text(outcome, style=OUTCOME_STYLE[outcome]), Text(name), *cells)
        return table

    def _numbers(self) -> dict[str, list[str]]:
        """Title → title, a cell for each scenario, and the sum; without findings there is no such column."""
        records = [scenario.record for scenario in self.scenarios]
        steps, findings = ([len(one.steps) for one in records], [len(one.findings) for one in records])
        columns = {
            "Time": (
                [duration(one.seconds) for one in records],
                duration(sum(one.seconds for one in records)),
            ),
            "Working": (list(map(working, records)), ""),
            "Steps": (list(map(str, steps)), str(sum(steps))),
            "Domains": ([str(one.counts.domains) for one in records], ""),
            "Rules": (
                [f"{one.counts.rules:,}" for one in records],
                f"{sum(one.counts.rules for one in records):,}",
            ),
            "Findings": ([str(count or "") for count in findings], str(sum(findings) or "")),
        }
        return {
            title: [title, *cells, total]
            for title, (cells, total) in columns.items()
            if title != "Findings" or total
        }


def _width(cells: Iterable[str]) -> int:
    """Of a column, with the blank that parts it from the next."""
    return max(map(cell_len, cells)) + 1


def scenario_view(scenario: RecordedScenario) -> RenderableType:
    """One scenario: its steps, findings, and the fragment by domain."""
    record, outcome = scenario.record, outcome_of(scenario)
    parts: list[RenderableType] = [
        Text.assemble(
            (printable(record.title), "bold"),
            "  ",
            (outcome, OUTCOME_STYLE[outcome]),
            f"  {duration(record.seconds)}",
            f", the guest worked on it {share} of that" if (share := working(record)) else "",
        ),
        Text(
            f"{record.feature}  checkpoint {record.checkpoint or '-'}  isolation {record.isolation}",
            style="dim",
        ),
        Text(""),
        _steps(record.steps),
    ]
    if record.error:
        fault = f" ({record.fault})" if record.fault else ""
        what, style = ("Skipped", "yellow") if record.outcome == "skipped" else (f"Failed{fault}", "red")
        parts.append(Text(f"\n{what}: {printable(record.error, lines=True)}", style=style))
    if record.findings:
        parts.append(Text("\nFindings", style="bold"))
        parts += [Padding(_finding(finding), (0, 0, 0, 2)) for finding in record.findings]
    if record.counts.domains:
        parts += [Text(""), _domains(scenario)]
    reasons = unknown_reasons(recorded_provenance(scenario))
    parts += [
        Text(f"{count_of(count, 'rule')} without a record: {reason}", style="yellow")
        for reason, count in reasons.items()
    ]
    return Group(*parts)


def answers_view(answers: Iterable[Answer], *, limit: int, indent: str = "") -> RenderableType:
    """Who asked for rules: rule by rule, the scenarios with step and process.

    Each rule is one line, however long: print it with `soft_wrap`.

    Args:
        answers: from `harness.analysis.who_asked`.
        limit: how many rules to show before only counting the others.
        indent: what each line begins with.
    """
    by_rule: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        by_rule.setdefault((answer.provenance.domain, answer.provenance.rule), []).append(answer)
    parts: list[Text] = []
    for (domain, rule), asked in list(by_rule.items())[:limit]:
        parts.append(Text(printable(rule), style="bold"))
        parts.append(Text(f"  {chain(domain)}", style="cyan"))
        parts.append(Text(f"  {printable(domain)}", style="dim"))
        parts += [_answer(answer) for answer in asked]
        parts.append(Text(""))
    if len(by_rule) > limit:
        left = count_of(len(by_rule) - limit, "more rule")
        parts.append(Text(f"… and {left}; --all shows them", style="yellow"))
    return Group(*(_indented(part, indent) for part in parts))


def _indented(text: Text, indent: str) -> Text:
    # No Padding: that fills lines up to the width of the terminal, and cuts off what is longer.
    lines = text.split("\n", allow_blank=True)
    return Text("\n").join(Text.assemble(indent, line) if line else line for line in lines)


def command_line(argv: Sequence[str]) -> str:
    """Arguments as one line, each quoted where it would not read as one word."""
    return " ".join(
        f'"{printable(word)}"' if not word or " " in word or '"' in word else printable(word) for word in argv
    )


def process_line(process: Process) -> str:
    """A process in one line."""
    started = command_line(process.argv) if process.argv else printable(process.program)
    return f"{started}  (pid {process.pid}, parent {process.ppid}, user {process.uid})"


def _policy_in_force(manifest: Manifest) -> str:
    """Which policy a run was made under, and how; empty where TOMOYO learned."""
    enforced = manifest.enforced
    if enforced is None:
        return ""
    return f"{enforced.path} ({enforced.sha256[:12]}…), {manifest.mode} from {enforced.start}"


def _facts(run: Run) -> Table:
    manifest = run.manifest
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    image = " ".join(part for part in (manifest.image.label, manifest.image.path) if part)
    when = f"{manifest.started:%Y-%m-%d %H:%M:%S} UTC"
    if seconds := seconds_of(run):
        when += f", {duration(seconds)}"
    if not manifest.finished:
        when += ", not finished"
    why = ": ".join(manifest.accelerator.why.split(": ")[:2])
    for name, value in (
        ("Run", run.name),
        ("When", when),
        ("Image", image),
        ("Kernel", manifest.image.kernel),
        ("TOMOYO", " ".join((manifest.tomoyo.version, manifest.tomoyo.tools))),
        # The manifest has the rest: QEMU's own words are long, and no error of this run.
        ("Accelerator", f"{manifest.accelerator.name} {why}"),
        ("Isolation", manifest.isolation),
        ("Domains", "; ".join(manifest.exceptions)),
        ("Policy", _policy_in_force(manifest)),
    ):
        if value.strip():
            facts.add_row(name, Text(printable(value.strip())))
    for checkpoint in run.checkpoints:
        ready = checkpoint.record.ready_seconds
        how = (
            "reused"
            if checkpoint.record.reused
            else f"ready after {duration(ready)}"
            if ready
            else "not reached"
        )
        facts.add_row("Checkpoint", Text(f"{checkpoint.record.name}: {how}"))
    for record in (scenario.record for scenario in run.scenarios):
        if record.reused:
            when = f"{record.started:%Y-%m-%d %H:%M} UTC"
            facts.add_row("Kept", Text(printable(f"{record.name}: recorded on {when}, by an earlier run")))
    return facts


def _steps(steps: Sequence[Step]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right", style="dim")
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for step in steps:
        text = Text.assemble((step.keyword, "bold"), " ", printable(step.text))
        table.add_row(
            str(step.index + 1), text, Text(step.outcome, OUTCOME_STYLE[step.outcome]), duration(step.seconds)
        )
    return table


def _domains(scenario: RecordedScenario) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Rules", justify="right", no_wrap=True)
    table.add_column("Domain", overflow="fold")
    domains = sorted(scenario.fragment().values(), key=lambda domain: -len(domain.rules))
    for domain in domains:
        table.add_row(f"{len(domain.rules):,}", Text(chain(domain.name)))
    return table


def _finding(finding: Finding, where: str = "") -> Text:
    step = f" step {finding.step + 1}" if finding.step is not None else ""
    return Text.assemble(
        (finding.kind, "bold yellow"),
        f" {where}{step}: " if where or step else ": ",
        printable(finding.message),
    )


def _answer(answer: Answer) -> Text:
    line = answer.provenance
    text = Text.assemble("  ", (printable(answer.scenario.record.name), "green"), "\n")
    if line.unknown:
        return text.append(f"    unknown: {printable(line.unknown)}", "yellow")
    step = answer.step
    where = f"{step.index + 1}. {step.keyword} {step.text}" if step else "before the first step"
    text.append(f"    {printable(where)}\n")
    text.append(f"    {_when(line)}{process_line(line.process)}" if line.process else "")
    if line.starts is not None:
        text.append(f"\n    started: {command_line(line.starts)}")
    permissions = split_operations(line.rule)[1]
    if len(permissions) > 1:
        text.append(f"\n    the first of {', '.join(permissions)} to be asked for")
    if line.records > 1:
        text.append(f"\n    {line.records} records")
    return text


def _when(line: RuleProvenance) -> str:
    return f"{line.time:%H:%M:%S} guest time  " if line.time else ""
