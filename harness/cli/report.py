"""`tomograph report`: one page about a run, and JUnit XML."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from harness.cli._damage import tell_damage
from harness.record import Run
from harness.report.junit import write_junit
from harness.report.page import write_page
from harness.report.waiting import waiting


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the page goes, with junit.xml beside it [RUN/report.html].",
)
def report(run: Path, output: Path | None) -> None:
    """Write one page about RUN that opens from disk, and junit.xml beside it."""
    read = Run.read(run)
    tell_damage(read)
    page = output or run / "report.html"
    with waiting(Console(stderr=True)) as progress:
        progress(f"drawing the page of {read.name}")
        write_page(read, page)
    write_junit(read, page.with_name("junit.xml"))
    click.echo(page.resolve().as_uri())
