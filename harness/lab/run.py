"""A run as a whole: begun by one process, worked on by one or several, closed at the end."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel

from harness.image import cache
from harness.lab.enforcement import Enforcement, enforcement
from harness.lab.lab import Lab
from harness.lab.setup import Setup, prepare
from harness.lab.store import Store
from harness.machine.accelerator import emulator_version
from harness.machine.domain import Spec
from harness.machine.host import EMBEDDED, Host, libvirt_version, private_base, reap_abandoned
from harness.record import ShippedPolicy, schema
from harness.record.writer import RunWriter

_NAME = "tomograph"
_RUN = "run"
"""In the room of a run under a policy: a link to the run's folder."""


class RunOptions(BaseModel):
    """What somebody asked for; handed down from the controller to its workers as JSON.

    Attributes:
        policy: the folder of the policy to enforce; empty to learn.
        mode: what TOMOYO does; `learning` without a policy, and only then.
        start: from when on the policy is in force.
        unlearned: whether tasks are done, too, that the policy was not made from.
        fresh: boot even where the record of an earlier boot is kept.
        repeat: how often each scenario is tried.
        exceptions: lines for the exception policy that TOMOYO begins to learn with.
    """

    image: str
    run: str
    resume: bool = False
    accelerator: str = "auto"
    connect: str = EMBEDDED
    memory: int = 4096
    vcpus: int = 2
    isolation: schema.Isolation = "checkpoint"
    append: str = ""
    fresh: bool = False
    repeat: int = 1
    exceptions: tuple[str, ...] = ()
    policy: str = ""
    mode: schema.Mode = "learning"
    start: schema.Start = "boot"
    unlearned: bool = False

    @classmethod
    def of(cls, run: Path) -> RunOptions:
        """What a run was begun with, in order to go on with it.

        Raises:
            RecordError: there is no run, or one of another schema version.
        """
        manifest = RunWriter.open(run).manifest
        began = {"image": manifest.image.path, **manifest.options, "run": str(run)}
        return cls.model_validate(began).model_copy(update={"resume": True, "fresh": False})

    @property
    def room(self) -> Path:
        """Where a run under a policy keeps what is of use to it alone: its initrd and its checkpoints."""
        name = hashlib.sha256(str(Path(self.run).resolve()).encode()).hexdigest()[:16]
        return _rooms() / name

    def enforcement(self) -> Enforcement | None:
        """The policy made ready to be enforced.

        Raises:
            RecordError, PolicyError: see `ShippedPolicy.read` and `enforcement`.
        """
        if not self.policy:
            return None
        return enforcement(ShippedPolicy.read(Path(self.policy)), self.mode, self.start)

    def learned(self) -> frozenset[str] | None:
        """The IDs of the scenarios that are to be done as tasks again; None for all there are.

        A policy that does not say what it was made from may have been made from all of them.

        Raises:
            RecordError, PolicyError: see `ShippedPolicy.read`.
        """
        if not self.policy or self.unlearned:
            return None
        explanation = ShippedPolicy.read(Path(self.policy)).explanation
        return explanation.learned_from if explanation is not None else None

    def setup(self, worker: str, say: Callable[[str], None] = lambda _text: None) -> Setup:
        """The image and machine of the worker called `worker`."""
        # An embedded driver is alone in its process; under a daemon machines of several workers meet.
        name = _NAME if self.connect == EMBEDDED else f"{_NAME}-{worker}"
        spec = Spec(memory=self.memory, vcpus=self.vcpus)
        if self.policy:
            self.room.mkdir(parents=True, exist_ok=True)
        return prepare(
            Path(self.image),
            wanted=self.accelerator,
            spec=spec,
            name=name,
            append=self.append.split(),
            say=say,
            enforcement=self.enforcement(),
            room=self.room,
            exceptions=self.exceptions,
        )

    @contextlib.contextmanager
    def lab(self, run: RunWriter) -> Iterator[Lab]:
        """A machine for one worker; switched off at the end."""
        folder = cache.root()
        with Host.open(self.connect, capabilities_cache=folder / "capabilities") as host:
            setup = self.setup(run.worker)
            # A boot under a policy is part of what is tried: it is made anew for each run.
            lab = Lab(host, setup, Store((self.room if setup.boots_under else folder) / "checkpoints"), run)
            try:
                yield lab
            finally:
                lab.switch_off()


def new_place(now: datetime) -> Path:
    """The folder of a run that nobody has named."""
    return Path("runs") / f"{now:%Y-%m-%d.%H%M%S}"


def begin_run(options: RunOptions, say: Callable[[str], None]) -> RunOptions:
    """Prepare image and overlay, and begin (or go on with) the record.

    Returns:
        The options with nothing left open: the image's path, the run's folder, the accelerator.

    Raises:
        ImageError, HostError, RecordError: see `prepare` and `RunWriter`.
    """
    reap_abandoned(private_base())
    started = datetime.now(UTC)
    path = Path(options.run) if options.run else new_place(started)
    # Whoever goes on with the run may stand elsewhere.
    places = {"run": path, "image": Path(options.image)} | (
        {"policy": Path(options.policy)} if options.policy else {}
    )
    options = options.model_copy(update={name: str(place.resolve()) for name, place in places.items()})
    setup = options.setup("main", say)
    accelerator = setup.definition.accelerator
    say(f"accelerator: {accelerator.name} ({accelerator.reason})")
    settled = options.model_copy(update={"accelerator": accelerator.name})
    manifest = _manifest(settled, setup, started)
    if options.resume:
        RunWriter.resume(path, manifest)
    else:
        RunWriter.create(path, manifest)
    if settled.policy:
        _remove_rooms_of_gone_runs()
        whose = settled.room / _RUN
        whose.unlink(missing_ok=True)
        whose.symlink_to(settled.run)
    return settled


def _rooms() -> Path:
    return cache.root() / "enforced"


def _remove_rooms_of_gone_runs() -> None:
    """A run that was killed leaves its room, of gigabytes, for the time that somebody goes on with it."""
    for whose in [room / _RUN for room in _rooms().iterdir()]:
        if whose.is_symlink() and not (whose.readlink() / "manifest.json").is_file():
            shutil.rmtree(whose.parent, ignore_errors=True)


def _manifest(options: RunOptions, setup: Setup, started: datetime) -> schema.Manifest:
    accelerator = setup.definition.accelerator
    return schema.Manifest(
        run=Path(options.run).name,
        started=started,
        tomograph=version("tomograph"),
        python=platform.python_version(),
        host=schema.Host(
            system=platform.platform(),
            cores=os.cpu_count() or 0,
            qemu=emulator_version(),
            libvirt=libvirt_version(),
        ),
        image=schema.Image(
            path=str(setup.iso.path),
            sha256=setup.iso.sha256,
            size=setup.iso.size,
            label=setup.iso.label,
            suite=setup.iso.suite,
        ),
        kernel_command_line=setup.definition.boot.command_line,
        overlay=tuple(f"{package.name} {package.version}" for package in setup.overlay.packages),
        accelerator=schema.Accelerator(name=accelerator.name, why=accelerator.reason),
        machine=schema.Machine(
            memory_mib=options.memory, vcpus=options.vcpus, cpu=accelerator.cpu_model or "host"
        ),
        isolation=options.isolation,
        exceptions=options.exceptions,
        mode=setup.mode,
        enforced=_enforced(options, setup.enforcement),
        options={"argv": list(sys.argv[1:]), **options.model_dump(mode="json")},
    )


def _enforced(options: RunOptions, enforced: Enforcement | None) -> schema.Enforced | None:
    if enforced is None:
        return None
    shipped = ShippedPolicy.read(Path(options.policy))
    return schema.Enforced(
        path=options.policy,
        sha256=shipped.digest,
        start=options.start,
        domains=len(shipped.domains),
        rules=shipped.domains.rule_count,
        unconfined=enforced.unconfined,
    )


def open_worker(options: RunOptions, worker: str) -> RunWriter:
    """The record, opened by one of its workers."""
    return RunWriter.open(Path(options.run), worker=worker)


def close_run(options: RunOptions) -> None:
    """Mark the record as finished, and remove what a worker that died may have left."""
    reap_abandoned(private_base())
    shutil.rmtree(options.room, ignore_errors=True)
    RunWriter.open(Path(options.run)).finished()
