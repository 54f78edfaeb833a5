"""What a policy is learned for: the tasks that `features/tasks.toml` names, and the scenarios behind each.

A scenario says by the tag `@task:AREA/NAME`, on itself or on its feature, which tasks it exercises. A variant
says by `@twin:ID` of which learned scenario it is the twin.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pytest_bdd.feature import get_features
from pytest_bdd.parser import Feature, ScenarioTemplate, Step

from harness.errors import RecordError
from harness.record.naming import scenario_id

LIST = "tasks.toml"
TAG = "task:"
TWIN = "twin:"
_ICON = re.compile(r'\bthe icon "([^"]*)"')

Lacking = Literal["tails", "hardware", "defect"]
_LACKING = {
    "tails": "needs a Tails image",
    "hardware": "needs hardware",
    "defect": "does not work on the image",
}


class _Task(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    without: Lacking
    because: str


class _Tasks(RootModel[dict[str, dict[str, str | _Task]]]):
    pass


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a person.

    Attributes:
        area: the folder of `features/` that it belongs to.
        name: unique in its area.
        title: for people.
        reason: why no scenario exercises it here; empty where one should.
    """

    area: str
    name: str
    title: str
    reason: str = ""

    @property
    def id(self) -> str:
        """As tags name it: `AREA/NAME`."""
        return f"{self.area}/{self.name}"


@dataclass(frozen=True, slots=True)
class Area:
    """A folder of `features/` and the tasks in it."""

    name: str
    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class WrittenScenario:
    """A scenario as a feature file has it.

    Attributes:
        feature: its file, as `feature_path` has it.
        name: of an outline with the `<columns>` in it.
        tags: its own and its feature's.
        ids: its ID in the record; of an outline that of each row.
    """

    feature: str
    name: str
    tags: frozenset[str]
    ids: tuple[str, ...]

    @property
    def tasks(self) -> frozenset[str]:
        """The tasks that it exercises, as `AREA/NAME`."""
        return tasks_of(self.tags)

    @property
    def twins(self) -> frozenset[str]:
        """The IDs of the scenarios that it is a twin of."""
        return twins_of(self.tags)


def tasks_of(tags: Iterable[str]) -> frozenset[str]:
    """The tasks that a scenario with `tags` exercises."""
    return frozenset(tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG))


def twins_of(tags: Iterable[str]) -> frozenset[str]:
    """The IDs of the scenarios that a variant with `tags` is a twin of."""
    return frozenset(tag.removeprefix(TWIN) for tag in tags if tag.startswith(TWIN))


def learned(scenarios: Iterable[WrittenScenario]) -> frozenset[str]:
    """The IDs of the scenarios that are learned from: those that others may be a twin of."""
    return frozenset(name for one in scenarios if not one.tags & {"variant", "refused"} for name in one.ids)


def mistaken_twin(scenario: WrittenScenario, learned: frozenset[str]) -> str:
    """What is wrong with what `scenario` says of its twin; empty when nothing is."""
    if missing := scenario.twins - learned:
        return f"no such scenario to be the twin of: {', '.join(sorted(missing))}{_nearest(missing, learned)}"
    if "variant" in scenario.tags and not scenario.twins:
        return f"a variant without a tag @{TWIN}ID of what is learned"
    if scenario.twins and not scenario.tags & {"variant", "refused"}:
        return f"@{TWIN}… belongs to what is not learned from: a @variant, or what must be @refused"
    return ""


def _nearest(missing: Iterable[str], learned: frozenset[str]) -> str:
    near = [one for name in sorted(missing) for one in difflib.get_close_matches(name, sorted(learned), n=1)]
    return f"; the nearest is {', '.join(near)}" if near else ""


def read_tasks(path: Path) -> tuple[Area, ...]:
    """The areas of a task list, in its order.

    Raises:
        RecordError: the file is missing, no TOML, or not of the shape that its own head describes.
    """
    expected = 'a table an area with a title; each task NAME = "title", or with `without` and `because`'
    try:
        content = _Tasks.model_validate(tomllib.loads(path.read_text()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecordError(f"{path} cannot be read: {error}", expected=expected) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][:2])
        raise RecordError(f"{path}: {where}: {first['msg']}", expected=expected) from error
    return tuple(_area(path, name, dict(entries)) for name, entries in content.root.items())


def _area(path: Path, name: str, entries: dict[str, str | _Task]) -> Area:
    title = entries.pop("title", None)
    if not isinstance(title, str):
        raise RecordError(f"{path}: the area {name} has no title", expected='title = "…"')
    tasks = []
    for task, entry in entries.items():
        if isinstance(entry, str):
            tasks.append(Task(name, task, entry))
        else:
            tasks.append(Task(name, task, entry.title, f"{_LACKING[entry.without]}: {entry.because}"))
    return Area(name, title, tuple(tasks))


def users_of_pictures(folder: Path) -> dict[str, list[str]]:
    """The reference pictures that features below `folder` name: name → the features, by file."""
    used: dict[str, list[str]] = {}
    for feature in _features(folder):
        steps = (step for scenario in feature.scenarios.values() for step in written_steps(scenario))
        for name in dict.fromkeys(name for step in steps for name in pictures_of(step.name)):
            used.setdefault(name, []).append(feature_path(feature))
    return used


def pictures_of(sentence: str) -> list[str]:
    """The reference pictures that a step's sentence names."""
    return _ICON.findall(sentence)


def read_scenarios(folder: Path) -> tuple[WrittenScenario, ...]:
    """The scenarios of all features below `folder`, by file and then as they stand there."""
    return tuple(
        WrittenScenario(
            feature_path(feature), one.name, frozenset(one.tags | feature.tags), tuple(_ids(feature, one))
        )
        for feature in _features(folder)
        for one in feature.scenarios.values()
    )


def task_list(feature: Feature) -> Path | None:
    """The list of tasks that a feature's tags are of: in the nearest folder above it that has one."""
    candidates = (folder / LIST for folder in Path(feature.filename).parents)
    return next((path for path in candidates if path.exists()), None)


def feature_path(feature: Feature) -> str:
    """A feature's file as the record names it: its path below the folder of its task list.

    Without a list it is the file with the folder that it lies in.
    """
    listed = task_list(feature)
    if listed is None:
        return Path(feature.rel_filename).as_posix()
    return Path(feature.filename).relative_to(listed.parent).as_posix()


def written_steps(scenario: ScenarioTemplate) -> Iterator[Step]:
    """The steps as they are run, the background's first: of an outline with the values of each row."""
    for row in _rows(scenario):
        yield from scenario.render(row).steps


def _ids(feature: Feature, scenario: ScenarioTemplate) -> Iterator[str]:
    for row in _rows(scenario):
        yield scenario_id(feature_path(feature), scenario.render(row).name, row)


def _rows(scenario: ScenarioTemplate) -> list[dict[str, str]]:
    rows = [{**row} for examples in scenario.examples for row in examples.as_contexts()]
    return rows or [{}]


def _features(folder: Path) -> list[Feature]:
    """All features below `folder`, by file."""
    return sorted(get_features([str(folder)]), key=lambda feature: feature.filename)
