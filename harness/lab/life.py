"""A scenario from its checkpoint to its record: what happens before, between and after the steps.

Knows nothing of pytest; the plugin tells it where a scenario stands.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness.analysis.denials import Access, denied_in
from harness.analysis.provenance import attribute
from harness.errors import GuestError, HostError, PolicyError, TomographError
from harness.guest.tomoyo import SavedPolicy
from harness.lab import harvest
from harness.lab.judgement import judge
from harness.lab.lab import Lab, Start
from harness.lab.tags import POWER_OFF, tolerated
from harness.policy import AuditRecord, DomainPolicy, read_audit
from harness.policy.profile import audit_ring
from harness.record.drains import Drain, read_drains
from harness.record.scenario_writer import ScenarioWriter
from harness.record.schema import Fault, Isolation, Mode, Outcome, ScenarioRecord
from harness.user.expectation import NotSeen

_SAVES = 4
"""Of a policy that does not come to rest: a desktop always does something."""


class Unfit(AssertionError):  # noqa: N818 - an expectation that was not met, like NotSeen
    """The steps passed, but what was learned cannot be trusted; the findings are in the text."""


@dataclass(slots=True)
class Failure:
    """A step's error as it goes into the record."""

    error: BaseException
    fault: Fault

    @property
    def outcome(self) -> Outcome:
        """`failed` when the task did not work, `error` when it could not be tried."""
        return "failed" if self.fault == "task" else "error"


class Life:
    """One scenario's life. `begin`, then steps, then `finish`, whatever happened in between."""

    def __init__(self, lab: Lab, writer: ScenarioWriter, *, isolation: Isolation) -> None:
        self._lab = lab
        self._writer = writer
        self._isolation = isolation
        self._start: Start | None = None
        self._failure: Failure | None = None
        self._records = 0
        self._expected: set[Access] = set()
        self._used: float | None = None
        self._denied_before: int | None = None
        self._denied: int | None = None
        self._by_screen = writer.record.checkpoint in (POWER_OFF, "desktop-ready")

    @property
    def lab(self) -> Lab:
        """The machine."""
        return self._lab

    @property
    def folder(self) -> Path:
        """Where the record is written."""
        return self._writer.folder

    @property
    def record(self) -> ScenarioRecord:
        """The scenario as recorded by now."""
        return self._writer.record

    def begin(self) -> None:
        """Put the machine into the state that the scenario starts from.

        Raises:
            GuestError, HostError: it does not get there.
        """
        name = self._writer.record.checkpoint
        try:
            if name == POWER_OFF:
                self._lab.switch_off()
                self._start = Start(name, None, "", 0.0)
            elif self._isolation == "session":
                self._start = self._lab.go_on(name)
                self._writer.audit(self._lab.drain_audit())  # of before the first step
            else:
                self._start = self._lab.go_to(name)
            self._denied_before = self._count_from_here()
        except (KeyboardInterrupt, SystemExit):  # it is done when the run goes on
            raise
        except BaseException as error:
            self._writer.attach("console.log", self._lab.machine.console_tail(1 << 20))
            self._finish("error", error=str(error), fault=fault_of(error))
            raise
        loaded = self._start.loaded
        self._writer.restored(self._start.seconds, load_seconds=loaded.seconds if loaded else None)
        if loaded is not None:
            for notice in harvest.loading_notices(loaded):
                self._writer.finding(notice.kind, notice.message)

    def _count_from_here(self) -> int | None:
        """How much the kernel had denied before the records that are judged; None without a policy."""
        enforced = self._lab.setup.enforcement
        if enforced is None:
            return None
        if not self._lab.is_on:  # a kernel counts from its start
            return 0
        records = self._lab.drain_audit()
        self._writer.audit(records)
        counted = self._lab.tomoyo.violations(enforced.mode)
        return None if counted is None else counted - denied_in(records)

    def step_started(self, keyword: str, text: str) -> None:
        """A step begins.

        Raises:
            GuestError, HostError: the machine does not say what is asked of it; the step then failed.
        """
        try:
            clock, self._used = self._clock(), self._processor_time()
        except Exception as error:
            self._writer.step_started(keyword, text)
            self._broken(error)
            raise
        self._writer.step_started(keyword, text, guest_time=clock)

    def step_passed(self) -> None:
        """The step did what it says.

        Raises:
            GuestError, HostError: what belongs to the step could not be taken; the step then failed.
        """
        try:
            used = self._used_in_step()
            self._observe()
            clock = self._clock()
        except Exception as error:
            self._broken(error)
            raise
        self._writer.step_finished("passed", guest_time=clock, guest_seconds=used)

    def _broken(self, error: Exception) -> None:
        """What surrounds a step went wrong, of which pytest-bdd does not tell as of a step's own error."""
        self._failure = Failure(error, fault_of(error))
        self._writer.step_finished("error", error=str(error))

    def step_failed(self, error: BaseException) -> None:
        """The step raised `error`."""
        self._failure = Failure(error, fault_of(error))
        used = self._used_in_step()
        if isinstance(error, NotSeen) and error.png is not None:
            self._writer.screen(error.png, "what was there instead")
        try:
            self._observe()
        except TomographError as second:
            self._writer.finding("not-observed", f"after the failed step: {second}")
        self._writer.step_finished(self._failure.outcome, error=str(error), guest_seconds=used)

    def finish(self) -> None:
        """Harvest and close the record.

        Raises:
            Unfit: all steps passed, but a finding says that the fragment cannot be trusted.
            Exception: all steps passed, but harvesting failed.
        """
        if self._start is None:
            return
        try:
            findings = self._harvest(self._start)
        except Exception as error:
            if self._failure is None:
                self._finish("error", error=str(error), fault=fault_of(error))
                raise
            findings = []
            self._writer.finding("not-harvested", str(error))
        if self._failure is not None:
            failure = self._failure
            self._finish(failure.outcome, error=str(failure.error), fault=failure.fault)
            return
        grave = [notice for notice in findings if notice.kind not in tolerated(self._writer.record.tags)]
        if grave:
            text = "\n".join(f"{notice.kind}: {notice.message}" for notice in grave)
            self._finish("failed", error=text, fault="guest")
            raise Unfit(text)
        self._finish("passed")

    def asked_since(self, step: int) -> list[AuditRecord]:
        """What the kernel has recorded since the step with that index began; drains its audit first."""
        if self._lab.can_be_observed:
            self._writer.audit(self._lab.drain_audit())
        return [
            record
            for drain in self._drains()
            if drain.step is not None and drain.step >= step
            for record in read_audit(drain.data)
            if isinstance(record, AuditRecord)
        ]

    @property
    def attempt(self) -> int:
        """The index of the step in which the last thing was tried: the last `When`, -1 before any."""
        steps = self._writer.record.steps
        return max((step.index for step in steps if step.keyword == "When"), default=-1)

    def refused(self, record: AuditRecord) -> None:
        """The policy had to deny this access, and did: it counts as no denial."""
        self._expected.add((record.domain, record.entry))

    def _used_in_step(self) -> float | None:
        """Processor time that the machine has used since the step began.

        None when it switched itself off: what it used since it was last looked at went with it.
        """
        now = self._processor_time()
        if self._used is None or now is None or now < self._used:
            return None
        return now - self._used

    def _processor_time(self) -> float | None:
        try:
            return self._lab.machine.cpu_seconds()
        except GuestError:  # it has switched itself off, as it may
            return None

    def _observe(self) -> None:
        """What belongs to the step that just ended: its audit records, and its screen."""
        with self._unless_it_goes_off():
            if not self._lab.can_be_observed:
                return
            records = self._lab.drain_audit()
            self._writer.audit(records)
            self._records += harvest.learned(records)
            self._writer.rules_so_far(self._records)
            if self._by_screen or self._lab.person.screen.last is not None:  # also on a text screen
                step = self._writer.record.steps[-1]
                self._writer.screen(self._lab.person.screen.capture().png(), step.text)

    def _clock(self) -> datetime | None:
        """The guest's time, of a machine that is far enough to tell."""
        clock = None
        with self._unless_it_goes_off():
            if self._lab.can_be_observed:
                clock = self._lab.agent.clock()
        return clock

    @contextlib.contextmanager
    def _unless_it_goes_off(self) -> Iterator[None]:
        """A machine may switch itself off while it is looked at, as some tasks have it do.

        One that was killed or has panicked has left no last words.
        """
        try:
            yield
        except GuestError:
            if self._lab.is_on or not self._lab.machine.shutdown_bytes():
                raise

    def _finish(self, outcome: Outcome, *, error: str = "", fault: Fault | None = None) -> None:
        """Close the record, with a verdict where a policy was in force."""
        enforced = self._lab.setup.enforcement
        if enforced is not None:
            ours = fault in ("host", "harness") or self._start is None
            counted = None
            if self._denied is not None and self._denied_before is not None:
                counted = self._denied - self._denied_before
            notices = judge(
                self._writer, enforced, outcome, self._drains(),
                expected=self._expected, ours=ours, counted=counted,
            )  # fmt: skip
            for notice in notices:
                self._writer.finding(notice.kind, notice.message)
        self._writer.finish(outcome, error=error, fault=fault)

    def _harvest(self, start: Start) -> list[harvest.Notice]:
        lab, writer = self._lab, self._writer
        said = lab.machine.console_tail(1 << 20)
        writer.attach("console.log", said)
        saved = None
        if lab.setup.enforcement is None:
            saved = self._saved_with_its_tail()
            writer.saved_policy(saved.name, saved.files)
        else:
            self._denied = self._denied_by_now(lab.setup.enforcement.mode)
            writer.audit(lab.drain_audit())
        if lab.is_on:
            journal = lab.journal.since(start.journal_cursor)
            writer.attach("journal.txt", journal)
            said += journal
        if saved is None:
            return self._note(harvest.kernel_notices(said))
        fragment = harvest.fragment_of(saved, start.baseline)
        writer.fragment(fragment, baseline=start.checkpoint)
        unexplained = self._explain(fragment, audit_ring(saved.files.get("profile.conf", b"")))
        return self._note(harvest.notices(fragment, said, unexplained=unexplained))

    def _denied_by_now(self, mode: Mode) -> int | None:
        """Asked before the records are read: what is denied in between has a record, if no count."""
        counted = None
        with self._unless_it_goes_off():
            if self._lab.is_on:
                counted = self._lab.tomoyo.violations(mode)
        return counted

    def _saved_with_its_tail(self) -> SavedPolicy:
        """The policy, saved again as long as the task still adds to it.

        A program goes on after the last step: it plays a sound, writes a picture of the page, clears up. What
        the kernel learns after the save would be in the audit and in no rule, and be denied under the policy.
        """
        if self._lab.is_on:  # what was asked for before the save is in it
            self._writer.audit(self._lab.drain_audit())
        known: set[tuple[str, str]] = set()
        for drain in self._drains():
            known |= harvest.asked_for(drain.data)
        for _ in range(_SAVES):
            saved = self._lab.save_policy()
            records = self._lab.drain_audit()
            self._writer.audit(records)
            news = harvest.asked_for(records) - known
            # A machine that is off has said all that it had to say.
            if not (self._lab.is_on and news):
                break
            known |= news
        return saved

    def _note(self, notices: Iterable[harvest.Notice]) -> list[harvest.Notice]:
        found = list(notices)
        for notice in found:
            self._writer.finding(notice.kind, notice.message)
        return found

    def _explain(self, fragment: DomainPolicy, ring: int) -> int:
        """Write down who asked for each rule; returns for how many nobody knows."""
        lines = attribute(fragment, self._drains(), ring=ring)
        self._writer.provenance(lines)
        return sum(1 for line in lines if line.unknown)

    def _drains(self) -> list[Drain]:
        log = self._writer.folder / "audit.log"
        return list(read_drains(log.read_bytes())) if log.exists() else []


def fault_of(error: BaseException) -> Fault:
    """Whose fault an error is, as the record says it."""
    match error:
        case AssertionError():
            return "task"
        case HostError():
            return "host"
        case GuestError():
            return "guest"
        case PolicyError():
            return "policy"
        case _:
            return "harness"
