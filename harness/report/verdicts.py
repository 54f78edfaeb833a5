"""Runs under a policy as tables for a terminal: verdicts and denials."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.analysis.denials import Alike, alike, by_domain
from harness.analysis.prediction import Predicted
from harness.record import RecordedScenario, Run
from harness.record.schema import Step, Verdict, VerdictRecord
from harness.report.text import OUTCOME_STYLE, chain, count_of, duration, outcome_of, printable

VERDICT_STYLE: dict[Verdict, str] = {
    "passed": "green",
    "passed with denials": "yellow",
    "failed": "bold red",
    "not tried": "bold magenta",
}
_ABOUT = {"task": "", "variant": "variant", "refused": "must be refused"}


def verdicts_view(run: Run, *, limit: int) -> RenderableType:
    """What the policy did: the boot, a line a scenario, and the denials.

    Args:
        run: a run under a policy.
        limit: how many denials to show of each scenario before only counting the others.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Scenario", overflow="fold")
    table.add_column("Denials", justify="right", no_wrap=True)
    table.add_column("Time", justify="right", no_wrap=True)
    parts: list[RenderableType] = [table]
    if run.manifest.enforced is not None:
        parts += [
            Text(f"not governed (profile 0): {printable(domain)}", style="yellow")
            for domain in run.manifest.enforced.unconfined
        ]
    for checkpoint in run.checkpoints:
        verdict = checkpoint.verdict()
        if verdict is None:
            continue
        record = checkpoint.record
        seconds = duration(record.ready_seconds) if record.ready_seconds is not None else ""
        table.add_row(_verdict(verdict.verdict), f"the way to {record.name}", _count(verdict), seconds)
        parts += _denials(f"the way to {record.name}", verdict, (), limit)
    for scenario in run.scenarios:
        verdict, record_ = scenario.verdict(), scenario.record
        about = f"  ({_ABOUT[record_.kind]})" if _ABOUT[record_.kind] else ""
        shown = (
            _verdict(verdict.verdict)
            if verdict is not None
            else Text(outcome_of(scenario), OUTCOME_STYLE[outcome_of(scenario)])
        )
        table.add_row(
            shown, Text(printable(record_.title) + about), _count(verdict), duration(record_.seconds)
        )
        if verdict is not None:
            parts += _denials(record_.title, verdict, record_.steps, limit)
    return Group(*parts)


def predictions_view(predictions: Sequence[Predicted], *, limit: int) -> RenderableType:
    """What a policy would have denied: a line a scenario, and the denials.

    Args:
        predictions: of the ways to the checkpoints and the scenarios.
        limit: how many denials to show of each before only counting the others.
    """
    table = Table(box=None, pad_edge=False, show_footer=len(predictions) > 1)
    holding = sum(one.holds for one in predictions)
    table.add_column("Granted", no_wrap=True)
    table.add_column(
        "Scenario", overflow="fold", footer=f"{holding} of {len(predictions)} would be granted all"
    )
    denied = sum(len(one.verdict.denials) for one in predictions)
    table.add_column("Denials", justify="right", no_wrap=True, footer=f"{denied:,}")
    table.add_column("In unknown domains", justify="right", no_wrap=True)
    parts: list[RenderableType] = [table]
    for one in predictions:
        table.add_row(
            Text("all", style="green") if one.holds else Text("not all", style="yellow"),
            Text(printable(one.name)),
            _count(one.verdict),
            f"{sum(times for _, times in one.unknown):,}" if one.unknown else "",
        )
        parts += _denials(one.name, one.verdict, one.steps, limit, whole="--limit, or --json")
        parts += [
            Text(f"  no domain {chain(domain)}: {count_of(times, 'access', 'accesses')}", style="yellow")
            for domain, times in one.unknown[:limit]
        ]
        if one.verdict.lost:
            lost = f"{printable(one.name)}: the audit was full when it was read, and records are lost"
            parts.append(Text(lost, style="bold red"))
    return Group(*parts)


def denials_view(scenario: RecordedScenario) -> RenderableType:
    """All that a policy denied to one scenario."""
    verdict = scenario.verdict()
    if verdict is None:
        return Text("no verdict: the scenario did not come to its end", style="yellow")
    said = Text.assemble("Verdict: ", _verdict(verdict.verdict))
    return Group(said, *_denials("Denials", verdict, scenario.record.steps, len(verdict.denials)))


def step_text(steps: Sequence[Step], index: int | None) -> str:
    """A denial's step as a reader wants it."""
    if index is None or index >= len(steps):
        return "before the first step" if steps else ""
    return f"{steps[index].keyword} {steps[index].text}"


def _denials(
    title: str, verdict: VerdictRecord, steps: Sequence[Step], limit: int, *, whole: str = "verdict.json"
) -> list[RenderableType]:
    """The denials by domain; of those beyond `limit` their number, and where the `whole` is."""
    unwanted = alike(verdict.unwanted)
    if not unwanted:
        return []
    parts: list[RenderableType] = [Text(f"\n{printable(title)}", style="bold")]
    for domain, denials in by_domain(unwanted[:limit]).items():
        parts.append(Text(f"  {chain(domain)}", style="cyan"))
        parts += [_denial(denial, steps) for denial in denials]
    if len(unwanted) > limit:
        left = count_of(sum(1 + one.others for one in unwanted[limit:]), "more denial")
        parts.append(Text(f"  … and {left}: {whole}", style="yellow"))
    return parts


def _denial(same: Alike, steps: Sequence[Step]) -> Text:
    denial = same.first
    text = Text.assemble("    ", (printable(denial.entry), "red"))
    text.append(f" and {same.others:,} like it" if same.others else "", "red")
    where = step_text(steps, denial.step)
    text.append(f"  at: {printable(where)}" if where else "", "dim")
    text.append(f"  {same.count} times" if same.count > 1 else "", "dim")
    if denial.least:
        least = "the same" if denial.least == (denial.entry,) else printable("; ".join(denial.least))
        text.append(f"\n      would be admitted by: {least}", "green")
    return text


def _verdict(verdict: Verdict) -> Text:
    return Text(verdict, style=VERDICT_STYLE[verdict])


def _count(verdict: VerdictRecord | None) -> str:
    return str(len(verdict.unwanted) or "") if verdict is not None else ""
