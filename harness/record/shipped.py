"""A policy to ship, as a folder: TOMOYO's four files, and beside them why each of their lines is there.

The four files are in the kernel's own format, so the folder can be laid to `/etc/tomoyo/policy/current` or be
loaded with tomoyo-loadpolicy. `docs/tuning.md` describes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from harness.errors import RecordError
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
from harness.policy.exception_policy import kernel_order, parse_entry
from harness.policy.sets import joined
from harness.record import storage
from harness.record.explanation import EXPLANATION_SCHEMA, INSTRUMENT, Explanation
from harness.record.kinds import DOMAINS, EXCEPTIONS, MANAGERS, PROFILES, is_run
from harness.record.reader import read_document

EXPLANATION = "tuning.json"
_Policy = TypeVar("_Policy")


@dataclass(frozen=True, slots=True)
class ShippedPolicy:
    """A policy folder as a value.

    Attributes:
        domains: `domain_policy.conf`. The harness's own domain is not in it.
        exceptions: `exception_policy.conf`.
        profiles: `profile.conf`.
        managers: `manager.conf`.
        explanation: `tuning.json`; None for a folder that tuning did not write, such as a saved one.
    """

    domains: DomainPolicy
    exceptions: ExceptionPolicy
    profiles: ProfilePolicy
    managers: ManagerPolicy
    explanation: Explanation | None = None

    @classmethod
    def read(cls, path: Path) -> ShippedPolicy:
        """Read a folder. Strict: a line that the kernel would drop is an error.

        Raises:
            RecordError: one of the four files is missing, or `tuning.json` is damaged or of another version.
            PolicyError: a bad line, with its place.
        """
        explanation = path / EXPLANATION
        return cls(
            _read(path / DOMAINS, lambda data, source: parse_domain_policy(data, source=source)),
            _read(path / EXCEPTIONS, lambda data, source: parse_exception_policy(data, source=source)),
            _read(path / PROFILES, lambda data, source: parse_profile(data, source=source)),
            _read(path / MANAGERS, lambda data, source: parse_manager(data, source=source)),
            read_document(explanation, Explanation, version=EXPLANATION_SCHEMA)
            if explanation.exists()
            else None,
        )

    def write(self, path: Path) -> None:
        """Write the folder, made if need be. Each file is there whole or as it was before.

        Raises:
            HostError: the disk is full or the folder cannot be written.
        """
        for name, data in self.files().items():
            storage.replace(path / name, data)
        if self.explanation is not None:
            storage.replace(path / EXPLANATION, self.explanation.dump())
        else:
            (path / EXPLANATION).unlink(missing_ok=True)

    def files(self) -> dict[str, bytes]:
        """TOMOYO's files by name, in the order in which a kernel has to be given them."""
        return {
            PROFILES: self.profiles.dump(),
            MANAGERS: self.managers.dump(),
            EXCEPTIONS: self.exceptions.dump(),
            DOMAINS: self.domains.dump(),
        }

    def with_instruments(self) -> ShippedPolicy:
        """The policy with the harness's own rules back, for a machine under test.

        These are the rules that let systemd start the agent and udev see its ports, and the lines that
        give the agent a domain of its own; that domain itself is not among them.
        """
        if self.explanation is None:
            return self
        back: dict[str, list[str]] = {}
        for removed in self.explanation.removed:
            if removed.why == INSTRUMENT:
                back.setdefault(removed.domain, []).extend(removed.rules)
        entries = [parse_entry(line) for line in back.pop("", [])]
        domains = [
            # The own rules come first, so that their line numbers stay theirs.
            replace(domain, rules=(*domain.rules, *back.get(domain.name, [])))
            for domain in self.domains.values()
        ]
        return replace(
            self,
            domains=joined(DomainPolicy(domains, source=self.domains.source)),
            exceptions=replace(self.exceptions, entries=kernel_order([*entries, *self.exceptions.entries])),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the four files, hexadecimal; the explanation has no part in it."""
        state = hashlib.sha256()
        for name, data in self.files().items():
            state.update(f"{name}\0{len(data)}\0".encode() + data)
        return state.hexdigest()


def _no_policy(missing: Path) -> str:
    folder = missing.parent
    if is_run(folder):
        return f"{folder} is a run"
    return f"{folder} is a file" if folder.is_file() else f"{missing} does not exist"


def _read(path: Path, parse: Callable[[bytes, str], _Policy]) -> _Policy:
    try:
        return parse(path.read_bytes(), str(path))
    except (FileNotFoundError, NotADirectoryError):
        raise RecordError(
            _no_policy(path),
            expected=f"a policy folder with {DOMAINS}, {EXCEPTIONS}, {PROFILES} and {MANAGERS}",
            hint="write one with `tomograph tune RUN -o POLICY`",
        ) from None
