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


def diff_view(diff: PolicyDiff, *, redundant: bool = False) -> RenderableType:
    """The changes domain by domain, a file's overlay names folded into one line, and how many there are.

    Each rule is one line, however long: print it with `soft_wrap`.

    Args:
        diff: what changed.
        redundant: show changes without effect too.
    """
    folded = {domain: _folded(domain, redundant=redundant) for domain in diff.domains}
    holders: dict[_Folded, list[DomainDiff]] = {}
    for domain, changes in folded.items():
        for one in changes:
            holders.setdefault(one, []).append(domain)
    common = {one: found for one, found in holders.items() if len(found) >= _MANY}
    blocks = [_entries(diff.entries), _common(common, folded)]
    blocks += [_domain(domain, changes, common) for domain, changes in folded.items()]
    return Group(*(block for block in blocks if block is not None), _sum(diff))


def diff_json(diff: PolicyDiff) -> dict[str, object]:
    """The same for programs: domains with their changes, rules as their exact lines."""
    return {
        "counts": {kind.value: count for kind, count in diff.counts.items()},
        "exceptions": [{"kind": entry.kind.value, "line": entry.line} for entry in diff.entries],
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


def _folded(domain: DomainDiff, *, redundant: bool) -> dict[_Folded, list[Change]]:
    folded: dict[_Folded, list[Change]] = {}
    for change in domain.changes:
        if redundant or not change.redundant:
            rules = tuple(merged_line(str(rule)) for rule in (*change.after, *change.before))
            folded.setdefault((change.kind, change.redundant, rules), []).append(change)
    return folded


def _entries(entries: Iterable[EntryChange]) -> Text | None:
    block = Text()
    for entry in entries:
        mark, style = _MARK[entry.kind]
        block.append(f"\n  {mark} {printable(entry.line)}", style=style)
    return Text.assemble(("the exception policy", "bold"), block, "\n") if block else None


def _common(
    common: dict[_Folded, list[DomainDiff]], folded: dict[DomainDiff, dict[_Folded, list[Change]]]
) -> Text | None:
    if not common:
        return None
    block = Text("in many domains", style="bold")
    for one, domains in sorted(common.items(), key=lambda item: -len(item[1])):
        names = ", ".join(chain(domain.name) for domain in domains[:_NAMED])
        more = f" and {len(domains) - _NAMED} more" if len(domains) > _NAMED else ""
        block.append_text(_change(folded[domains[0]][one]))
        block.append(f"\n      in {count_of(len(domains), 'domain')}: {names}{more}", style="dim")
    return block.append("\n")


def _domain(
    domain: DomainDiff, folded: dict[_Folded, list[Change]], common: dict[_Folded, list[DomainDiff]]
) -> Text | None:
    own = [changes for one, changes in folded.items() if one not in common]
    if not own and not domain.head and domain.before == domain.after:
        return None
    block = Text()
    block.append(f"{chain(domain.name)}", style="bold")
    block.append(_title(domain), style="dim")
    for head in domain.head:
        block.append(f"\n  {head.what}: {head.before or 'none'} -> {head.after or 'none'}", style="yellow")
    for changes in own:
        block.append_text(_change(changes))
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
    if not diff:
        return Text("The policies are the same.")
    counts = [f"{diff.counts[kind]} {kind.value}" for kind in Kind if diff.counts[kind]]
    new = sum(domain.before is None for domain in diff.domains)
    gone = sum(domain.after is None for domain in diff.domains)
    moved = sum(domain.moved for domain in diff.domains)
    exceptions = f"; {count_of(len(diff.entries), 'line')} of the exception policy" if diff.entries else ""
    domains = count_of(len(diff.domains), "domain differs", "domains differ")
    return Text(
        f"{domains} ({new} new, {gone} gone, {moved} under another name); "
        f"rules: {', '.join(counts) or 'none with effect'}{exceptions}",
        style="bold",
    )
