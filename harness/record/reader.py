"""Reading a run: strict about the schema's version, lenient about a run that crashed.

Files of a scenario are read when they are asked for: a run of eighty scenarios holds hundreds of
megabytes, and most readers want a few of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from harness.errors import RecordError
from harness.policy import DomainPolicy, parse_domain_policy
from harness.record.drains import Drain, read_drains
from harness.record.events import EventFollower
from harness.record.kinds import RUN, not_a_run
from harness.record.schema import (
    SCHEMA,
    CheckpointRecord,
    Event,
    Manifest,
    RuleProvenance,
    ScenarioRecord,
    VerdictRecord,
)

FRAGMENT = "fragment.conf"

_Document = TypeVar("_Document", bound=BaseModel)

_WORD = re.compile(r"[^\W_]+")
_LIKE = 0.6
_NEAREST = 5


def _missing(path: Path) -> RecordError:
    return RecordError(
        f"{path} does not exist", expected=RUN, hint="name a folder that holds a manifest.json"
    )


def read_document(
    path: Path,
    model: type[_Document],
    *,
    version: int = SCHEMA,
    missing: Callable[[Path], RecordError] = _missing,
) -> _Document:
    """A JSON document of a run, or with another version one of another kind of folder.

    Args:
        path: the file.
        model: what it holds.
        version: of its schema.
        missing: what to say where there is no such file.

    Raises:
        RecordError: it is missing, damaged, or of another schema version.
    """
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise missing(path) from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read: {error}", expected="a JSON document") from error
    found = content.get("schema") if isinstance(content, dict) else None
    if found != version:
        raise RecordError(
            f"{path} has schema version {found}",
            expected=f"schema version {version}, which this Tomograph reads",
            hint="read it with the Tomograph that wrote it (the manifest names its version)",
        )
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"{path}: {where}: {first['msg']}", expected="see docs/record.md") from error


def _verdict(folder: Path) -> VerdictRecord | None:
    path = folder / "verdict.json"
    return read_document(path, VerdictRecord) if path.is_file() else None


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


@dataclass(frozen=True, slots=True)
class RecordedScenario:
    """A scenario's folder; its files are read at each call."""

    folder: Path
    record: ScenarioRecord

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.record.id

    @property
    def interrupted(self) -> bool:
        """Whether it never finished: the harness died, or it is running now."""
        return self.record.outcome == "running"

    def file(self, name: str) -> bytes:
        """A file of the folder; empty when the scenario left none."""
        return _content(self.folder / name)

    def fragment(self) -> DomainPolicy:
        """The fragment; empty when the scenario left none. Bad lines of a damaged one are set aside in it."""
        source = str(self.folder / FRAGMENT)
        return parse_domain_policy(self.file(FRAGMENT), source=source, lenient=True)

    def drains(self) -> Iterator[Drain]:
        """The audit, drain by drain."""
        return read_drains(self.file("audit.log"))

    def provenance(self) -> list[RuleProvenance]:
        """Who asked for each rule. Lines that a crash damaged are left out."""
        found = []
        for line in self.file("provenance.jsonl").splitlines():
            try:
                found.append(RuleProvenance.model_validate_json(line))
            except ValidationError:
                continue
        return found

    def verdict(self) -> VerdictRecord | None:
        """What a policy did to it; None where none was enforced."""
        return _verdict(self.folder)

    def saved_policy(self) -> Path | None:
        """The folder of the policy that was saved last."""
        names = self.record.saved_policy
        return self.folder / "policy" / names[-1] if names else None


@dataclass(frozen=True, slots=True)
class RecordedCheckpoint:
    """A checkpoint's folder."""

    folder: Path
    record: CheckpointRecord

    def file(self, name: str) -> bytes:
        """A file of the folder, such as `audit.log`; empty when there is none."""
        return _content(self.folder / name)

    def drains(self) -> list[Drain]:
        """The audit of the way there, which has no steps: one drain."""
        return [Drain(None, self.record.started, self.file("audit.log"))]

    def verdict(self) -> VerdictRecord | None:
        """What a policy did to the way there; None where none was in force."""
        return _verdict(self.folder)

    def baseline(self) -> DomainPolicy:
        """Its domain policy; empty when it was never reached."""
        source = str(self.folder / "domain_policy.conf")
        return parse_domain_policy(self.file("domain_policy.conf"), source=source, lenient=True)


@dataclass(frozen=True, slots=True)
class Run:
    """A run folder.

    Attributes:
        damaged: what could not be read, each with its reason; everything else is still shown.
    """

    path: Path
    manifest: Manifest
    scenarios: tuple[RecordedScenario, ...]
    checkpoints: tuple[RecordedCheckpoint, ...]
    damaged: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The run's name."""
        return self.manifest.run

    @classmethod
    def read(cls, path: Path) -> Run:
        """Read a run, finished or not; scenarios come in the order in which they started.

        Raises:
            RecordError: there is no run, or one of another schema version.
        """
        manifest = read_document(
            path / "manifest.json", Manifest, missing=lambda file: not_a_run(file.parent)
        )
        damaged: list[str] = []
        scenarios = []
        for file in sorted(path.glob("scenarios/*/scenario.json")):
            try:
                scenarios.append(RecordedScenario(file.parent, read_document(file, ScenarioRecord)))
            except RecordError as error:
                damaged.append(error.seen)
        checkpoints = []
        for file in sorted(path.glob("checkpoints/*/info.json")):
            try:
                checkpoints.append(RecordedCheckpoint(file.parent, read_document(file, CheckpointRecord)))
            except RecordError as error:
                damaged.append(error.seen)
        scenarios.sort(key=lambda scenario: scenario.record.started)
        checkpoints.sort(key=lambda checkpoint: checkpoint.record.started)
        damaged += [
            f"{scenario.folder / FRAGMENT} is not there, and had {scenario.record.counts.rules:,} rules"
            for scenario in scenarios
            if scenario.record.counts.rules
            and not scenario.interrupted
            and not (scenario.folder / FRAGMENT).is_file()
        ]
        return cls(path, manifest, tuple(scenarios), tuple(checkpoints), tuple(damaged))

    def scenario(self, wanted: str) -> RecordedScenario:
        """The scenario that `wanted` names.

        Args:
            wanted: an ID or a name, or else a part of one that no other scenario has.

        Raises:
            RecordError: there is none, or there are several.
        """
        part = wanted.casefold()
        exact = [scenario for scenario in self.scenarios if part in _names(scenario)]
        found = exact or [
            scenario for scenario in self.scenarios if any(part in name for name in _names(scenario))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise RecordError(
                f"{len(found)} scenarios match {wanted!r} in {self.path}",
                expected="one of\n" + "\n".join(f"  {scenario.id}" for scenario in found),
                hint="write more of its name",
            )
        near = "".join(f"\n  {scenario.id}" for scenario in _nearest(part, self.scenarios))
        raise RecordError(
            f"no scenario matches {wanted!r} in {self.path}",
            expected=f"a part of a scenario's name; scenarios in all: {len(self.scenarios)}, "
            + (f"the nearest:{near}" if near else "none like it"),
            hint=f"`tomograph show {self.path}` lists them all",
        )

    def unreadable(self) -> Iterator[str]:
        """The lines of what was learned that are no policy and count for nothing, each with its place.

        Not in `damaged`, since all that was learned is read for it: a quarter of a second in a long run.
        """
        for policy in (
            *(one.baseline() for one in self.checkpoints),
            *(one.fragment() for one in self.scenarios),
        ):
            for bad in policy.bad_lines:
                yield str(bad.error).partition("\n")[0]

    def events(self) -> Iterator[Event]:
        """What happened, in order of writing."""
        return EventFollower(self.path / "events.jsonl").new()


def _names(scenario: RecordedScenario) -> tuple[str, str, str]:
    """What a scenario answers to: its ID with and without the feature, and its name."""
    return scenario.id, scenario.id.partition(".")[2], scenario.record.name.casefold()


def _nearest(part: str, scenarios: Iterable[RecordedScenario]) -> list[RecordedScenario]:
    """The scenarios that have words most like those of `part`; none where no word is like them."""
    asked = _WORD.findall(part)

    def likeness(scenario: RecordedScenario) -> float:
        words = {word for name in _names(scenario) for word in _WORD.findall(name)}
        best = (max((SequenceMatcher(None, one, word).ratio() for word in words), default=0) for one in asked)
        return sum(best) / len(asked)

    weighed = [(likeness(scenario), scenario) for scenario in scenarios] if asked else []
    near = sorted((one for one in weighed if one[0] >= _LIKE), key=lambda one: -one[0])
    return [scenario for _, scenario in near[:_NEAREST]]
