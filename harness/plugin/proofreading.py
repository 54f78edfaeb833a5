"""What is wrong with features as they are written, found before a machine is started."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_bdd.feature import get_features
from pytest_bdd.parser import Feature, ScenarioTemplate, Step
from pytest_bdd.steps import step_function_context_registry

from harness.analysis.tasks import (
    TAG,
    feature_path,
    learned,
    mistaken_twin,
    pictures_of,
    read_scenarios,
    read_tasks,
    task_list,
    tasks_of,
    written_steps,
)
from harness.errors import RecordError
from harness.lab import tags
from harness.user.reference import FOLDER, names

_KEYWORDS = ("Scenario", "Scenario Outline", "Background", "Examples")
_NEAR = 0.5
_QUOTED = re.compile('"[^"]*"')
# With the first of its choices.
_FIELD = re.compile(r"\{[^:}]*(?::([^|}]*)[^}]*)?\}")
_GROUP = re.compile(r"\[([^][()]*)\]|\(([^][()]*)\)")


def mistakes(features: Iterable[Feature]) -> list[str]:
    """Each mistake in `features`, and in those beside them, as a line: where, what, and what to do.

    Beside them are all below the nearest folder with a list of tasks, which their tags are held against.
    """
    found = []
    by_list: dict[Path | None, list[Feature]] = {}
    for feature in features:
        by_list.setdefault(task_list(feature), []).append(feature)
    for listed, given in by_list.items():
        known: frozenset[str] | None = None
        if listed is not None:
            try:
                known = frozenset(task.id for area in read_tasks(listed) for task in area.tasks)
            except RecordError as error:
                found.append(str(error))
        for feature in given if listed is None else get_features([str(listed.parent)]):
            found += [
                f"{feature_path(feature)}: {mistake}" for mistake in _of_feature(feature, listed, known)
            ]
        if listed is not None:
            found += _of_twins(listed.parent)
    return found


def _of_feature(feature: Feature, listed: Path | None, known: frozenset[str] | None) -> Iterator[str]:
    if not feature.scenarios:
        yield "there is no scenario in it; one begins with `Scenario:`"
    for line in (feature.description or "").splitlines():
        word = line.strip().partition(":")[0]
        if ":" in line and (near := difflib.get_close_matches(word, _KEYWORDS, n=1, cutoff=0.75)):
            # To Gherkin it is a part of the description, with all that follows it.
            yield f"{line.strip()!r} begins nothing; meant is `{near[0]}:`"
    for scenario in feature.scenarios.values():
        for mistake in (
            *_of_tags(feature, scenario, listed, known),
            *_of_sentences(scenario),
            *_of_pictures(scenario, listed),
        ):
            yield f"{scenario.name}: {mistake}"


def _of_twins(folder: Path) -> Iterator[str]:
    scenarios = read_scenarios(folder)
    ids = learned(scenarios)
    for one in scenarios:
        if mistake := mistaken_twin(one, ids):
            yield f"{one.feature}: {one.name}: {mistake}"


def _of_tags(
    feature: Feature, scenario: ScenarioTemplate, listed: Path | None, known: frozenset[str] | None
) -> Iterator[str]:
    carried = sorted(scenario.tags | feature.tags)
    for tag in carried:
        if not tags.is_known(tag):
            yield f"nobody knows the tag @{tag}; known are {', '.join(tags.known())}"
    for find in (tags.checkpoint_of, tags.kind_of):
        try:
            find(carried)
        except ValueError as error:
            yield str(error)
    if known is None:
        return
    if not tasks_of(carried) and "variant" not in carried:  # a variant names its twin instead
        yield f"no tag says which task it exercises: @{TAG}AREA/NAME, with an area and a name out of {listed}"
    areas = {task.partition("/")[0] for task in known}
    for task in sorted(tasks_of(carried) - known):
        area, _, name = task.partition("/")
        table = f"its table [{area}]" if area in areas else f'a new table [{area}] with a line `title = "…"`'
        yield f'no task @{TAG}{task} in {listed}; a line `{name} = "…"` in {table} makes it one'


def _of_sentences(scenario: ScenarioTemplate) -> Iterator[str]:
    steps = {(step.line_number, step.name): step for step in written_steps(scenario)}
    for step in steps.values():
        fitting = _fitting(step)
        if len(fitting) > 1:
            # pytest-bdd would take the one whose module was read last.
            several = " and ".join(repr(pattern) for pattern in fitting)
            yield f"line {step.line_number}: {step.name!r} fits {several}; say it in other words"
        if fitting:
            continue
        known = _sentences(step.type)
        near = difflib.get_close_matches(_bare(step.name), known, n=1, cutoff=_NEAR)
        hint = f"the nearest is: {known[near[0]]}" if near else "docs/sentences.md lists the sentences"
        yield f"line {step.line_number}: no step knows {step.keyword.strip()} {step.name!r}; {hint}"


def _of_pictures(scenario: ScenarioTemplate, listed: Path | None) -> Iterator[str]:
    if listed is None:
        return
    place = listed.parent / FOLDER
    there = names(place)
    for step in written_steps(scenario):
        for name in pictures_of(step.name):
            if name not in there:
                yield (
                    f"line {step.line_number}: no picture of the icon {name!r} is in {place}; "
                    f"`tomograph picture take {name} …` cuts one out of a screen that a run kept"
                )


def _fitting(step: Step) -> list[str]:
    """The sentences of the step definitions that would take the step."""
    found = (
        str(one.parser.name)
        for one in step_function_context_registry.values()
        if one.type in (step.type, None) and one.parser.is_matching(step.name)
    )
    return sorted(set(found))


def _sentences(kind: str) -> dict[str, str]:
    """The sentences of that kind: bare, in each of their forms → as they are defined."""
    patterns = [
        str(one.parser.name) for one in step_function_context_registry.values() if one.type in (kind, None)
    ]
    return {form: pattern for pattern in patterns for form in forms(_bare(pattern))}


def forms(sentence: str) -> Iterator[str]:
    """A sentence with and without each part `[…]` that may be left out, with each choice of `(…|…)`."""
    group = _GROUP.search(sentence)
    if group is None:
        yield sentence
        return
    option, choices = group.groups()
    for words in ("", option) if choices is None else choices.split("|"):
        yield from forms(sentence[: group.start()] + words + sentence[group.end() :])


def _bare(sentence: str) -> str:
    """A sentence without what is said in quotes: what it is about does not make it another sentence."""
    return _FIELD.sub(r"\1", _QUOTED.sub('""', sentence))
