"""The difference of two policies, for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from harness.policy.alias import merged_line
from harness.policy.diff import Change, DomainDiff, EntryChange, Kind, PolicyDiff
from harness.report.text import chain, count_of, printable

_MARK = {
    Kind.ADDED: ("+", "green"),
    Kind.REMOVED: ("-", "red"),
    Kind.WIDENED: (">", "yellow"),
    Kind.NARROWED: ("<", "cyan"),
    Kind.REPLACED: ("~", "magenta"),
}


_MANY = 4
"""Domains: what changed in as many is told once, before the domains."""

_NAMED = 3

_Folded = tuple[Kind, bool, tuple[str, ...]]
"""What changes stand in one line for: their kind, whether they are without effect, their merged rules."""


def diff_view(
    diff: PolicyDiff, *, redundant: bool = False, limit: int | None = None, whole: bool = True
) -> RenderableType:
    """How many changes there are, and each domain by domain, a file's overlay names folded into one line.

    Each rule is one line, however long: print it with `soft_wrap`.

    Args:
        diff: what changed.
        redundant: show changes without effect too.
        limit: how many domains are shown, how many changes of each and how many that many domains share; None
            for all.
        whole: whether all that either side has was compared.
    """
    if not diff:
        return Text("The policies are the same." if whole else "What was compared is the same.")
    folded = {domain: _folded(domain, redundant=redundant) for domain in diff.domains}
    holders: dict[_Folded, list[DomainDiff]] = {}
    for domain, changes in folded.items():
        for one in changes:
            holders.setdefault(one, []).append(domain)
    common = {one: found for one, found in holders.items() if len(found) >= _MANY}
    head = [
        _entries("the profiles", diff.profiles),
        _entries("who may write policy", diff.managers),
        _entries("the exception policy", diff.entries),
        _common(common, folded, limit),
    ]
    domains = [_domain(domain, changes, common, limit) for domain, changes in folded.items()]
    shown = [block for block in domains if block is not None]
    left = len(shown) - limit if limit is not None else 0
    more = [Text(f"{left:,} more domains: --limit {len(shown)}")] if left > 0 else []
    return Group(_sum(diff), *(block for block in head if block is not None), *shown[:limit], *more)


def diff_json(diff: PolicyDiff) -> dict[str, object]:
    """The same for programs: domains with their changes, rules as their exact lines."""
    return {
        "counts": {kind.value: count for kind, count in diff.counts.items()},
        "exceptions": _lines_json(diff.entries),
        "profiles": _lines_json(diff.profiles),
        "managers": _lines_json(diff.managers),
        "domains": [
            {
                "before": domain.before,
                "after": domain.after,
                "moved": domain.moved,
                "head": [{"what": h.what, "before": h.before, "after": h.after} for h in domain.head],
                "changes": [
                    {
                        "kind": change.kind.value,
                        "before": [str(rule) for rule in change.before],
                        "after": [str(rule) for rule in change.after],
                        "redundant": change.redundant,
                    }
                    for change in domain.changes
                ],
            }
            for domain in diff.domains
        ],
    }


def _lines_json(entries: Iterable[EntryChange]) -> list[dict[str, str]]:
    return [{"kind": entry.kind.value, "line": entry.line} for entry in entries]


def _folded(domain: DomainDiff, *, redundant: bool) -> dict[_Folded, list[Change]]:
    folded: dict[_Folded, list[Change]] = {}
    for change in domain.changes:
        if redundant or not change.redundant:
            rules = tuple(merged_line(str(rule)) for rule in (*change.after, *change.before))
            folded.setdefault((change.kind, change.redundant, rules), []).append(change)
    return folded


def _entries(title: str, entries: Iterable[EntryChange]) -> Text | None:
    block = Text()
    for entry in entries:
        mark, style = _MARK[entry.kind]
        block.append(f"\n  {mark} {printable(entry.line)}", style=style)
    return Text.assemble((title, "bold"), block, "\n") if block else None


def _common(
    common: dict[_Folded, list[DomainDiff]],
    folded: dict[DomainDiff, dict[_Folded, list[Change]]],
    limit: int | None,
) -> Text | None:
    if not common:
        return None
    block = Text("in many domains", style="bold")
    for one, domains in sorted(common.items(), key=lambda item: -len(item[1]))[:limit]:
        names = ", ".join(chain(domain.name) for domain in domains[:_NAMED])
        more = f" and {len(domains) - _NAMED} more" if len(domains) > _NAMED else ""
        block.append_text(_change(folded[domains[0]][one]))
        block.append(f"\n      in {count_of(len(domains), 'domain')}: {names}{more}", style="dim")
    if limit is not None and len(common) > limit:
        block.append(f"\n  and {len(common) - limit:,} more: --limit {len(common)}", style="dim")
    return block.append("\n")


def _domain(
    domain: DomainDiff,
    folded: dict[_Folded, list[Change]],
    common: dict[_Folded, list[DomainDiff]],
    limit: int | None,
) -> Text | None:
    own = [changes for one, changes in folded.items() if one not in common]
    if not own and not domain.head and domain.before == domain.after:
        return None
    block = Text()
    block.append(f"{chain(domain.name)}", style="bold")
    block.append(_title(domain), style="dim")
    for head in domain.head:
        block.append(f"\n  {head.what}: {head.before or 'none'} -> {head.after or 'none'}", style="yellow")
    for changes in own[:limit]:
        block.append_text(_change(changes))
    if limit is not None and len(own) > limit:
        block.append(f"\n  and {len(own) - limit:,} more", style="dim")
    block.append("\n")
    return block


def _title(domain: DomainDiff) -> str:
    if domain.before is None:
        return "  new domain"
    if domain.after is None:
        return "  gone"
    return f"  was {chain(domain.before)}" if domain.moved else ""


def _change(changes: list[Change]) -> Text:
    change = changes[0]
    mark, style = _MARK[change.kind]
    line = Text()
    line.append(f"\n  {mark} {printable(change.merged)}", style=style)
    names = len(changes) - 1
    if names:
        line.append(f"  and {count_of(names, 'overlay name')}", style="dim")
    if change.redundant:
        line.append("  without effect: another rule grants it", style="dim")
    for rule in _others(change):
        line.append(f"\n      {rule}", style="dim")
    return line


def _others(change: Change) -> Iterator[str]:
    """What the change's first line does not say: the other side of it."""
    others = change.before if change.after else ()
    if change.kind is Kind.NARROWED:
        yield from (f"was {printable(str(rule))}" for rule in others)
        yield from (f"and {printable(str(rule))}" for rule in change.after[1:])
    else:
        yield from (f"was {printable(str(rule))}" for rule in others)


def _sum(diff: PolicyDiff) -> Text:
    counts = [f"{diff.counts[kind]} {kind.value}" for kind in Kind if diff.counts[kind]]
    new = sum(domain.before is None for domain in diff.domains)
    gone = sum(domain.after is None for domain in diff.domains)
    moved = sum(domain.moved for domain in diff.domains)
    beside = "".join(
        f"; {count_of(len(entries), 'line')} of {what}"
        for what, entries in (
            ("the exception policy", diff.entries),
            ("the profiles", diff.profiles),
            ("the managers", diff.managers),
        )
        if entries
    )
    domains = count_of(len(diff.domains), "domain differs", "domains differ")
    return Text(
        f"{domains} ({new} new, {gone} gone, {moved} under another name); "
        f"rules: {', '.join(counts) or 'none with effect'}{beside}\n",
        style="bold",
    )
