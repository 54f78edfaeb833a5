"""One machine with a person's hands and eyes on it, and the instruments that observe it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import GuestError, HostError, PolicyError, TomographError
from harness.guest.agent import Agent
from harness.guest.home import Home
from harness.guest.journal import Journal
from harness.guest.loader import INSTRUMENTS, Loaded, Loader
from harness.guest.tomoyo import LastWords, SavedPolicy, Tomoyo
from harness.lab import settle
from harness.lab.checkpoints import CHECKPOINTS, Checkpoint, recipe_hash
from harness.lab.enforcement import PERMISSIVE
from harness.lab.judgement import at_once, judge, records_left
from harness.lab.setup import Setup
from harness.lab.store import Info, Saved, Store
from harness.lab.tags import POWER_OFF
from harness.machine import enclosure
from harness.machine.host import Host
from harness.machine.machine import Machine
from harness.policy.loading import difference
from harness.record import Run, schema
from harness.record.writer import CheckpointWriter, RunWriter
from harness.services import Network
from harness.user.expectation import NotSeen
from harness.user.person import SeatedPerson
from harness.user.reading import Tesseract

_BUSY_HOST = 2
"""Other work on the host can halve a machine's speed; a boot given up costs more than one waited for."""
_SCENARIO_BEGINS = 60
_TRIES = 2
"""A machine may die by chance while a checkpoint is made; a third boot would tell no more than the second."""
_CHECKPOINT_RECORD = "record"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a scenario starts from.

    Attributes:
        checkpoint: its name.
        baseline: the policy there; None when the machine is switched off.
        journal_cursor: where the journal stood.
        seconds: how long it took to get there.
        loaded: how the machine took the policy, where one was loaded there.
    """

    checkpoint: str
    baseline: SavedPolicy | None
    journal_cursor: str
    seconds: float
    loaded: Loaded | None = None


class Lab:
    """The machine of one worker. Used by one thread.

    Attributes:
        boots: whether a scenario of this run switches the machine on itself.
    """

    def __init__(self, host: Host, setup: Setup, store: Store, run: RunWriter) -> None:
        self.setup = setup
        self.machine = Machine(host, setup.definition)
        self._private = host.folder
        self._store = store
        self._run = run
        self._agent: Agent | None = None
        self._person: SeatedPerson | None = None
        self._reader = Tesseract()
        self._unreachable: dict[str, list[TomographError]] = {}
        self._forbidden = False
        self._network: Network | None = None
        self._last_saved: SavedPolicy | None = None
        self._reached: set[str] = set()
        self._unread = self._since_saved = b""
        self._turn: contextlib.ExitStack | None = None
        self.boots = False

    @property
    def agent(self) -> Agent:
        """The guest agent of the running machine."""
        if self._agent is None:
            raise GuestError("the machine is not switched on", hint="a step has to switch it on first")
        return self._agent

    @property
    def tomoyo(self) -> Tomoyo:
        """TOMOYO in the running machine."""
        return Tomoyo(self.agent)

    @property
    def journal(self) -> Journal:
        """The journal of the running machine."""
        return Journal(self.agent)

    @property
    def person(self) -> SeatedPerson:
        """The person in front of the running machine."""
        if self._person is None:
            raise GuestError("the machine is not switched on", hint="a step has to switch it on first")
        return self._person

    @property
    def home(self) -> Home:
        """The user's home folder in the running machine."""
        return Home(self.agent, self.setup.user)

    @property
    def network(self) -> Network:
        """What the running machine can reach beside itself: empty at first, gone with the scenario."""
        if self._network is None:
            pid = self.machine.pid()
            self._network = Network(
                lambda address, port, kind: enclosure.bound(pid, address, port, kind),
                lambda *command: enclosure.entered(pid, *command),
                self._private,
            )
        return self._network

    def deadline(self, seconds: float) -> Deadline:
        """A deadline stretched as this machine is slow."""
        return Deadline.after(seconds, scale=self.machine.time_scale)

    @property
    def is_on(self) -> bool:
        """Whether a machine runs."""
        return self._agent is not None and self.machine.is_running()

    @property
    def can_be_observed(self) -> bool:
        """Whether a machine runs, and has come far enough for the instruments to answer."""
        return self.is_on and self.agent.has_answered

    def switch_on(self) -> None:
        """Boot the image, when no other machine of this host does."""
        self._detach()
        self.machine.stop()
        self._forget()
        self._take_turn()
        self.machine.start()
        self._attach()

    def switch_off(self) -> None:
        """Pull the plug, and take hands, eyes and instruments away."""
        self._detach()
        self.machine.stop()
        self._forget()
        self._pass_turn()

    def _forget(self) -> None:
        """What was known of a machine that runs no more."""
        self._last_saved = None
        self._unread = self._since_saved = b""
        self._reached.clear()

    def go_to(self, name: str) -> Start:
        """Put the machine into the checkpoint `name`, making the checkpoint first if need be.

        Raises:
            GuestError: the machine does not get there.
            HostError: the checkpoint cannot be saved or restored.
        """
        self.switch_off()  # another worker may be making the checkpoint, and needs the processor
        saved = self.saved(name)
        self._note_guest(saved.info.kernel, saved.info.tomoyo)
        started = time.monotonic()
        self._restore(saved)
        loaded = self._load_policy()
        seconds = time.monotonic() - started
        return Start(name, saved.baseline, saved.info.journal_cursor, seconds, loaded)

    def _load_policy(self) -> Loaded | None:
        """Put the machine at a checkpoint that learned under the policy to enforce."""
        enforced = self.setup.enforcement
        if enforced is None or enforced.start == "boot":
            return None
        loaded = Loader(self.agent).load(enforced.policies, final=enforced.profile, waiting=PERMISSIVE)
        self.tomoyo.drain_audit()  # what was asked for while the lines came is nobody's denial
        return loaded

    def go_on(self, name: str) -> Start:
        """The way of one boot: go on where the scenario before stopped, with its policy as baseline.

        Boots and walks to the checkpoint `name` when nothing runs; saves and restores no memory. What
        does not last is walked to each time, and is part of the scenario.
        """
        started = time.monotonic()
        self._close_network()
        if not self.is_on or self._last_saved is None:
            self.switch_on()
        chain = self._chain(name)
        way = [one for one in chain if one.lasts and one.name not in self._reached]
        for checkpoint in way:
            self._walk(checkpoint, lambda _stage: None)
            self._reached.add(checkpoint.name)
        self._pass_turn()
        if way:
            self.tomoyo.drain_audit()  # of what is in the baseline
            self.save_policy()
            state = self.tomoyo.state()
            self._note_guest(state.kernel, state.version)
        for checkpoint in chain:
            if not checkpoint.lasts:
                self._walk(checkpoint, lambda _stage: None)
        # A rule learned after the save is one of the next scenario's, and so is its record.
        self._unread = self._since_saved + self.tomoyo.drain_audit()
        return Start(name, self._last_saved, self.journal.cursor(), time.monotonic() - started)

    def get_ready(self) -> None:
        """Walk from a machine that was just switched on to what this image has for its user.

        What is reached on the way and was never saved becomes a checkpoint: one boot serves the task of
        booting and all that start from there.
        """
        for checkpoint in self._chain(self.setup.readiest):
            with self._store.making(self._key(checkpoint.name)) as partial:
                if partial is None:
                    self._walk(checkpoint, lambda _stage: None)
                else:
                    unread = self._unread + self._make(checkpoint, partial, under_way=True)
            if partial is not None:
                self._restore(self.saved(checkpoint.name))
                self._unread = unread
            self._reached.add(checkpoint.name)
        self._pass_turn()

    def keep_task(self, name: str, record: Path) -> None:
        """Keep the record of a task that led to this image's readiest checkpoint; see `kept_task`."""
        self._store.keep_task(self._key(self.setup.readiest), name, record)

    def kept_task(self, name: str) -> Path | None:
        """The record that an earlier run kept of that task, on the same image and machine."""
        return self._store.task(self._key(self.setup.readiest), name)

    def save_policy(self) -> SavedPolicy:
        """Call tomoyo-savepolicy; a machine that has switched itself off left its policy at the very end.

        Raises:
            GuestError: neither can be had.
        """
        # Should it fail, nobody goes on from an older one: its rules would be the next scenario's.
        self._last_saved = None
        if not self.is_on:
            return self._last_words().policy
        saved = self.tomoyo.save()
        self._last_saved, self._since_saved = saved, b""
        return saved

    def drain_audit(self) -> bytes:
        """The audit records that nobody has read yet, NUL-ended.

        Raises:
            GuestError: they cannot be had.
        """
        unread, self._unread = self._unread, b""
        drained = self.tomoyo.drain_audit() if self.is_on else self._last_words().audit
        self._since_saved += drained
        return unread + drained

    def wait_for_end(self) -> str:
        """Wait until the machine has switched itself off.

        Returns:
            What it meant to do then, in systemd's words: `poweroff`, or `reboot`, which it does not here.

        Raises:
            GuestError: it still runs, came to a stop in another way, or did not say.
        """
        self.machine.wait_until_off(self.deadline(60))
        return self._last_words().verb

    def _last_words(self) -> LastWords:
        sent = self.machine.shutdown_bytes()
        if not sent:
            self.machine.must_live()
        return LastWords.read(sent)

    def saved(self, name: str) -> Saved:
        """The checkpoint `name` on disk, made now if it is not there."""
        if len(tried := self._unreachable.get(name, [])) >= _TRIES:
            raise tried[-1]
        key = self._key(name)
        found = self._store.find(key)
        if found is not None:
            self._take_over(name)
        else:
            checkpoint = CHECKPOINTS[name]
            if checkpoint.parent is not None:
                self.saved(checkpoint.parent)
            else:
                self._yield_to_boot()
                self._take_turn()
            try:
                with self._store.making(key) as partial:
                    if partial is not None:
                        self._make(checkpoint, partial)
            except NotSeen as error:
                unseen = GuestError(f"the way to {name} was not found: {error}")
                self._note_unreachable(name, unseen)
                raise unseen from error
            except (GuestError, HostError, PolicyError) as error:
                self._note_unreachable(name, error)
                raise
            finally:
                self._pass_turn()
            found = self._store.find(key)
        if found is None:
            raise GuestError(f"the checkpoint {name} was made and is gone again", hint="run once more")
        return found

    def _note_unreachable(self, name: str, error: TomographError) -> None:
        """What a policy's text is wrong in, or what the policy forbids, stays so at a second try."""
        in_vain = isinstance(error, PolicyError) or self._forbidden
        self._unreachable.setdefault(name, []).extend([error] * (_TRIES if in_vain else 1))

    def _take_over(self, name: str) -> None:
        """Let the run have the record of a checkpoint that it did not make, and of those on the way there."""
        for checkpoint in self._chain(name):
            kept = self._store.task(self._key(checkpoint.name), _CHECKPOINT_RECORD)
            if kept is not None:
                self._run.take_over_checkpoint(kept)

    def _take_turn(self) -> None:
        """Wait until no other machine of this host boots.

        A desktop that shares the processors while it starts runs into its own time limits.
        """
        if self._turn is None:
            turn = contextlib.ExitStack()
            turn.enter_context(self._store.booting())
            self._turn = turn

    def _pass_turn(self) -> None:
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _yield_to_boot(self) -> None:
        """Let a scenario of this run that boots go first: it saves the checkpoints on its way."""
        for last in Deadline.after(_SCENARIO_BEGINS if self.boots else 0).attempts(longest=0.5):
            booting = [
                scenario.record.outcome
                for scenario in Run.read(self._run.path).scenarios
                if scenario.record.checkpoint == POWER_OFF
            ]
            if last or set(booting) - {"running"} or (booting and self._store.is_booting()):
                return

    def _make(self, checkpoint: Checkpoint, partial: Path, *, under_way: bool = False) -> bytes:
        """Walk to `checkpoint`, from its parent unless that was just left, and save it.

        Returns:
            The audit records of the way.
        """
        record = self._run.checkpoint(checkpoint.name, parent=checkpoint.parent or "")
        started = time.monotonic()
        audit = b""
        self._forbidden = False
        stages: list[tuple[float, str]] = []

        def stage(text: str) -> None:
            stages.append((round(time.monotonic() - started, 1), text))
            record.stage(text)

        try:
            if under_way:
                pass
            elif checkpoint.parent is None:
                self.switch_on()
            else:
                self._restore(self.saved(checkpoint.parent))
            before = self._denied_before(checkpoint)
            self._walk(checkpoint, stage)
            self._pass_turn()
            record.settled()
            ready = time.monotonic() - started
            record.screen(self.person.screen.capture().png())
            counted = self._denied_since(before)
            audit = self.tomoyo.drain_audit()
            record.attach("audit.log", audit)
            state = self.tomoyo.state()
            cursor = self.journal.cursor()
            baseline = self.tomoyo.save()
            record.baseline({**baseline.files, "stat": self.tomoyo.stat()})
            record.attach("console.log", self.machine.console_tail())
            # Only the first checkpoint on the way tells: the others begin with the policy in force.
            is_first = self.setup.boots_under is not None and checkpoint.parent is None
            loading = self.tomoyo.loading_seconds() if is_first else None
            self._judge_way(record, audit, counted)
            self._detach()
            began = time.monotonic()
            self.machine.save(self._store.memory_file(partial))
            took = time.monotonic() - began
            info = Info(
                checkpoint.name, baseline.name, cursor, round(ready, 1), round(took, 1),
                datetime.now(UTC).isoformat(timespec="seconds"), state.kernel, state.version, stages,
            )  # fmt: skip
            self._store.keep(partial, info, baseline)
            record.finish(save_seconds=round(took, 1), load_seconds=loading)
            self._store.keep_task(self._key(checkpoint.name), _CHECKPOINT_RECORD, record.folder)
        except BaseException as error:
            record.attach("console.log", self.machine.console_tail())
            stopped = isinstance(error, KeyboardInterrupt | SystemExit)
            problem = "" if stopped else self._judge_end(record, audit)
            enforced = self.setup.boots_under
            self._forbidden = (
                enforced is not None and enforced.mode == "enforcing" and record.record.denials > 0
            )
            record.finish("error", error="\n".join(filter(None, (str(error), problem))))
            self.switch_off()
            raise
        return audit

    def _denied_before(self, checkpoint: Checkpoint) -> int | None:
        """How much the kernel had denied before the way to a checkpoint; None without a policy in force."""
        if self.setup.boots_under is None:
            return None
        return 0 if checkpoint.parent is None else self.tomoyo.violations(self.setup.boots_under.mode)

    def _denied_since(self, before: int | None) -> int | None:
        if self.setup.boots_under is None or before is None:
            return None
        counted = self.tomoyo.violations(self.setup.boots_under.mode)
        return None if counted is None else counted - before

    def _judge_way(self, record: CheckpointWriter, audit: bytes, counted: int | None) -> None:
        """Judge the way to a checkpoint under a policy, which the kernel must hold as it was given.

        A kernel that lacks lines has denials to show, and has not tried the policy.

        Args:
            record: the way's.
            audit: what was read of it.
            counted: how many denials the kernel counted on it, should it say so.
        """
        enforced = self.setup.boots_under
        if enforced is None:
            return
        try:
            difference(enforced.policies, Loader(self.agent).held(), keep=INSTRUMENTS).must_be_none()
        except TomographError:
            judge(record, enforced, "error", at_once(audit))
            raise
        judge(record, enforced, "passed", at_once(audit), counted=counted)

    def _judge_end(self, record: CheckpointWriter, audit: bytes) -> str:
        """Judge the way to a checkpoint that was not reached.

        Args:
            record: the way's.
            audit: what was read of it already.

        Returns:
            Why denials may be missing in the verdict; empty where none are.
        """
        enforced = self.setup.boots_under
        if enforced is None or record.record.verdict is not None:
            return ""
        found = records_left(self)
        record.attach("audit.log", audit + found.data)
        judge(record, enforced, "error", at_once(audit + found.data), gathered=found.place)
        return found.problem

    def _walk(self, checkpoint: Checkpoint, stage: Callable[[str], None]) -> None:
        deadline = self.deadline(checkpoint.seconds * _BUSY_HOST)
        checkpoint.reach(self, deadline, stage)
        settle.wait_until_settled(self.machine, self.person.screen, checkpoint.settled, deadline)

    def _restore(self, saved: Saved) -> None:
        self._detach()
        self.machine.restore(saved.memory)
        self._attach()
        self.agent.wait_until_ready(self.agent.deadline(30))

    def _attach(self) -> None:
        self._agent = Agent(self.machine)
        sockets = self.machine.sockets
        self._person = SeatedPerson(
            sockets.vnc, sockets.serial, scale=self.machine.time_scale, reader=self._reader
        )

    def _close_network(self) -> None:
        if self._network is not None:
            self._network.close()
            self._network = None

    def _detach(self) -> None:
        self._close_network()
        if self._person is not None:
            self._person.close()
            self._person = None
        if self._agent is not None:
            self._agent.close()
            self._agent = None

    def _note_guest(self, kernel: str, tomoyo: str) -> None:
        """Put into the manifest what only the running guest tells."""
        manifest = self._run.manifest
        if not manifest.tomoyo.version:
            tools = (
                "overlay" if any(p.name == "tomoyo-tools" for p in self.setup.overlay.packages) else "image"
            )
            self._run.amend(
                image=manifest.image.model_copy(update={"kernel": kernel}),
                tomoyo=schema.Tomoyo(version=tomoyo, tools=tools),
            )

    def _key(self, name: str) -> str:
        return self._store.key(name, self.setup.key(), recipe_hash(), _CHECKPOINT_RECORD)

    def _chain(self, name: str) -> list[Checkpoint]:
        checkpoint = CHECKPOINTS[name]
        before = self._chain(checkpoint.parent) if checkpoint.parent is not None else []
        return [*before, checkpoint]
