"""Reference pictures for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from harness.analysis.references import Retaken
from harness.user.reference import Reference


def pictures_view(references: Sequence[Reference], used: Mapping[str, Sequence[str]]) -> Table | Text:
    """A line a picture.

    Args:
        references: the pictures.
        used: name → the features that click on it or look for it.
    """
    if not references:
        return Text("no feature needs a reference picture")
    table = Table(box=None, pad_edge=False)
    for title in ("Picture", "Shows", "Size", "Cut out of", "Used by"):
        table.add_column(title, overflow="fold")
    for one in references:
        source = one.source
        table.add_row(
            one.name,
            source.shows,
            f"{one.picture.width}x{one.picture.height}",
            f"{source.image}, {source.taken}: {source.scenario}, after “{source.step}”",
            "\n".join(used.get(one.name, ())) or Text("nobody", style="yellow"),
        )
    return table


def retaken_view(retaken: Retaken, path: Path) -> Text:
    """What became of a picture that was to be taken again."""
    name, best = retaken.reference.name, retaken.best
    place = f"at {best.box.left},{best.box.top}, alike by {best.likeness:.2f}" if best else "nowhere"
    if retaken.changed:
        return Text.assemble(
            (f"{name}: taken again", "green"), f"; the old one fitted best {place}. Look at it: {path}"
        )
    return Text(f"{name}: still found, {place}; kept")
