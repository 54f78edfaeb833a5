"""Domain transitions for a terminal: a tree of domains, and who gains what.

Functions return rich renderables and print nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from harness.policy.what_if import WhatIf
from harness.report.text import count_of, printable

_MOST_RULES = 12
_WHOLE = "A program is written with its whole path; without --what-if all domains are shown."


def tree_view(names: Iterable[str], marks: dict[str, str] | None = None) -> Tree:
    """Domains as a tree, each under the longest other name that it begins with.

    Args:
        names: domains.
        marks: something to say beside a domain.
    """
    marks = marks or {}
    root = Tree("domains", hide_root=True)
    branches: list[tuple[str, Tree]] = []
    for name in sorted(set(names), key=lambda name: name.split(" ")):
        while branches and not name.startswith(f"{branches[-1][0]} "):
            branches.pop()
        above, branch = branches[-1] if branches else ("", root)
        label = Text(
            printable(name[len(above) :].strip()), style="bold" if name in marks else "", overflow="fold"
        )
        if name in marks:
            label.append(f"  {printable(marks[name])}", style="yellow")
        branches.append((name, branch.add(label)))
    return root


def what_if_view(result: WhatIf, *, everything: bool = False) -> RenderableType:
    """The domains that change, before and after, and what is gained.

    Args:
        result: what the library worked out.
        everything: show every gained rule, not only the first of each domain.
    """
    unmet = [
        Text(f"No domain's name has {printable(word)} in it. {_WHOLE}", style="yellow")
        for word in result.unmet
    ]
    if not result.moved:
        return Group(Text("No domain would change."), *unmet)
    affected = {name for names in result.merged.values() for name in names} | set(result.moved)
    arrivals = {name: f"← {count_of(len(parts), 'domain')}" for name, parts in result.merged.items()}
    targets = {result.moved.get(name, name) for name in affected}
    parts: list[RenderableType] = [
        Text("before", style="bold underline"),
        tree_view(affected, dict.fromkeys(result.moved, "moves")),
        Text("\nafter", style="bold underline"),
        tree_view(targets, arrivals),
    ]
    if result.gains:
        parts.append(Text("\ngains", style="bold underline"))
    for gain in result.gains:
        parts.append(
            Text(f"{printable(gain.domain)}: {count_of(len(gain.rules), 'permission')}", style="bold")
        )
        shown = gain.rules if everything else gain.rules[:_MOST_RULES]
        parts += [Text(f"  {printable(str(rule))}", style="green") for rule in shown]
        if len(shown) < len(gain.rules):
            parts.append(Text(f"  … and {len(gain.rules) - len(shown)} more (--all shows them)", style="dim"))
    return Group(*parts, *unmet)
