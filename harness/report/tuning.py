"""What tuning did, for a terminal and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.analysis import Answer
from harness.analysis.tuning import SHIPPED, Proposal, Reason, Tuned, changed
from harness.record import ShippedPolicy
from harness.record.explanation import AppliedRule, Explanation, ShippedDomain
from harness.report.text import answers_view, chain, count_of, printable

_DOMAINS = 15
_TEST_SHOWN = 3
_SHOWN = 5
_IDLE = 10


def tuned_view(tuned: Tuned, *, everything: bool = False) -> RenderableType:
    """Lines before and after, what each tuning rule did, and which domains got more than they asked for.

    Args:
        tuned: the outcome.
        everything: all domains, not only the first, and the names of all rules without effect.
    """
    explanation = tuned.explanation
    parts: list[RenderableType] = [_sources(explanation), Text(""), _figures(explanation)]
    parts += [Text(""), _rules(explanation, everything=everything)]
    parts += [Text(""), _domains(explanation, everything=everything)]
    if tuned.merged:
        parts += [Text(""), _merged(tuned)]
    parts += [Text(line, style="yellow") for line in _warnings(tuned)]
    return Group(*parts)


def tuned_json(tuned: Tuned) -> dict[str, object]:
    """The same for programs; the policy's own `tuning.json` has every line."""
    explanation = tuned.explanation
    return {
        "digest": tuned.policy.digest,
        "figures": explanation.figures.model_dump(),
        "sources": [source.model_dump() for source in explanation.sources],
        "rules": [
            {**rule.model_dump(), "shipped": lines, "beyond": beyond}
            for rule, lines, beyond in _by_rule(explanation)
        ],
        "domains": [
            {"domain": name, "rules": len(domain.rules), "beyond": domain.beyond}
            for name, domain in _widest(explanation)
        ],
        "merged": {name: list(old) for name, old in tuned.merged.items()},
        "gains": [{"domain": gain.domain, "permissions": len(gain.rules)} for gain in tuned.gains],
        "incomplete": list(tuned.incomplete),
        "damaged": list(tuned.damaged),
        "of_the_test": list(tuned.of_the_test),
    }


_LATER = "somebody wrote it into the folder afterwards"
_BROUGHT = f"it came with the image's policy, with --domains or a tuning rule, or {_LATER}"


def reason_view(reason: Reason, answers: Sequence[Answer], missing: Sequence[str]) -> RenderableType:
    """Why a shipped line is there: tuning rules, learned rules, and the steps that asked.

    Each rule is one line, however long: print it with `soft_wrap`.

    Args:
        reason: from `harness.analysis.tuning.reasons`.
        answers: who asked, scenario by scenario.
        missing: runs whose provenance could not be read.
    """
    in_domain = reason.place.startswith("<")
    place = chain(reason.place) if in_domain else reason.place
    text = Text.assemble((printable(reason.shipped.rule), "bold"), f"\n  in {place}")
    if not reason.known:
        text.append(f"\n  not learned: {_LATER if in_domain else _BROUGHT}", "yellow")
    for tuning in reason.tuning:
        text.append(f"\n  made by {tuning.name}: {printable(tuning.reason)}", "cyan")
    if reason.shipped.beyond:
        paths = count_of(reason.shipped.beyond, "path")
        text.append(f"\n  admits {paths} of the image beyond those learned", "yellow")
    for added in reason.added:
        where = added.scenario or f"the way to {added.checkpoint}"
        text.append(f"\n  added in round {added.round}, because {printable(added.run)} denied it to ", "cyan")
        text.append(f"{printable(added.program or 'a program')} in {printable(where)}", "cyan")
        if added.step:
            text.append(f"\n    {printable(added.step)}", "dim")
    if reason.learned:
        text.append(f"\n  stands for {count_of(len(reason.learned), 'learned rule')}")
    for learned in reason.learned[:_SHOWN]:
        where = "" if learned.domain == reason.place else f"  in {chain(learned.domain)}"
        text.append(f"\n    {printable(learned.rule)}{where}", "dim")
    if len(reason.learned) > _SHOWN:
        text.append(f"\n    \N{HORIZONTAL ELLIPSIS} and {len(reason.learned) - _SHOWN:,} more", "dim")
    for name in dict.fromkeys(source.id for source in reason.sources if source.kind == "checkpoint"):
        text.append(f"\n  learned on the way to {printable(name)}")
    text.append("\n")
    shown = answers_view(answers, limit=_SHOWN, indent="  ") if answers else Text("")
    return Group(text, shown, *(Text(f"  {printable(line)}", "yellow") for line in missing))


def reason_json(reason: Reason, answers: Sequence[dict[str, object]]) -> dict[str, object]:
    """The same for programs."""
    return {
        "place": reason.place,
        **reason.shipped.model_dump(),
        "learned": [learned.model_dump() for learned in reason.learned],
        "added": [added.model_dump(exclude_defaults=True) for added in reason.added],
        "tuning": [{"name": rule.name, "reason": rule.reason} for rule in reason.tuning],
        "sources": [source.model_dump() for source in reason.sources],
        "answers": list(answers),
    }


def changed_note(folder: Path, policy: ShippedPolicy) -> str:
    """That a policy is no more what its tuning wrote; empty where it is, or was never tuned."""
    if policy.explanation is None or not any(changes := changed(policy)):
        return ""
    removed, added = changes
    return f"{folder} was changed after it was tuned: permissions removed: {removed:,}, added: {added:,}"


def proposals_toml(proposals: Iterable[Proposal]) -> str:
    """Proposals as tuning rules that can be pasted into a file and reviewed there."""
    blocks = []
    for number, proposal in enumerate(proposals, 1):
        (one, first), (other, second) = proposal.examples
        reason = f"varies: {one} ({first}), {other} ({second})"
        blocks.append(
            f'[[rule]]\nname = "proposed-{number}"\nreason = {_text(reason)}\n'
            f"directives = [{_list(proposal.directives)}]\ndomains = [{_list(proposal.programs)}]\n"
            f"patterns = [{_list([proposal.pattern])}]\n"
        )
    return "\n".join(blocks)


def _list(texts: Iterable[str]) -> str:
    return ", ".join(map(_text, texts))


def _text(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's too."""
    shown = printable(text)
    return json.dumps(shown) if "'" in shown else f"'{shown}'"


def _sources(explanation: Explanation) -> Text:
    text = Text()
    for number, run in enumerate(explanation.runs):
        mine = [source for source in explanation.sources if source.run == number]
        scenarios = [source for source in mine if source.kind == "scenario"]
        used = sum(source.used for source in scenarios)
        baselines = ", ".join(source.id for source in mine if source.kind == "checkpoint") or "none"
        text.append(f"{printable(run.name)}: ", "bold")
        text.append(f"baselines {baselines}; {used} of {count_of(len(scenarios), 'scenario')}")
        left = [source for source in scenarios if not source.used]
        if left:
            text.append(
                "; not used: " + ", ".join(f"{printable(s.id)} ({s.outcome})" for s in left), "yellow"
            )
        text.append("\n" if number + 1 < len(explanation.runs) else "")
    return text


def _figures(explanation: Explanation) -> Table:
    figures = explanation.figures
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("before", justify="right")
    table.add_column("after", justify="right")
    table.add_row("rules", f"{figures.learned:,}", f"{figures.shipped:,}")
    table.add_row("lines, all files", f"{figures.lines_before:,}", f"{figures.lines_after:,}")
    table.add_row("domains", f"{_learned_domains(explanation):,}", f"{len(explanation.domains):,}")
    if figures.layered:
        table.add_row(
            "of these names of overlay layers", f"{figures.layered:,}", f"{figures.layered_shipped:,}"
        )
    removed = sum(len(entry.rules) for entry in explanation.removed)
    if removed:
        table.add_row("of the harness itself", f"{removed:,}", "0")
    if figures.beyond is not None:
        table.add_row("paths beyond, added up over domains", "0", f"{figures.beyond:,}")
        table.add_row("  of so many in the image", "", f"{figures.image_paths:,}")
    return table


def _rules(explanation: Explanation, *, everything: bool) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Tuning rule")
    table.add_column("Set", style="dim")
    table.add_column("Learned", justify="right")
    table.add_column("Shipped", justify="right")
    table.add_column("Paths beyond", justify="right")
    for rule, lines, beyond in sorted(_by_rule(explanation), key=lambda row: -row[0].rewrote):
        if rule.rewrote:
            known = "" if explanation.figures.beyond is None else f"{beyond:,}"
            table.add_row(rule.name, rule.file, f"{rule.rewrote:,}", f"{lines:,}", known)
    idle = [rule.name for rule in explanation.rules if not rule.rewrote]
    if idle:
        named = ", ".join(idle)
        shown = everything or len(idle) <= _IDLE
        table.caption = f"without effect: {named if shown else f'{len(idle)} more, which --all names'}"
        table.caption_justify = "left"
    return table


def _by_rule(explanation: Explanation) -> Iterable[tuple[AppliedRule, int, int]]:
    lines: dict[str, int] = {}
    beyond: dict[str, int] = {}
    for domain in (*explanation.domains.values(), *explanation.acl_groups.values()):
        for rule in domain.rules:
            for name in rule.by:
                lines[name] = lines.get(name, 0) + 1
                beyond[name] = beyond.get(name, 0) + (rule.beyond or 0)
    for applied in explanation.rules:
        if not applied.file:
            # Groups of common rules and the overlay's names widen nothing.
            beyond[applied.name] = 0
        yield applied, lines.get(applied.name, 0), beyond.get(applied.name, 0)


def _domains(explanation: Explanation, *, everything: bool) -> Table:
    known = explanation.figures.beyond is not None
    table = Table(box=None, pad_edge=False)
    table.add_column("Domain" if not known else "Domain, most paths beyond first", overflow="fold")
    table.add_column("Rules", justify="right")
    if known:
        table.add_column("Paths beyond", justify="right")
    widest = _widest(explanation)
    for name, domain in widest if everything else widest[:_DOMAINS]:
        cells = [f"{domain.beyond or 0:,}"] if known else []
        table.add_row(chain(name), f"{len(domain.rules):,}", *cells)
    if len(widest) > _DOMAINS and not everything:
        table.caption = f"{len(widest) - _DOMAINS} more: --all"
        table.caption_justify = "left"
    return table


def _widest(explanation: Explanation) -> list[tuple[str, ShippedDomain]]:
    return sorted(explanation.domains.items(), key=lambda item: (-(item[1].beyond or 0), -len(item[1].rules)))


def _learned_domains(explanation: Explanation) -> int:
    removed = {entry.domain for entry in explanation.removed if entry.domain} - explanation.domains.keys()
    return sum(len(domain.learned) or 1 for domain in explanation.domains.values()) + len(removed)


def _merged(tuned: Tuned) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Domains that became one", overflow="fold")
    table.add_column("from", justify="right")
    table.add_column("permissions gained", justify="right")
    for name, old in sorted(tuned.merged.items(), key=lambda item: -len(item[1])):
        gained = sum(len(gain.rules) for gain in tuned.gains if gain.becomes == name)
        table.add_row(chain(name), str(len(old)), f"{gained:,}")
    return table


def _warnings(tuned: Tuned) -> Iterable[str]:
    own = tuned.explanation.own_rules
    if own and not any(rule.file in SHIPPED and rule.file not in own for rule in tuned.explanation.rules):
        yield (
            f"none of Tomograph's own rule sets was applied beside {', '.join(map(printable, own))}: "
            "--rules all adds them"
        )
    for damage in tuned.damaged:
        yield f"a record cannot be read, and what was learned there is missing: {printable(damage)}"
    for name in tuned.incomplete:
        yield f"learning stopped at its quota in {chain(name)}: rules are missing"
    if tuned.of_the_test:
        first = ", ".join(printable(line) for line in tuned.of_the_test[:_TEST_SHOWN])
        lines = count_of(len(tuned.of_the_test), "line names", "lines name")
        yield (
            f"{lines} servers of scenarios, which no real machine meets; "
            f"a tuning rule is missing. The first: {first}"
        )
