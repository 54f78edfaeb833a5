"""What came of a policy: `loop.json`, the table of a loop from learning to replaying, as pydantic models.

`tomograph enforce` writes it into its output folder, which is the run itself or holds several.
`docs/enforcing.md` describes it in prose. How long a policy took to make lies beside it, in `stages.json`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.record import storage
from harness.record.explanation import Figures
from harness.record.reader import read_document
from harness.record.schema import Mode, Start

LOOP_SCHEMA = 1
LOOP = "loop.json"
VARIANTS_PASS = 0.95
"""The part of the variants that has to pass."""
_STAGES = "stages.json"

StageName = Literal["learn", "tune", "boot", "load", "replay"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Stage(_Model):
    """How long a part of the loop took.

    Attributes:
        name: `learn`, `tune`; `boot`: to the checkpoints, under the policy; `load`: until the kernel held the
            policy; `replay`: the scenarios' own time, added up, whatever number of machines shared it.
        seconds: on the host's clock, except for a load at boot, which is part of the boot and in the guest's.
        what: of which run, where that is not plain.
    """

    name: StageName
    seconds: float
    what: str = ""


class Standing(_Model):
    """How scenarios of one kind fared: how many there are, passed, and passed without a denial."""

    total: int = 0
    passed: int = 0
    clean: int = 0


class Gate(_Model):
    """What a run under a policy says of it.

    Attributes:
        boot_denials: kinds of accesses denied on the way to the checkpoints; None where it was not under it.
        boot_failed: a checkpoint was not reached, or nothing tells of a boot that should have been.
        tasks, variants, refused: how each kind of scenario fared; not tried ones do not count.
        not_tried: scenarios that the host or the image kept from being tried, that came to no end, or whose
            record cannot be read; skipped ones not counted.
        denials: kinds of accesses denied to tasks.
        variant_denials: the same for variants, which were never learned from.
        replays: of the tasks' the part of each replay.
        lost: scenarios, and ways to checkpoints, whose audit lost records: nobody knows whether more was
            denied.
    """

    boot_denials: int | None = None
    boot_failed: bool = False
    tasks: Standing = Standing()
    variants: Standing = Standing()
    refused: Standing = Standing()
    not_tried: int = 0
    denials: int = 0
    variant_denials: int = 0
    replays: tuple[int, ...] = ()
    lost: int = 0

    @property
    def holds(self) -> bool:
        """Whether the policy can be shipped.

        Something was tried, all tasks passed, nothing was denied to them, and what had to be refused was. Of
        the variants nearly all passed: who asks for all of them asks for a policy that was learned from them.
        """
        tried = self.tasks.total + self.variants.total + self.refused.total
        return (
            tried > 0
            and not self.boot_failed
            and not self.boot_denials
            and not self.not_tried
            and not self.denials
            and not self.lost
            and all(kind.passed == kind.total for kind in (self.tasks, self.refused))
            and self.variants.passed >= self.variants.total * VARIANTS_PASS
        )


class Pass(_Model):
    """One run of a round.

    Attributes:
        run: its folder, seen from that of `loop.json`.
        mode: what TOMOYO did.
        start: from when on the policy was in force.
        gate: what the run says of the policy.
        stages: boot, load and replay.
        seconds: how long the whole of it took.
        broken_off: there was more to do.
    """

    run: str
    mode: Mode
    start: Start
    gate: Gate
    stages: tuple[Stage, ...] = ()
    seconds: float = 0.0
    broken_off: bool = False

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.start}, {self.mode}" + (" (broken off)" if self.broken_off else "")


class Round(_Model):
    """What was tried with one policy.

    Attributes:
        number: from 1.
        policy: the folder.
        rules: how many rules its domains have.
        passes: its runs.
        proposed: how many rules were proposed after it.
    """

    number: int
    policy: str
    rules: int
    passes: tuple[Pass, ...] = ()
    proposed: int = 0

    @property
    def denials(self) -> int:
        """Kinds of accesses denied in all its runs, the boots included."""
        gates = [one.gate for one in self.passes]
        return sum(gate.denials + gate.variant_denials + (gate.boot_denials or 0) for gate in gates)


class Width(_Model):
    """How many paths of the image a domain may reach beyond what it asked for."""

    domain: str
    rules: int
    beyond: int


class Trial(_Model):
    """A policy and what came of it.

    Attributes:
        policy: the folder as it was given.
        sha256: of its four files.
        figures: rules and lines before and after tuning; None where `tomograph tune` did not write it.
        widths: over-permission by domain, highest first; domains without any are left out.
        stages: how long learning and tuning took, as far as the policy's folder tells.
        rounds: what was tried.
    """

    policy: str
    sha256: str = ""
    figures: Figures | None = None
    widths: tuple[Width, ...] = ()
    stages: tuple[Stage, ...] = ()
    rounds: tuple[Round, ...] = ()

    @property
    def name(self) -> str:
        """What tables call it."""
        return Path(self.policy).name or self.policy


class Loop(_Model):
    """`loop.json`.

    Attributes:
        trials: first the policy that was to be enforced, then one that was tried beside it.
    """

    schema_version: int = Field(default=LOOP_SCHEMA, alias="schema")
    trials: tuple[Trial, ...] = ()

    def write(self, folder: Path) -> None:
        """Write `loop.json`.

        Raises:
            HostError: the disk is full or the folder cannot be written.
        """
        storage.replace(folder / LOOP, self.model_dump_json(by_alias=True, indent=1).encode() + b"\n")

    @classmethod
    def read(cls, folder: Path) -> Loop | None:
        """The loop whose `loop.json` lies in a folder; None when there is none.

        Raises:
            RecordError: it is damaged, or of another version.
        """
        path = folder / LOOP
        return read_document(path, cls, version=LOOP_SCHEMA) if path.is_file() else None

    @classmethod
    def of_run(cls, run: Path) -> Loop | None:
        """The loop that a run is part of, from its own folder or the one around it; None when in none.

        Raises:
            RecordError: it is damaged, or of another version.
        """
        folder = run.resolve()
        for place in (folder, folder.parent):
            if (loop := cls.read(place)) is not None:
                passes = (one for trial in loop.trials for turn in trial.rounds for one in turn.passes)
                if any((place / one.run).resolve() == folder for one in passes):
                    return loop
        return None


class _Stages(_Model):
    schema_version: int = Field(default=LOOP_SCHEMA, alias="schema")
    stages: tuple[Stage, ...] = ()


def write_stages(policy: Path, stages: Iterable[Stage]) -> None:
    """Write down beside a policy how long it took to make. The policy's own files do not depend on it.

    Raises:
        HostError: the disk is full or the folder cannot be written.
    """
    text = _Stages(stages=tuple(stages)).model_dump_json(by_alias=True, exclude_defaults=False, indent=1)
    storage.replace(policy / _STAGES, text.encode() + b"\n")


def read_stages(policy: Path) -> tuple[Stage, ...]:
    """How long it took to make a policy; empty when nobody wrote it down.

    Raises:
        RecordError: the file is damaged, or of another version.
    """
    path = policy / _STAGES
    return read_document(path, _Stages, version=LOOP_SCHEMA).stages if path.is_file() else ()
