"""What a person names on the command line as a policy: a run, a scenario of it, a saved folder, a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import RecordError
from harness.policy import DomainPolicy, ExceptionPolicy, parse_domain_policy, parse_exception_policy
from harness.policy.sets import union
from harness.record.reader import Run


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy and what to call it in messages.

    Attributes:
        exceptions: the exception policy beside it; None where a name stands for domains alone.
    """

    label: str
    policy: DomainPolicy
    exceptions: ExceptionPolicy | None = None


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
        PolicyError: a file or folder that holds no domain policy.
    """
    path = Path(name)
    if (path / "manifest.json").is_file():
        run = Run.read(path)
        parts = [checkpoint.baseline() for checkpoint in run.checkpoints]
        parts += [scenario.fragment() for scenario in run.scenarios if scenario.record.kind == "task"]
        return NamedPolicy(f"{run.name} (whole run)", union(parts))
    if (path / "domain_policy.conf").is_file():
        beside = path / "exception_policy.conf"
        exceptions = read_exceptions(beside) if beside.is_file() else None
        return NamedPolicy(name, _domains(path / "domain_policy.conf"), exceptions)
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


def read_exceptions(path: Path) -> ExceptionPolicy:
    """The exception policy in a file.

    Raises:
        PolicyError: a bad line, with its place.
    """
    return parse_exception_policy(path.read_bytes(), source=str(path))


def _domains(path: Path) -> DomainPolicy:
    return parse_domain_policy(path.read_bytes(), source=str(path))


def _part_of(run: Run, part: str) -> NamedPolicy:
    for checkpoint in run.checkpoints:
        if checkpoint.record.name == part:
            return NamedPolicy(f"{run.name}: checkpoint {part}", checkpoint.baseline())
    scenario = run.scenario(part)
    return NamedPolicy(f"{run.name}: {scenario.record.name}", scenario.fragment())
