"""What repetitions tell, for the verbs that show a run: to compare them takes a while."""

from __future__ import annotations

from rich.console import Console

from harness.analysis.saturation import Saturation, saturation
from harness.record import Run
from harness.report.waiting import waiting


def compared_repetitions(run: Run) -> list[Saturation]:
    """The repetitions of a run, compared while a terminal says so."""
    with waiting(Console(stderr=True)) as progress:
        progress("comparing the repetitions")
        return saturation(run)
