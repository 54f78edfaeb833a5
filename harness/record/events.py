"""`events.jsonl`: what happens in a run, a line an event, from all workers; the progress view follows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.record import storage
from harness.record.schema import Event, EventKind


class EventLog:
    """Appends to the events of a run on behalf of one worker."""

    def __init__(self, path: Path, worker: str) -> None:
        self.path = path
        self.worker = worker

    # The fields are Event's own, which checks them.
    def emit(self, kind: EventKind, **fields: Any) -> None:
        """Append an event, stamped with the time and the worker's name."""
        event = Event(at=datetime.now(UTC), kind=kind, worker=self.worker, **fields)
        storage.append(self.path, event.model_dump_json(exclude_defaults=True).encode() + b"\n")


class EventFollower:
    """Reads the events of a run while it is being written.

    A line that another version wrote and this one does not know is skipped: an old progress view
    shows less, it does not fail.

    Attributes:
        since: events before are left out.
    """

    def __init__(self, path: Path, *, since: datetime | None = None) -> None:
        self.since = since
        self._path = path
        self._position = 0

    def new(self) -> Iterator[Event]:
        """The events that came since the last call; a line that is not whole yet waits for the next."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._position)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._position += len(line)
                try:
                    event = Event.model_validate_json(line)
                except ValidationError:
                    continue
                if self.since is None or event.at >= self.since:
                    yield event
