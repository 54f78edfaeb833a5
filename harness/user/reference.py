"""Reference pictures: what an icon looks like that has no text, and where the picture was cut out.

A folder holds for each NAME.png a NAME.json with its source, so that whoever finds it out of date can take it
again (`tomograph picture retake`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.errors import HostError
from harness.user.picture import Picture
from harness.user.region import Box

FOLDER = "pictures"
"""Of the features."""


class Source(BaseModel):
    """Where a picture was cut out: a screen that a run kept.

    Attributes:
        shows: what it is a picture of, for people.
        scenario: the ID of the scenario.
        step: the sentence after which the screen was kept.
        left, top, width, height: the part of it, in pixels.
        image: the label of the image that was run.
        taken: when that run was made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shows: str
    scenario: str
    step: str
    left: int
    top: int
    width: int
    height: int
    image: str
    taken: date

    @property
    def box(self) -> Box:
        """The part of the screen."""
        return Box(self.top, self.left, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture to look for, with its source."""

    name: str
    picture: Picture
    source: Source

    @classmethod
    def load(cls, folder: Path, name: str) -> Reference:
        """The picture called `name`.

        Raises:
            HostError: there is none, or its source cannot be read.
        """
        path = folder / f"{name}.json"
        try:
            source = Source.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise HostError(
                f"there is no reference picture {name!r}",
                expected=f"one of {', '.join(names(folder)) or 'none, so far'}, in {folder}",
                hint="cut one out of a run's screens with `tomograph picture take`",
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise HostError(
                f"{path} says no source: {where}: {first['msg']}",
                expected=f"the fields {', '.join(Source.model_fields)}",
                hint=f"`tomograph picture take {name} …` writes it anew",
            ) from error
        return cls(name, Picture.load(folder / f"{name}.png"), source)

    def save(self, folder: Path) -> Path:
        """Write the picture and its source; returns the picture's path."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(self.source.model_dump_json(indent=1) + "\n")
        path = folder / f"{self.name}.png"
        path.write_bytes(self.picture.png())
        return path


def names(folder: Path) -> list[str]:
    """The names of the pictures in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.json"))
