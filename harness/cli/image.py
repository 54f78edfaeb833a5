"""`tomograph image`: the reference image, and what an image holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast, get_args

import click
from rich.console import Console

from harness.image import reference
from harness.image.apt import Suite
from harness.image.commandline import command_line
from harness.image.liveiso import LiveIso
from harness.image.recipe import Flavour
from harness.report.text import printable


@click.group()
def image() -> None:
    """The reference image, and what an image holds."""


@image.command()
@click.option("--flavour", type=click.Choice(get_args(Flavour)), default="desktop", show_default=True)
@click.option("--suite", type=click.Choice(get_args(Suite)), default="trixie", show_default=True,
              help="The Debian release: trixie is the base of Tails 7, bookworm of Tails 6.")  # fmt: skip
@click.option("--with-tomoyo", is_flag=True, help="With TOMOYO's tools and a first policy in the image.")
@click.option("--fresh", is_flag=True, help="Build anew, with today's versions of the packages.")
def build(*, flavour: str, suite: str, with_tomoyo: bool, fresh: bool) -> None:
    """Build the reference image, unless the cache has it, and print its path."""
    console = Console(stderr=True, highlight=False)
    iso = reference.build(
        cast("Flavour", flavour),
        cast("Suite", suite),
        with_tomoyo=with_tomoyo,
        fresh=fresh,
        progress=lambda line: console.print(f"==> {line}", markup=False, soft_wrap=True),
    )
    click.echo(iso)


@image.command()
@click.argument("iso", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def inspect(iso: Path, *, as_json: bool) -> None:
    """What the live image ISO holds and how it boots; it is only read."""
    found = _facts(LiveIso.read(iso))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    width = max(map(len, found))
    for name, value in found.items():
        click.echo(f"{name.replace('_', ' '):{width}}  {printable(value)}")


def _facts(iso: LiveIso) -> dict[str, str]:
    return {
        "path": str(iso.path),
        "sha256": iso.sha256,
        "label": iso.label,
        "suite": iso.suite,
        "boot_entry": iso.entry.label,
        "boot_configuration": iso.entry.source,
        "kernel": iso.entry.kernel,
        "initrd": " ".join(iso.entry.initrds),
        "root": iso.squashfs,
        "command_line": iso.entry.command_line,
        "command_line_under_the_harness": command_line(iso),
    }
