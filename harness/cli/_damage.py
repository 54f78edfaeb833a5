"""What a run has lost is told by whoever reads it: an answer without it looks like a whole one."""

from __future__ import annotations

from rich.console import Console

from harness.record import Run
from harness.report.text import printable


def tell_damage(*runs: Run | None) -> None:
    """Name on the error output what of `runs` cannot be read."""
    console = Console(stderr=True, highlight=False)
    for run in runs:
        for reason in (*run.damaged, *run.unreadable()) if run is not None else ():
            console.print(
                f"what was learned here is missing: {printable(reason)}", style="bold red", markup=False,
                soft_wrap=True,
            )  # fmt: skip
