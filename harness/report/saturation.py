"""What repetitions of scenarios tell, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.analysis.domains import short_chain
from harness.analysis.saturation import WORTH_IT, Saturation, by_need, together
from harness.report.text import count_of, part_of, printable

_ENOUGH = Text("enough", style="green")
_ROWS = 20
_VARYING = 3
_SHOWN = 5


def saturation_view(found: Sequence[Saturation]) -> RenderableType:
    """Which scenarios are worth another repetition, what varies in them, and what all come to together.

    Those that vary most come first; those that have been repeated enough are counted.
    """
    ordered = by_need(found)
    open_ones = [one for one in ordered if not one.enough]
    table = Table(box=None, pad_edge=False)
    table.add_column("Repeated", overflow="fold", ratio=1)
    table.add_column("New rules", justify="right", no_wrap=True)
    table.add_column("Next", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in open_ones[:_ROWS]:
        _row(table, Text(printable(one.name)), one, _verdict(one))
    sums = together(found)
    if len(open_ones) > _ROWS:
        table.add_row(Text(f"{len(open_ones) - _ROWS:,} more, which the page has", style="dim"))
    if sums.enough:
        table.add_row(Text(count_of(sums.enough, "other")), "", "", _ENOUGH)
    if len(found) > 1:
        _row(table, Text("all together", style="bold"), sums.policy, _verdict(sums.policy))
    rule = (
        "New rules: by repetition. Next: how many another one is expected to show; "
        f"it is worth it while that is {WORTH_IT:g} or more."
    )
    stable = f"{part_of(sums.stable, sums.scenarios)} ended in the same way each time."
    return Group(
        *(_varying(one) for one in ordered[:_VARYING] if one.varying),
        *(_unstable(one) for one in found if not one.stable),
        Text(""),
        table,
        Text(rule, style="dim"),
        Text(stable, style="bold"),
    )


def _row(table: Table, name: Text, one: Saturation, verdict: Text) -> None:
    added = " + ".join(f"{number:,}" for number in one.added)
    table.add_row(name, added, "-" if one.expected is None else f"{one.expected:.1f}", verdict)


def _verdict(one: Saturation) -> Text:
    if not one.stable:
        return Text("not stable", style="bold red")
    if one.worth_another:
        return Text("worth another", style="yellow")
    return _ENOUGH


def _unstable(one: Saturation) -> RenderableType:
    """What became of each repetition, and where it did not pass."""
    lines = [
        Padding(Text(f"repetition {number}: {printable(end) or outcome}"), (0, 0, 0, 2))
        for number, (outcome, end) in enumerate(zip(one.outcomes, one.ends, strict=True), 1)
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
