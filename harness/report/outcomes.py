"""What became of the scenarios of two runs, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from harness.analysis.outcomes import Outcomes, end_of, ended_as
from harness.record.schema import ScenarioRecord
from harness.report.text import count_of, part_of, printable

_NAMED = 10


def outcomes_view(outcomes: Outcomes) -> Text:
    """How many scenarios ended as before, each that did not, and those that only one run tried."""
    text = Text()
    text.append(f"scenarios: {part_of(outcomes.same, outcomes.both)} ended as before", style="bold")
    for one in outcomes.changed:
        better = ended_as(one.after) == "passed"
        text.append(
            f"\n  {ended_as(one.before)} -> {ended_as(one.after)}  {printable(one.after.id)}",
            style="green" if better else "red",
        )
        end = end_of(one.before if better else one.after)
        text.append(f"\n      {'was ' if better and end else ''}{printable(end)}" if end else "", style="dim")
    for what, records in (("no more tried", outcomes.gone), ("not tried before", outcomes.new)):
        if records:
            text.append(f"\n  {what}: {_names(records)}", style="dim")
    return text.append("\n")


def outcomes_json(outcomes: Outcomes) -> dict[str, object]:
    """The same for programs."""
    return {
        "same": outcomes.same,
        "changed": [
            {"scenario": one.after.id, "before": ended_as(one.before), "after": ended_as(one.after)}
            for one in outcomes.changed
        ],
        "gone": [record.id for record in outcomes.gone],
        "new": [record.id for record in outcomes.new],
    }


def _names(records: Sequence[ScenarioRecord]) -> str:
    names = ", ".join(printable(record.id) for record in records[:_NAMED])
    return count_of(len(records), "scenario") + f": {names}" + (", …" if len(records) > _NAMED else "")
