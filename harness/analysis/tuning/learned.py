"""What runs learned, together: each permission with the checkpoints and scenarios that asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.analysis.tuning.instruments import is_login
from harness.analysis.tuning.layers import ROOT, is_layered
from harness.errors import RecordError
from harness.policy import (
    DomainPolicy,
    ExceptionPolicy,
    ManagerPolicy,
    difference,
    parse_domain_policy,
    parse_manager,
)
from harness.policy.audit import askers
from harness.policy.exception_policy import kernel_order
from harness.policy.sets import singles
from harness.progress import Progress, silent
from harness.record import RecordedScenario, Run
from harness.record.explanation import Source, TunedRun
from harness.record.resolve import read_exceptions


@dataclass(slots=True)
class Learned:
    """The rules of runs.

    Attributes:
        runs: the runs, in order.
        sources: the baselines and scenarios; those that are not used are among them.
        rules: domain → line with one permission → the sources that learned it, as bits by number.
        groups: domain → the `acl_group` numbers that it uses.
        exceptions: the exception policy that the runs had.
        managers: what may write policy.
        users: domain → the numbers of the users whose processes asked for something in it by itself, not by
            way of overlayfs; a domain that nobody has seen asking is not among them.
        incomplete: domains in which learning stopped at a quota.
        damaged: records of runs that cannot be read, each with its reason.
        console_sources: the scenarios in which somebody logged in on a text console, as bits by number.
    """

    runs: list[TunedRun] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    rules: dict[str, dict[str, int]] = field(default_factory=dict)
    groups: dict[str, tuple[int, ...]] = field(default_factory=dict)
    exceptions: ExceptionPolicy = field(default_factory=ExceptionPolicy)
    managers: ManagerPolicy = field(default_factory=ManagerPolicy)
    users: dict[str, set[int]] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    console_sources: int = 0

    def add(self, source: Source, policy: DomainPolicy) -> None:
        """Take over the rules of a baseline or a fragment."""
        bit = 1 << len(self.sources)
        self.sources.append(source)
        for domain in policy.values():
            rules = self.rules.setdefault(domain.name, {})
            for line in domain.rules:
                for single in singles(line):
                    rules[single] = rules.get(single, 0) | bit
            known = self.groups.get(domain.name, ())
            self.groups[domain.name] = tuple(sorted({*known, *domain.groups}))
            if domain.quota_exceeded and domain.name not in self.incomplete:
                self.incomplete.append(domain.name)

    def asked_by(self, audit: bytes) -> None:
        """Take over who asked: overlayfs asks for its second look as the user who mounted it."""
        for uid, domain, entry in askers(audit):
            known = self.users.setdefault(domain, set())
            if uid not in known and not is_layered(entry):
                known.add(uid)

    def numbers(self, bits: int) -> tuple[int, ...]:
        """The numbers of the sources in a set of bits."""
        return tuple(number for number in range(len(self.sources)) if bits >> number & 1)


def gather(
    runs: Sequence[Run], *, outcomes: Iterable[str] = ("passed",), progress: Progress = silent
) -> Learned:
    """All that runs learned: the baselines, and the fragments of scenarios.

    Args:
        runs: runs of one image.
        outcomes: scenarios with another outcome are named among the sources and not used: what a
            task that failed did is no evidence for the task.
        progress: gets a line for each baseline and scenario.

    Raises:
        RecordError: no run holds a policy, one was made under a policy, or they are of different images.
        PolicyError: an exception policy or list of managers that does not read.
    """
    for run in runs:
        if run.manifest.mode != "learning":
            raise RecordError(
                f"{run.path} was run under a policy, and learned nothing",
                expected="runs of `tomograph learn`",
                hint=f"`tomograph show {run.path}` shows what the policy denied",
            )
    wanted = frozenset(outcomes)
    learned = Learned()
    images = {run.manifest.image.sha256: run.name for run in runs if run.manifest.image.sha256}
    if len({frozenset(run.manifest.exceptions) for run in runs}) > 1:
        raise RecordError(
            "the runs did not begin to learn with the same lines that choose domains: "
            + "; ".join(f"{run.name} with {len(run.manifest.exceptions) or 'none'}" for run in runs),
            expected="one `learn --domains` for all: domains of one run are no domains of the other",
            hint="learn again with the same file, or tune the runs apart",
        )
    if len(images) > 1:
        raise RecordError(
            f"the runs are of {len(images)} images: {', '.join(images.values())} learned on different ones",
            expected="runs of one image, since a policy fits one image",
            hint="tune the runs of each image on their own; `tomograph diff` compares two images' runs",
        )
    for number, run in enumerate(runs):
        _take_run(learned, number, run, wanted, progress)
    if not learned.rules:
        raise RecordError(
            f"{', '.join(str(run.path) for run in runs)}: no policy in there",
            expected="a checkpoint's baseline, or a scenario that passed and left its saved policy",
            hint="`tomograph show RUN` tells what became of its scenarios",
        )
    return learned


def _take_run(learned: Learned, number: int, run: Run, wanted: frozenset[str], progress: Progress) -> None:
    image = run.manifest.image
    learned.runs.append(
        TunedRun(
            name=run.name, path=str(run.path.resolve()), image=image.label or image.path, sha256=image.sha256
        )
    )
    learned.damaged += (*run.damaged, *run.unreadable())
    taken = set()
    for checkpoint in run.checkpoints:
        progress(f"{run.name}: reading the way to {checkpoint.record.name}")
        policy = checkpoint.baseline()
        if policy:
            taken.add(checkpoint.record.name)
            _environment(learned, checkpoint.folder)
            learned.asked_by(checkpoint.file("audit.log"))
            learned.add(Source(run=number, kind="checkpoint", id=checkpoint.record.name), policy)
    for index, scenario in enumerate(run.scenarios, 1):
        progress(f"{run.name}: reading scenario {index} of {len(run.scenarios)}")
        saved = scenario.saved_policy()
        if saved is not None and scenario.record.checkpoint not in taken:
            # One boot for all leaves no folder of a checkpoint: the saved policy holds its baseline.
            # Nobody has written down who asked on the way there, so root may have.
            baseline = _baseline_of(scenario, saved)
            _environment(learned, saved)
            if baseline:
                taken.add(scenario.record.checkpoint)
                learned.add(Source(run=number, kind="checkpoint", id=scenario.record.checkpoint), baseline)
            for domain in baseline:
                learned.users.setdefault(domain, set()).add(ROOT)
        used = scenario.record.outcome in wanted and scenario.record.kind == "task"
        source = Source(
            run=number, kind="scenario", id=scenario.id, outcome=scenario.record.outcome, used=used
        )
        fragment = scenario.fragment() if used else DomainPolicy()
        if any(map(is_login, fragment)):
            learned.console_sources |= 1 << len(learned.sources)
        learned.add(source, fragment)
        learned.asked_by(scenario.file("audit.log"))


def _baseline_of(scenario: RecordedScenario, saved: Path) -> DomainPolicy:
    """What the saved policy holds beside the scenario's fragment; nothing where none was told apart."""
    path = saved / "domain_policy.conf"
    if not (path.is_file() and (scenario.folder / "fragment.conf").is_file()):
        return DomainPolicy()
    return difference(parse_domain_policy(path.read_bytes(), source=str(path)), scenario.fragment())


def _environment(learned: Learned, folder: Path) -> None:
    """The exception policy and the managers of a saved folder, added to what is known."""
    path = folder / "exception_policy.conf"
    if path.is_file():
        exceptions = read_exceptions(path)
        together = kernel_order([*learned.exceptions.entries, *exceptions.entries])
        learned.exceptions = ExceptionPolicy(
            together, exceptions.prefixed or learned.exceptions.prefixed, exceptions.source
        )
    path = folder / "manager.conf"
    if path.is_file():
        managers = parse_manager(path.read_bytes(), source=str(path))
        learned.managers = ManagerPolicy(
            tuple(dict.fromkeys((*learned.managers.managers, *managers.managers)))
        )
