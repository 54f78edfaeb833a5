"""What a machine and the harness around it cost: boot, checkpoint, restore, and the harness's own share.

One run on one host; what counts are the ratios. The checkpoint is made in a store of its own, so that the
boot is measured and nothing in the cache is touched.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.image import cache, reference
from harness.lab.lab import Lab
from harness.lab.life import Life
from harness.lab.run import RunOptions
from harness.lab.store import Store
from harness.machine.host import Host
from harness.record.schema import Manifest
from harness.record.writer import RunWriter

_ROUNDS = 5


def main(flavour: str = "console") -> None:
    """Measure on the reference image of `flavour` and print a table."""
    console = Console()
    image = reference.build("desktop" if flavour == "desktop" else "console", progress=console.print)
    name = f"{flavour}-ready"
    with (
        tempfile.TemporaryDirectory() as scratch,
        Host.open(capabilities_cache=cache.root() / "capabilities") as host,
    ):
        run = RunWriter.create(Path(scratch) / "run", Manifest(run="bench", started=datetime.now(UTC)))
        options = RunOptions(image=str(image), run=str(run.path))
        lab = Lab(host, options.setup("main", console.print), Store(Path(scratch) / "checkpoints"), run)
        try:
            console.print(f"boot to {name} …")
            info = lab.saved(name).info
            restores, owns = [], []
            for number in range(_ROUNDS):
                restore, own = _round(lab, run, name, number)
                console.print(f"round {number + 1}: restore {restore:.1f} s, own cost {own:.1f} s")
                restores.append(restore)
                owns.append(own)
        finally:
            lab.switch_off()
    console.print(_table(name, info.ready_seconds, info.save_seconds, restores, owns))


def _round(lab: Lab, run: RunWriter, checkpoint: str, number: int) -> tuple[float, float]:
    """One scenario in which nobody does anything: seconds to restore, and in all."""
    writer = run.scenario(
        "bench.feature", f"nothing {number}", tags=["tolerates-no-fragment"], checkpoint=checkpoint
    )
    life = Life(lab, writer, isolation="checkpoint")
    restore = _timed(life.begin)
    return restore, restore + _timed(life.finish)


def _timed(action: Callable[[], None]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _table(name: str, boot: float, save: float, restores: list[float], owns: list[float]) -> Table:
    restore, own = statistics.median(restores), statistics.median(owns)
    table = Table("what", "seconds", "spread", "ratio", title=f"{name}, medians of {len(restores)}")
    table.add_row("boot until settled", f"{boot:.1f}", "", "1")
    table.add_row("save the checkpoint", f"{save:.1f}", "", f"boot / {boot / save:.0f}")
    table.add_row(
        "restore until the agent answers", f"{restore:.1f}", _spread(restores), f"boot / {boot / restore:.0f}"
    )
    table.add_row(
        "own cost of a scenario, restore included", f"{own:.1f}", _spread(owns), f"boot / {boot / own:.0f}"
    )
    return table


def _spread(values: list[float]) -> str:
    return f"{min(values):.1f} to {max(values):.1f}"
