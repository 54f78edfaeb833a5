"""`tomograph picture`: the reference pictures of features, cut out of the screens of runs."""

from __future__ import annotations

import re
from pathlib import Path

import click
from rich.console import Console

import features
from harness.analysis.references import retake as taken_again
from harness.analysis.references import take as taken
from harness.analysis.tasks import users_of_pictures
from harness.record import Run
from harness.report.pictures import pictures_view, retaken_view
from harness.user.reference import FOLDER, Reference, names
from harness.user.region import Box

_BOX = re.compile(r"(\d+),(\d+),(\d+),(\d+)")


class _BoxType(click.ParamType[Box]):
    name = "L,T,W,H"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        numbers = _BOX.fullmatch(str(value))
        if numbers is None:
            self.fail(
                f"{value} is no box: four numbers, pixels from the left, the top, width, height", param, ctx
            )
        left, top, width, height = map(int, numbers.groups())
        return Box(top, left, width, height)


_folder = click.option(
    "--features", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(features.__file__).parent, help="Default: Tomograph's own.",
)  # fmt: skip
_run = click.argument("run", type=click.Path(path_type=Path))


@click.group()
def picture() -> None:
    """Reference pictures, for what on a screen has no text.

    A picture is cut out of a screen that a run kept: the one after a step. Where it came from stands beside
    it, so that it can be taken again when a newer image looks otherwise.
    """


@picture.command("list")
@_folder
def list_(folder: Path) -> None:
    """The pictures, what they show, where they are from, and which features use them."""
    used = users_of_pictures(folder)
    found = [Reference.load(folder / FOLDER, name) for name in names(folder / FOLDER)]
    Console(highlight=False).print(pictures_view(found, used))


@picture.command(
    epilog="Example: take eject runs/A 'read a file' --step STICK --box 170,420,32,32 "
    "--shows 'the button beside a drive that takes it out'"
)
@click.argument("name")
@_run
@click.argument("scenario")
@click.option("--step", required=True, help="The step after which the screen was kept, or a part of it.")
@click.option("--box", required=True, type=_BoxType(), help="The part of the screen, in pixels.")
@click.option("--shows", required=True, help="What it is a picture of, for people.")
@_folder
def take(*, name: str, run: Path, scenario: str, step: str, box: Box, shows: str, folder: Path) -> None:
    """Cut the picture NAME out of a screen that SCENARIO in RUN kept."""
    new = taken(Run.read(run), name, scenario=scenario, step=step, box=box, shows=shows)
    click.echo(f"look at it: {new.save(folder / FOLDER)}")


@picture.command()
@_run
@click.argument("wanted", metavar="[NAME]...", nargs=-1)
@click.option("--box", type=_BoxType(), help="Where on the screen it is now; default: where it was.")
@_folder
def retake(*, run: Path, wanted: tuple[str, ...], box: Box | None, folder: Path) -> None:
    """Hold pictures against a newer RUN of their scenarios, and take those again that are not found in it.

    Without a NAME all pictures are looked at.
    """
    if box is not None and len(wanted) != 1:
        raise click.UsageError("--box is a place of one picture: name that one")
    record = Run.read(run)
    place = folder / FOLDER
    for name in wanted or names(place):
        result = taken_again(Reference.load(place, name), record, box=box)
        if result.changed:
            result.reference.save(place)
        Console(highlight=False).print(retaken_view(result, place / f"{name}.png"))
