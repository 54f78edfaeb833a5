"""Records of boots, kept beside the checkpoints they left, so that a second run needs no boot."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

from harness.record.schema import ScenarioRecord

_OBSERVERS = ("harness", "steps")
"""The packages that decide what is done and what is recorded of it."""


def kept_name(scenario: ScenarioRecord, feature: Path) -> str:
    """The name that a scenario's record is kept under: changes with its text and with this program."""
    parts = (scenario.id, feature.read_text(), _program())
    return "task-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@functools.cache
def _program() -> str:
    total = hashlib.sha256()
    for package in _OBSERVERS:
        found = importlib.util.find_spec(package)
        for folder in found.submodule_search_locations or () if found is not None else ():
            for source in sorted(Path(folder).rglob("*.py")):
                total.update(source.read_bytes())
    return total.hexdigest()
