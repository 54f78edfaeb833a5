"""The writer of one scenario's folder: what happens is on the disk before the call returns."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from harness.errors import RecordError
from harness.policy import DomainPolicy
from harness.record import storage
from harness.record.drains import Drain, frame
from harness.record.events import EventLog
from harness.record.naming import slug
from harness.record.reader import read_document
from harness.record.schema import (
    Fault,
    Finding,
    Outcome,
    RuleProvenance,
    ScenarioRecord,
    Step,
    VerdictRecord,
)

_LONGEST_TEXT = 20_000


class ScenarioWriter:
    """Writes `scenarios/ID/`. Made by `RunWriter.scenario`; used by one thread of one process.

    Every method raises `HostError` when the disk is full: what earlier calls wrote stays as it is.
    """

    def __init__(self, folder: Path, record: ScenarioRecord, events: EventLog) -> None:
        self.folder = folder
        self._record = record
        self._events = events
        self._clock = time.monotonic()
        self._step_clock = self._clock
        self._save()
        events.emit("scenario_started", scenario=record.id, name=record.name)

    @property
    def record(self) -> ScenarioRecord:
        """The scenario as it is on the disk now."""
        return self._record

    def restored(self, seconds: float, *, load_seconds: float | None = None) -> None:
        """The machine is back at the checkpoint after `seconds`; loading a policy took `load_seconds` of it.

        What went before, such as making the checkpoint in the first place, is not the scenario's time.
        """
        self._clock = time.monotonic() - seconds
        self._save(restore_seconds=seconds, load_seconds=load_seconds)
        self._events.emit(
            "restored", scenario=self._record.id, checkpoint=self._record.checkpoint, seconds=seconds
        )

    def step_started(self, keyword: str, text: str, *, guest_time: datetime | None = None) -> int:
        """A step begins; returns its index, from 0."""
        index = len(self._record.steps)
        self._step_clock = time.monotonic()
        step = Step(
            index=index,
            keyword=keyword.strip(),
            text=_bounded(text),
            started=datetime.now(UTC),
            guest_started=guest_time,
        )
        self._save(steps=(*self._record.steps, step))
        self._events.emit(
            "step_started", scenario=self._record.id, step=index, text=f"{step.keyword} {step.text}"
        )
        return index

    def step_finished(
        self,
        outcome: Outcome,
        *,
        error: str = "",
        guest_time: datetime | None = None,
        guest_seconds: float | None = None,
    ) -> None:
        """The step that started last is over.

        Args:
            outcome: how it ended.
            error: why, if not well.
            guest_time: the guest's clock.
            guest_seconds: processor time that the machine used in the step.

        Raises:
            RecordError: no step has started.
        """
        step = self._last_step()
        step = step.model_copy(
            update={
                "outcome": outcome,
                "error": _bounded(error),
                "finished": datetime.now(UTC),
                "seconds": round(time.monotonic() - self._step_clock, 3),
                "guest_finished": guest_time,
                "guest_seconds": None if guest_seconds is None else round(guest_seconds, 3),
            }
        )
        self._save(steps=(*self._record.steps[:-1], step))
        self._events.emit(
            "step_finished",
            scenario=self._record.id,
            step=step.index,
            text=f"{step.keyword} {step.text}",
            outcome=outcome,
            seconds=step.seconds,
        )

    def rules_so_far(self, rules: int) -> None:
        """How many rules the scenario has learned by now; shown as progress, not kept in the record."""
        self._events.emit("rules", scenario=self._record.id, rules=rules)

    def audit(self, data: bytes) -> None:
        """What the kernel's audit held just now, attributed to the step that started last."""
        if not data:
            return
        step = self._record.steps[-1].index if self._record.steps else None
        storage.append(self.folder / "audit.log", frame(Drain(step, datetime.now(UTC), data)))
        counts = self._record.counts
        self._record = self._record.model_copy(
            update={"counts": counts.model_copy(update={"audit_bytes": counts.audit_bytes + len(data)})}
        )

    def screen(self, png: bytes, label: str) -> str:
        """A picture of the screen, of the step that started last; returns its path in the folder."""
        every = (*self._record.screens, *(screen for step in self._record.steps for screen in step.screens))
        name = f"screens/{len(every) + 1:02d}-{slug(label)[:60] or 'screen'}.png"
        storage.replace(self.folder / name, png)
        if self._record.steps:
            step = self._last_step()
            step = step.model_copy(update={"screens": (*step.screens, name)})
            self._save(steps=(*self._record.steps[:-1], step))
        else:
            self._save(screens=(*self._record.screens, name))
        return name

    def saved_policy(self, dated_name: str, files: Mapping[str, bytes]) -> None:
        """The folder that tomoyo-savepolicy wrote, under the name it gave it.

        Args:
            dated_name: such as `26-11-22.18:45:52`.
            files: file name → content.
        """
        folder = self.folder / "policy" / _component(dated_name)
        for name, data in files.items():
            storage.replace(folder / _component(name), data)
        self._save(saved_policy=(*self._record.saved_policy, dated_name))

    def fragment(self, policy: DomainPolicy, *, baseline: str = "") -> None:
        """The rules that the scenario added.

        Args:
            policy: the saved policy less the baseline.
            baseline: label of the policy that was subtracted.
        """
        storage.replace(self.folder / "fragment.conf", policy.dump())
        counts = self._record.counts.model_copy(update={"rules": policy.rule_count, "domains": len(policy)})
        self._save(counts=counts, baseline=baseline)
        self._events.emit("rules", scenario=self._record.id, rules=policy.rule_count)

    def provenance(self, lines: Iterable[RuleProvenance]) -> None:
        """Who asked for each rule of the fragment."""
        text = "".join(line.model_dump_json(exclude_defaults=True) + "\n" for line in lines)
        storage.replace(self.folder / "provenance.jsonl", text.encode())

    def verdict(self, verdict: VerdictRecord) -> None:
        """What the policy did to the scenario."""
        text = verdict.model_dump_json(by_alias=True, exclude_none=True, indent=1)
        storage.replace(self.folder / "verdict.json", text.encode() + b"\n")
        denied = len(verdict.unwanted)
        counts = self._record.counts.model_copy(
            update={"denials": denied, "refusals": len(verdict.denials) - denied}
        )
        self._save(verdict=verdict.verdict, counts=counts)

    def finding(self, kind: str, message: str, **detail: JsonValue) -> None:
        """Something that must not stay silent, noticed in the step that started last."""
        step = self._record.steps[-1].index if self._record.steps else None
        found = Finding(kind=kind, message=_bounded(message), step=step, detail=detail)
        self._save(findings=(*self._record.findings, found))
        self._events.emit("finding", scenario=self._record.id, step=step, name=kind, text=found.message)

    def attach(self, name: str, data: bytes) -> None:
        """Another file: `console.log` and `journal.txt` are shown by the report."""
        storage.replace(self.folder / _component(name), data)

    def take_over(self, kept: Path) -> None:
        """Make the record in `kept` this scenario's own: what an earlier run saw, in its times.

        Args:
            kept: the folder of a scenario that is over.

        Raises:
            RecordError: there is no such record, or it is one of another schema.
        """
        earlier = read_document(kept / "scenario.json", ScenarioRecord)
        shutil.copytree(kept, self.folder, dirs_exist_ok=True)
        self._record = earlier
        self._save(reused=True)
        self._emit_finished()

    def finish(self, outcome: Outcome, *, error: str = "", fault: Fault | None = None) -> None:
        """The scenario is over; a step still running ends with it, with the same outcome."""
        if self._record.steps and self._record.steps[-1].outcome == "running":
            self.step_finished(outcome, error=error)
        self._save(
            outcome=outcome,
            error=_bounded(error),
            fault=fault,
            finished=datetime.now(UTC),
            seconds=round(time.monotonic() - self._clock, 3),
        )
        self._emit_finished()

    def _emit_finished(self) -> None:
        self._events.emit(
            "scenario_finished",
            scenario=self._record.id,
            name=self._record.name,
            text=self._record.error,
            outcome=self._record.outcome,
            seconds=self._record.seconds,
            rules=self._record.counts.rules,
            denials=self._record.counts.denials if self._record.verdict is not None else None,
        )

    def _last_step(self) -> Step:
        if not self._record.steps:
            raise RecordError(
                f"a step of {self._record.id} finished before any started", expected="step_started first"
            )
        return self._record.steps[-1]

    def _save(self, **changes: object) -> None:
        record = self._record.model_copy(update=changes)
        text = record.model_dump_json(by_alias=True, indent=1)
        storage.replace(self.folder / "scenario.json", text.encode() + b"\n")
        self._record = record


def _bounded(text: str) -> str:
    """`text` short enough to be read, and sayable in JSON: a guest's bytes may hold half a character."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text)} characters)"


def _component(name: str) -> str:
    """`name` if it is a plain file name: names come from the guest and must not leave the folder."""
    if not name or name.startswith(".") or "/" in name or "\0" in name:
        raise RecordError(
            f"{name!r} is no file name for a record", expected="one path component, no dot first"
        )
    return name
