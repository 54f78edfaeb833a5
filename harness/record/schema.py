"""The files of a run as pydantic models: what is written, and what is checked when it is read again.

`docs/record.md` describes the same in prose; `SCHEMA` goes up whenever an older reader would misread
a newer run. Unknown fields are ignored, so adding one needs no new version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harness.record.naming import without_repetition

SCHEMA = 1

Outcome = Literal["running", "passed", "failed", "error", "skipped"]
Fault = Literal["task", "host", "image", "guest", "policy", "harness"]
Isolation = Literal["checkpoint", "session"]
Mode = Literal["learning", "permissive", "enforcing"]
Kind = Literal["task", "variant", "refused"]
Start = Literal["boot", "checkpoint"]
Verdict = Literal["passed", "passed with denials", "failed", "not tried"]
EventKind = Literal[
    "run_started",
    "checkpoint_started",
    "checkpoint_stage",
    "checkpoint_settled",
    "checkpoint_saved",
    "checkpoint_failed",
    "scenario_started",
    "restored",
    "step_started",
    "step_finished",
    "rules",
    "finding",
    "scenario_finished",
    "run_finished",
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class _Document(_Model):
    """A JSON file of its own, which therefore names its schema version."""

    schema_version: int = Field(default=SCHEMA, alias="schema")


class Host(_Model):
    """The machine that ran the harness."""

    system: str = ""
    cores: int = 0
    qemu: str = ""
    libvirt: str = ""


class Image(_Model):
    """The image under test; `size` in bytes."""

    path: str = ""
    sha256: str = ""
    size: int = 0
    label: str = ""
    kernel: str = ""
    suite: str = ""


class Tomoyo(_Model):
    """TOMOYO in the guest: its version, and whether its tools came with the image or the overlay."""

    version: str = ""
    tools: str = ""


class Accelerator(_Model):
    """KVM or TCG, and the reason for the choice."""

    name: str = ""
    why: str = ""


class Machine(_Model):
    """The virtual machine's size."""

    memory_mib: int = 0
    vcpus: int = 0
    cpu: str = ""


class Enforced(_Model):
    """The policy that a run was made under.

    Attributes:
        path: the folder as it was given.
        sha256: of its four files, see `ShippedPolicy.digest`.
        start: in force from the first process on, or loaded into a checkpoint that learned.
        unconfined: domains of the policy with profile 0, in which everything is allowed.
    """

    path: str
    sha256: str
    start: Start
    domains: int = 0
    rules: int = 0
    unconfined: tuple[str, ...] = ()


class Manifest(_Document):
    """`manifest.json`: what was run, on what, when. Times are UTC.

    Attributes:
        exceptions: lines that its exception policy was begun with, beside the image's own.
        mode: what TOMOYO did.
        enforced: under which policy; None where it learned.
    """

    run: str
    started: datetime
    finished: datetime | None = None
    tomograph: str = ""
    python: str = ""
    host: Host = Host()
    image: Image = Image()
    kernel_command_line: str = ""
    tomoyo: Tomoyo = Tomoyo()
    overlay: tuple[str, ...] = ()
    accelerator: Accelerator = Accelerator()
    machine: Machine = Machine()
    isolation: Isolation = "checkpoint"
    exceptions: tuple[str, ...] = ()
    mode: Mode = "learning"
    enforced: Enforced | None = None
    options: dict[str, JsonValue] = {}


class Finding(_Model):
    """Something that must not stay silent: a quota, a lost record, a failed transition.

    Attributes:
        kind: a short name, such as `quota-exceeded`.
        step: index of the step in which it was noticed, None outside of steps.
    """

    kind: str
    message: str
    step: int | None = None
    detail: dict[str, JsonValue] = {}


class Step(_Model):
    """One step of a scenario.

    Attributes:
        index: position, from 0.
        started: host clock.
        seconds: how long it took on the host's monotonic clock.
        guest_started: the guest's clock, which stands still while a checkpoint lies on disk.
        guest_seconds: processor time that the machine used in the step; None when it switched itself off.
        screens: paths of pictures, relative to the scenario's folder.
    """

    index: int
    keyword: str
    text: str
    outcome: Outcome = "running"
    started: datetime
    finished: datetime | None = None
    seconds: float = 0.0
    guest_started: datetime | None = None
    guest_finished: datetime | None = None
    guest_seconds: float | None = None
    error: str = ""
    screens: tuple[str, ...] = ()


class Counts(_Model):
    """How much a scenario learned, or was denied; `audit_bytes` is what was drained, before any parsing.

    Attributes:
        denials: kinds of accesses that the policy did not admit, without those that were to be refused.
        refusals: those that were to be refused, and were.
    """

    domains: int = 0
    rules: int = 0
    audit_bytes: int = 0
    denials: int = 0
    refusals: int = 0


class ScenarioRecord(_Document):
    """`scenario.json`: rewritten at every step, so that a crash leaves the state of the step before.

    Attributes:
        id: the folder's name.
        kind: a `task` is learned from; a `variant` of one and what must be `refused` never are.
        verdict: what the policy did to it, where one was enforced; `verdict.json` has the denials.
        feature: path of the feature file as given.
        example: the row of an outline, column → value.
        repetition: how often the run has tried it by now, from 1.
        fault: whose fault a failure was.
        saved_policy: names of the dated folders under `policy/`, oldest first.
        load_seconds: how long the machine took to hold the policy that was loaded into the checkpoint.
        baseline: label of the policy that the fragment was computed against.
        reused: recorded by an earlier run on the same image and machine, at the times that are given.
    """

    id: str
    feature: str
    name: str
    feature_name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    kind: Kind = "task"
    example: dict[str, str] = {}
    repetition: int = 1
    checkpoint: str = ""
    isolation: Isolation = "checkpoint"
    worker: str = "main"
    outcome: Outcome = "running"
    verdict: Verdict | None = None
    fault: Fault | None = None
    error: str = ""
    started: datetime
    finished: datetime | None = None
    seconds: float = 0.0
    restore_seconds: float | None = None
    load_seconds: float | None = None
    steps: tuple[Step, ...] = ()
    screens: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Counts = Counts()
    saved_policy: tuple[str, ...] = ()
    baseline: str = ""
    reused: bool = False

    @property
    def title(self) -> str:
        """The name, with the number of the repetition after the first."""
        return f"{self.name} ({self.repetition})" if self.repetition > 1 else self.name

    @property
    def repeated(self) -> str:
        """The ID that all repetitions share."""
        return without_repetition(self.id)

    @property
    def working_share(self) -> float | None:
        """The part of the scenario's time in which the guest worked on its steps, 0 to 1.

        The rest it waited for the harness, or for something to happen. Steps of which nobody knows count
        neither way; None when they are more than half of the scenario's time.
        """
        worked = sum(min(step.guest_seconds or 0.0, step.seconds) for step in self.steps)
        known = self.seconds - sum(step.seconds for step in self.steps if step.guest_seconds is None)
        measured = any(step.guest_seconds is not None for step in self.steps)
        return worked / known if measured and known > self.seconds / 2 else None


class CheckpointRecord(_Document):
    """`checkpoints/NAME/info.json`.

    Attributes:
        reused: taken from an earlier run's cache instead of booted.
        verdict: what the policy did to the way there, where one was enforced from the first process on.
        denials: how many kinds of accesses it did not admit; `verdict.json` has them.
        stages: what was reached after how many seconds on the way there.
        load_seconds: how long init waited for the policy in force to be loaded, on the guest's clock.
    """

    name: str
    parent: str = ""
    outcome: Outcome = "running"
    verdict: Verdict | None = None
    denials: int = 0
    error: str = ""
    started: datetime
    finished: datetime | None = None
    reused: bool = False
    stages: tuple[tuple[float, str], ...] = ()
    ready_seconds: float | None = None
    save_seconds: float | None = None
    load_seconds: float | None = None
    detail: dict[str, JsonValue] = {}


class Event(_Model):
    """One line of `events.jsonl`; fields that say nothing are left out.

    Attributes:
        at: host clock, UTC.
        worker: who wrote it: `main`, or the name of a pytest-xdist worker.
        denials: with `scenario_finished` under a policy, how many that nobody wanted.
        total: with `run_started`, how many scenarios there will be.
        text: an error, a stage; with `run_started`, what is left out and why.
    """

    at: datetime
    kind: EventKind
    worker: str = "main"
    checkpoint: str = ""
    scenario: str = ""
    name: str = ""
    step: int | None = None
    text: str = ""
    outcome: Outcome | None = None
    seconds: float | None = None
    rules: int | None = None
    denials: int | None = None
    total: int | None = None


class Process(_Model):
    """The process behind a rule, as far as the audit tells.

    Attributes:
        pid: its number in the initial PID namespace.
        program: the file it was started from, or else the last component of its domain.
        argv: its arguments in TOMOYO's spelling, None when no record of the process names them.
    """

    pid: int
    ppid: int
    uid: int
    program: str
    argv: tuple[str, ...] | None = None


class RuleProvenance(_Model):
    """One line of `provenance.jsonl`: a rule of the fragment and the access that asked for it.

    Attributes:
        domain: the domain's full name.
        rule: the policy line as learned.
        step: index of the step, None before the first one or when unknown.
        time: guest clock of the first access.
        process: the process of the first access, None when unknown.
        starts: for `file execute`, the arguments of the program that was started.
        records: how many audit records support the rule.
        unknown: why there is no record; empty when there is one.
    """

    domain: str
    rule: str
    step: int | None = None
    time: datetime | None = None
    process: Process | None = None
    starts: tuple[str, ...] | None = None
    records: int = 0
    unknown: str = ""


class Denial(_Model):
    """An access that the policy did not admit, however often it was asked for.

    Attributes:
        domain: the domain's full name: who was denied.
        entry: the access in the audit's words, such as `file read /etc/shadow`.
        least: the least rules that would have admitted it; where tuning has a say, as tuned.
        step: index of the step it hit first, None before the first one.
        time: the guest's clock then.
        process: the process that was denied first.
        count: how many records there are of it.
        expected: it had to be refused.
    """

    domain: str
    entry: str
    least: tuple[str, ...] = ()
    step: int | None = None
    time: datetime | None = None
    process: Process | None = None
    count: int = 1
    expected: bool = False


class VerdictRecord(_Document):
    """`verdict.json` of a scenario or a checkpoint that was tried under a policy.

    Attributes:
        denials: in the order in which they came.
        made: domains that the kernel made because a program may be started but has no domain in the policy.
        gathered: where the denials are from: the audit, or `memory` of a machine whose agent did not answer.
        lost: how many denials have no record, as the kernel counts them; where it could not be asked, how
            many looks at the audit found it full.
    """

    verdict: Verdict
    mode: Mode
    denials: tuple[Denial, ...] = ()
    made: tuple[str, ...] = ()
    gathered: Literal["audit", "memory"] = "audit"
    lost: int = 0

    @property
    def unwanted(self) -> tuple[Denial, ...]:
        """The denials that nobody asked for."""
        return tuple(denial for denial in self.denials if not denial.expected)
