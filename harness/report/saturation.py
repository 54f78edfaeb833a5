"""What repetitions of scenarios tell, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.analysis.domains import short_chain
from harness.analysis.saturation import WORTH_IT, Saturation
from harness.report.text import count_of, printable

_SHOWN = 5


def saturation_view(found: Sequence[Saturation]) -> RenderableType:
    """A line a scenario: what each repetition added, what another would add; then what varies."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Repeated", overflow="fold")
    table.add_column("New rules by repetition", justify="right")
    table.add_column("Expected of another", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in found:
        table.add_row(
            Text(printable(one.name)),
            "  ".join(f"{added:,}" for added in one.added),
            "-" if one.expected is None else f"{one.expected:.1f}",
            _verdict(one),
        )
    rule = f"Another repetition is worth it while {WORTH_IT:g} new rule or more is expected of it."
    unstable = (_unstable(one) for one in found if not one.stable)
    return Group(table, Text(rule, style="dim"), *unstable, *(_varying(one) for one in found if one.varying))


def _verdict(one: Saturation) -> Text:
    if not one.stable:
        return Text(f"not stable: {', '.join(one.outcomes)}", style="bold red")
    if one.worth_another:
        return Text("worth another", style="yellow")
    return Text("enough", style="green")


def _unstable(one: Saturation) -> RenderableType:
    """In which repetitions it did not pass, and where."""
    lines = [
        Padding(Text(f"repetition {number}: {printable(end)}"), (0, 0, 0, 2))
        for number, end in enumerate(one.ends, 1)
        if end
    ]
    return Group(Text(f"\n{printable(one.name)} is not stable", style="bold red"), *lines)


def _varying(one: Saturation) -> RenderableType:
    lines = [
        Text(
            f"\n{printable(one.name)}: {count_of(len(one.varying), 'rule varies', 'rules vary')}",
            style="bold",
        )
    ]
    for (domain, rule), times in one.varying[:_SHOWN]:
        where = short_chain(domain)[-1]
        lines.append(Text(f"{times} of {len(one.learned)}  {printable(where)}: {printable(rule)}"))
    if len(one.varying) > _SHOWN:
        lines.append(Text(f"… and {len(one.varying) - _SHOWN:,} more; --json has them all", style="dim"))
    return Group(lines[0], *(Padding(line, (0, 0, 0, 2)) for line in lines[1:]))
