"""What a person names on the command line as a policy: a run, a scenario of it, a saved folder, a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.errors import PolicyError, RecordError
from harness.policy import (
    DomainPolicy,
    ExceptionPolicy,
    ManagerPolicy,
    ProfilePolicy,
    parse_domain_policy,
    parse_exception_policy,
    parse_manager,
    parse_profile,
)
from harness.policy.exception_policy import kernel_order
from harness.policy.sets import singles, union
from harness.record.kinds import DOMAINS, EXCEPTIONS, MANAGERS, PROFILES
from harness.record.reader import Run

_Policy = TypeVar("_Policy")


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy and what to call it in messages.

    Attributes:
        exceptions: the exception policy beside it, of a run those of its checkpoints together; None where a
            name stands for domains alone.
        profiles: the profiles beside it in its folder; None where there are none. A run's are those that it
            learned with, and not told.
        managers: the managers beside it, likewise.
        run: the run that the policy is of.
    """

    label: str
    policy: DomainPolicy
    exceptions: ExceptionPolicy | None = None
    profiles: ProfilePolicy | None = None
    managers: ManagerPolicy | None = None
    run: Run | None = None


def resolve(name: str) -> NamedPolicy:
    """The domain policy that `name` stands for.

    Args:
        name: one of
            `RUN:SCENARIO`, the fragment of that scenario (its ID, or a part that only it has);
            `RUN:CHECKPOINT`, the baseline of that checkpoint;
            `RUN`, everything the run learned, baselines and fragments together, without those of controls;
            a folder that tomoyo-savepolicy wrote;
            a domain policy file.

    Raises:
        RecordError: nothing of that name, or a run that cannot be read.
        PolicyError: a file or folder that holds no domain policy, or a bad line in a file beside it.
    """
    path = Path(name)
    if (path / "manifest.json").is_file():
        run = Run.read(path)
        parts = [checkpoint.baseline() for checkpoint in run.checkpoints]
        parts += [scenario.fragment() for scenario in run.scenarios if scenario.record.kind == "task"]
        folders = [checkpoint.folder for checkpoint in run.checkpoints]
        return NamedPolicy(f"{run.name} (whole run)", union(parts), _exceptions(folders), run=run)
    if (path / DOMAINS).is_file():
        return NamedPolicy(
            name,
            _domains(path / DOMAINS),
            _exceptions([path]),
            _beside(path / PROFILES, lambda data, source: parse_profile(data, source=source)),
            _beside(path / MANAGERS, lambda data, source: parse_manager(data, source=source)),
        )
    if path.is_file():
        return NamedPolicy(name, _domains(path))
    where, colon, part = name.rpartition(":")
    if colon and (Path(where) / "manifest.json").is_file():
        return _part_of(Run.read(Path(where)), part)
    raise RecordError(
        f"{name} is no policy",
        expected="a run, RUN:SCENARIO, RUN:CHECKPOINT, a folder with a domain_policy.conf, or a .conf file",
        hint="`tomograph show RUN` lists the scenarios of a run",
    )


@contextmanager
def placing(*runs: Run | None) -> Iterator[None]:
    """An error about a rule that a run learned gets its file and line.

    What a run learned is put together from many files, and a rule no longer knows its own. Only when one
    does not read are they looked through.
    """
    try:
        yield
    except PolicyError as error:
        if error.text and not error.line:
            for run in runs:
                if run is not None:
                    _read_again(run, error)
        raise


def read_exceptions(path: Path) -> ExceptionPolicy:
    """The exception policy in a file.

    Raises:
        PolicyError: a bad line, with its place.
    """
    return parse_exception_policy(path.read_bytes(), source=str(path))


def _exceptions(folders: list[Path]) -> ExceptionPolicy | None:
    """The exception policies in folders, together; None where there is none."""
    files = [folder / EXCEPTIONS for folder in folders if (folder / EXCEPTIONS).is_file()]
    found = [read_exceptions(file) for file in files]
    if len(found) < 2:
        return found[0] if found else None
    entries = kernel_order(entry for one in found for entry in one.entries)
    return ExceptionPolicy(entries, any(one.prefixed for one in found), found[-1].source)


def _beside(path: Path, parse: Callable[[bytes, str], _Policy]) -> _Policy | None:
    return parse(path.read_bytes(), str(path)) if path.is_file() else None


def _domains(path: Path) -> DomainPolicy:
    return parse_domain_policy(path.read_bytes(), source=str(path))


def _part_of(run: Run, part: str) -> NamedPolicy:
    for checkpoint in run.checkpoints:
        if checkpoint.record.name == part:
            return NamedPolicy(
                f"{run.name}: checkpoint {part}", checkpoint.baseline(), _exceptions([checkpoint.folder])
            )
    scenario = run.scenario(part)
    return NamedPolicy(f"{run.name}: {scenario.record.name}", scenario.fragment())


def _read_again(run: Run, error: PolicyError) -> None:
    """Raise the error anew from the file that the rule stands in."""
    for policy in _saved(run):
        domain = policy.get(error.domain)
        for line in domain.rules if domain is not None else ():
            if domain is not None and error.text in (line, *singles(line)):
                domain.parsed([line], source=policy.source)


def _saved(run: Run) -> Iterator[DomainPolicy]:
    """All domain policies of a run, one after another."""
    yield from (checkpoint.baseline() for checkpoint in run.checkpoints)
    yield from (scenario.fragment() for scenario in run.scenarios)
    for folder in filter(None, (scenario.saved_policy() for scenario in run.scenarios)):
        if (folder / DOMAINS).is_file():
            path = folder / DOMAINS
            yield parse_domain_policy(path.read_bytes(), source=str(path), lenient=True)
