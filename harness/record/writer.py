"""The writer of a run folder."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from harness.errors import RecordError
from harness.record import storage
from harness.record.events import EventLog
from harness.record.naming import scenario_id, slug, with_repetition
from harness.record.reader import read_document
from harness.record.scenario_writer import ScenarioWriter
from harness.record.schema import (
    CheckpointRecord,
    Isolation,
    Kind,
    Manifest,
    Outcome,
    ScenarioRecord,
    VerdictRecord,
)


def must_be_new(run: Path, *, hint: str = "choose another --out") -> None:
    """Refuse to begin a run where there is one.

    Raises:
        RecordError: the folder holds something.
    """
    if run.exists() and any(run.iterdir()):
        raise RecordError(
            f"{run} is not empty",
            expected="a new folder for a new run",
            hint=hint,
        )


class RunWriter:
    """Writes `runs/NAME/`.

    The process that starts a run creates it; its workers, and a run that is resumed, open it. Each
    scenario and checkpoint folder has one writer; the manifest and the events may have many.
    """

    def __init__(self, path: Path, worker: str) -> None:
        self.path = path
        self.worker = worker
        self.events = EventLog(path / "events.jsonl", worker)

    @classmethod
    def create(cls, path: Path, manifest: Manifest, *, worker: str = "main") -> RunWriter:
        """Begin a run in a new folder.

        Raises:
            RecordError: the folder holds something already.
            HostError: the disk is full or not writable.
        """
        must_be_new(path)
        run = cls(path, worker)
        run._write_manifest(manifest)
        return run

    @classmethod
    def resume(cls, path: Path, manifest: Manifest) -> RunWriter:
        """Go on with a run that was broken off, or do more scenarios in it.

        Args:
            path: its folder.
            manifest: what it would go on with.

        Raises:
            RecordError: there is no run, or it was begun with another image, machine or policy: a record
                has one of each.
        """
        run = cls.open(path)
        began, now = _essence(run.manifest), _essence(manifest)
        differs = [
            f"{what} is {now[what]}, and was {began[what]}" for what in now if now[what] != began[what]
        ]
        if differs:
            raise RecordError(
                f"{path} cannot go on otherwise than it began: {'; '.join(differs)}",
                expected="what it was begun with",
                hint="name nothing of this beside --resume, or begin another run",
            )
        return run

    @classmethod
    def open(cls, path: Path, *, worker: str = "main") -> RunWriter:
        """Open a run as one of its workers.

        Raises:
            RecordError: there is no run, or one of another schema version.
        """
        read_document(path / "manifest.json", Manifest)
        return cls(path, worker)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """As long as this lasts, no other process begins or resumes the run.

        Raises:
            RecordError: another process is at it.
        """
        folder = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RecordError(
                    f"{self.path} is a run that another process is still at",
                    expected="a run that has ended, or was broken off",
                    hint="wait for its end, or stop it",
                ) from error
            yield
        finally:
            os.close(folder)

    @property
    def manifest(self) -> Manifest:
        """The manifest as it is on the disk now."""
        return read_document(self.path / "manifest.json", Manifest)

    def amend(self, **fields: object) -> None:
        """Change fields of the manifest: facts that become known only when a machine runs.

        Raises:
            pydantic.ValidationError: a field's value is of the wrong type.
        """
        with self._locked():
            known = {name: getattr(self.manifest, name) for name in Manifest.model_fields}
            self._write_manifest(Manifest.model_validate({**known, **fields}))

    def started(self, total: int, *, left_out: str = "") -> None:
        """The scenarios are known: `total` of them will run; `left_out` says which will not, and why."""
        self.events.emit("run_started", name=self.manifest.run, total=total, text=left_out)

    def finished(self) -> None:
        """The run is over."""
        self.amend(finished=datetime.now(UTC))
        self.events.emit("run_finished", name=self.manifest.run)

    def checkpoint(self, name: str, *, parent: str = "") -> CheckpointWriter:
        """Begin the record of a checkpoint.

        One of the same name that came to nothing is written anew. One that was reached stays, or that a
        policy kept from being reached, and the new one gets a number: a run under a policy boots again
        when it is gone on with, and each boot counts.
        """
        record = CheckpointRecord(name=name, parent=parent, started=datetime.now(UTC))
        first = self._checkpoint_folder(name)
        others = (first.with_name(f"{first.name}.{number}") for number in itertools.count(2))
        folder = next(one for one in itertools.chain([first], others) if not _counts(one))
        return CheckpointWriter(folder, record, self.events)

    def take_over_checkpoint(self, kept: Path) -> None:
        """Make the checkpoint recorded in `kept` one of this run's, as the run that made it saw it.

        A checkpoint that this run has reached stays as it is; what is left of an attempt that broke off goes.

        Args:
            kept: the folder of a checkpoint that was reached.

        Raises:
            RecordError: there is no such record, or it is one of another schema.
        """
        earlier = read_document(kept / "info.json", CheckpointRecord)
        folder = self._checkpoint_folder(earlier.name)
        with self._locked():
            if _counts(folder):
                return
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(kept, folder)
            _write_info(folder, earlier.model_copy(update={"reused": True}))

    def _checkpoint_folder(self, name: str) -> Path:
        return self.path / "checkpoints" / (slug(name) or "checkpoint")

    def scenario(
        self,
        feature: str,
        name: str,
        *,
        example: Mapping[str, str] | None = None,
        feature_name: str = "",
        description: str = "",
        tags: Sequence[str] = (),
        checkpoint: str = "",
        isolation: Isolation = "checkpoint",
        kind: Kind = "task",
        repetition: int = 1,
    ) -> ScenarioWriter:
        """Begin the record of a scenario. What an earlier attempt at it left is removed.

        Raises:
            RecordError: another scenario has the same ID.
        """
        key = (feature, name, dict(example or {}))
        identity = with_repetition(scenario_id(feature, name, example), repetition)
        folder = self.path / "scenarios" / identity
        if (folder / "scenario.json").exists():
            earlier = read_document(folder / "scenario.json", ScenarioRecord)
            if key != (earlier.feature, earlier.name, earlier.example):
                raise RecordError(
                    f"{name!r} in {feature} and {earlier.name!r} in {earlier.feature} are both {identity}",
                    expected="names that differ in more than punctuation and case",
                    hint="rename one of the two scenarios",
                )
        shutil.rmtree(folder, ignore_errors=True)
        record = ScenarioRecord(
            id=identity,
            feature=feature,
            name=name,
            example=dict(example or {}),
            feature_name=feature_name,
            description=description,
            tags=tuple(tags),
            kind=kind,
            repetition=repetition,
            checkpoint=checkpoint,
            isolation=isolation,
            worker=self.worker,
            started=datetime.now(UTC),
        )
        return ScenarioWriter(folder, record, self.events)

    def _write_manifest(self, manifest: Manifest) -> None:
        text = manifest.model_dump_json(by_alias=True, indent=1)
        storage.replace(self.path / "manifest.json", text.encode() + b"\n")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


class CheckpointWriter:
    """Writes `checkpoints/NAME/`: how it was reached, and its policy, the baseline."""

    def __init__(self, folder: Path, record: CheckpointRecord, events: EventLog) -> None:
        self.folder = folder
        self._record = record
        self._events = events
        self._clock = time.monotonic()
        self._save()
        events.emit("checkpoint_started", checkpoint=record.name)

    @property
    def record(self) -> CheckpointRecord:
        """The checkpoint as it is on the disk now."""
        return self._record

    def stage(self, text: str) -> None:
        """Something was reached on the way: the kernel, the login, the desktop."""
        seconds = self._seconds()
        self._save(stages=(*self._record.stages, (seconds, text)))
        self._events.emit("checkpoint_stage", checkpoint=self._record.name, text=text, seconds=seconds)

    def settled(self) -> None:
        """The machine is ready for scenarios."""
        seconds = self._seconds()
        self._save(ready_seconds=seconds)
        self._events.emit("checkpoint_settled", checkpoint=self._record.name, seconds=seconds)

    def baseline(self, files: Mapping[str, bytes]) -> None:
        """The policy at the checkpoint: file name (`domain_policy.conf`, `stat`, …) → content."""
        for name, data in files.items():
            storage.replace(self.folder / Path(name).name, data)

    def verdict(self, verdict: VerdictRecord) -> None:
        """What the policy did to the way here."""
        text = verdict.model_dump_json(by_alias=True, exclude_none=True, indent=1)
        storage.replace(self.folder / "verdict.json", text.encode() + b"\n")
        self._save(verdict=verdict.verdict, denials=len(verdict.unwanted))

    def screen(self, png: bytes) -> None:
        """The screen when settled."""
        storage.replace(self.folder / "screen.png", png)

    def attach(self, name: str, data: bytes) -> None:
        """Another file, such as `console.log`."""
        storage.replace(self.folder / Path(name).name, data)

    def finish(
        self,
        outcome: Outcome = "passed",
        *,
        error: str = "",
        save_seconds: float | None = None,
        load_seconds: float | None = None,
        **detail: JsonValue,
    ) -> None:
        """The checkpoint is saved, or could not be reached."""
        self._save(
            outcome=outcome,
            error=error,
            save_seconds=save_seconds,
            load_seconds=load_seconds,
            finished=datetime.now(UTC),
            detail=detail,
        )
        self._events.emit(
            "checkpoint_saved" if outcome == "passed" else "checkpoint_failed",
            checkpoint=self._record.name,
            text=error,
            seconds=save_seconds,
        )

    def _seconds(self) -> float:
        return round(time.monotonic() - self._clock, 3)

    def _save(self, **changes: object) -> None:
        record = self._record.model_copy(update=changes)
        _write_info(self.folder, record)
        self._record = record


def _essence(manifest: Manifest) -> dict[str, str]:
    """What a run's scenarios have in common, with what to call it."""
    machine, enforced = manifest.machine, manifest.enforced
    return {
        "the image": f"{manifest.image.label!r} with SHA-256 {manifest.image.sha256[:12]}…",
        "the kernel's command line": repr(manifest.kernel_command_line),
        "the machine": f"{machine.memory_mib} MiB, {machine.vcpus} processor(s) ({machine.cpu})",
        "the isolation": manifest.isolation,
        "what chooses domains": "; ".join(manifest.exceptions) or "the image alone",
        "the mode": manifest.mode,
        "the policy": f"one with SHA-256 {enforced.sha256[:12]}…" if enforced else "none",
        "the start": enforced.start if enforced else "none",
    }


def _counts(folder: Path) -> bool:
    """Whether the record of a checkpoint says something that another boot does not take back."""
    info = folder / "info.json"
    if not info.exists():
        return False
    record = read_document(info, CheckpointRecord)
    return record.outcome == "passed" or record.verdict == "failed"


def _write_info(folder: Path, record: CheckpointRecord) -> None:
    text = record.model_dump_json(by_alias=True, indent=1)
    storage.replace(folder / "info.json", text.encode() + b"\n")
