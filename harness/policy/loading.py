"""From the policy that a running kernel holds to another one, and whether it arrived.

The kernel drops a line that it does not like without a word, and goes on learning and denying while it
reads. So it is put to rest first, and read when nothing is learned any more; then the lines come in stages:
no process is denied anything before its rules are there. What the kernel holds afterwards is compared with
what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from harness.errors import PolicyError
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.exception_policy import KERNEL, ExceptionPolicy, GroupRule
from harness.policy.manager import ManagerPolicy
from harness.policy.patch import patch_lines
from harness.policy.profile import ProfilePolicy
from harness.policy.sets import singles

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Policies:
    """TOMOYO's four policies together, as a kernel holds them."""

    domains: DomainPolicy
    exceptions: ExceptionPolicy
    profiles: ProfilePolicy
    managers: ManagerPolicy


@dataclass(frozen=True, slots=True)
class Stage:
    """Lines for one call of tomoyo-loadpolicy.

    Attributes:
        option: what they are: `-p` profiles, `-e` exceptions, `-d` domains, `-m` managers.
        lines: in order.
    """

    option: str
    lines: tuple[str, ...]

    def text(self) -> bytes:
        """The lines as bytes."""
        return "".join(f"{line}\n" for line in self.lines).encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a kernel holds against what was meant; each line with its domain or file in front.

    Attributes:
        missing: lines that it does not hold.
        extra: lines that it holds too much.
        made: domains without rules that it holds too much: it makes one by itself whenever a program that may
            be started has no domain yet.
    """

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    made: tuple[str, ...] = ()

    def must_be_none(self) -> None:
        """Raise a PolicyError that names the lines, if there are any; domains it made are none."""
        if not self.missing and not self.extra:
            return
        said = [f"the kernel did not take: {line}" for line in self.missing]
        said += [f"the kernel holds beside the policy: {line}" for line in self.extra]
        more = [f"… and {len(said) - _SHOWN} more"] if len(said) > _SHOWN else []
        raise PolicyError(
            "\n".join(
                [
                    f"the kernel does not hold the policy: {len(self.missing)} lines are missing, "
                    f"{len(self.extra)} are too much",
                    *said[:_SHOWN],
                    *more,
                ]
            ),
            expected="every line of the policy in the kernel as it was written, and no other",
            hint="`tomograph lint` on the policy names lines that the kernel drops",
        )


@dataclass(slots=True)
class _Lines:
    """Which lines of two sets are in only one of them."""

    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def compare(self, place: str, wanted: Iterable[str], held: Iterable[str]) -> None:
        meant, there = dict.fromkeys(wanted), dict.fromkeys(held)
        self.missing += [f"{place}: {line}" for line in meant if line not in there]
        self.extra += [f"{place}: {line}" for line in there if line not in meant]


def resting(held: Policies, wanted: Policies, *, waiting: int, keep: frozenset[str]) -> list[Stage]:
    """What to load so that a kernel that holds `held` neither learns nor denies; nothing if it rests.

    A kernel goes on learning between the moment that it is read and the moment that this has arrived: it has
    to be read again, until there is nothing to load. A domain that is made by a program's start gets the
    profile of the one that it came from.

    Args:
        held: what the kernel has printed.
        wanted: whose profiles it gets.
        waiting: a permissive profile of `wanted`.
        keep: domains that are left alone: the instruments' own.
    """
    awake = [
        replace(domain, profile=waiting)
        for name, domain in held.domains.items()
        if name not in keep and domain.profile != waiting
    ]
    if not awake:
        return []
    return [Stage("-p", tuple(wanted.profiles.text().splitlines())), Stage("-d", tuple(_profiles_of(awake)))]


def stages(
    held: Policies, wanted: Policies, *, final: int, waiting: int, keep: frozenset[str]
) -> list[Stage]:
    """What to load, call by call, into a kernel at rest that holds `held` so that it holds `wanted`.

    While the rules change, every domain is in the profile `waiting`, which neither learns nor denies. A
    domain that `wanted` has not loses its rules and gets the profile `final` before it is deleted: processes
    that live in it keep it, and would otherwise go on with its old rules.

    Args:
        held: what the kernel has printed since `resting` had nothing to load.
        wanted: what it shall hold.
        final: the profile of domains that are deleted.
        waiting: a permissive profile of `wanted`.
        keep: domains that are left alone: the instruments' own.

    Raises:
        PolicyError: a rule that does not read.
    """
    before = {name: domain for name, domain in held.domains.items() if name not in keep}
    after = {name: domain for name, domain in wanted.domains.items() if name not in keep}
    changed = {name: replace(domain, profile=waiting) for name, domain in after.items()}
    gone = {name: Domain(name, waiting) for name in before if name not in after}
    last = {name: Domain(name, final) for name in gone}
    is_exception = exception_lines(held.exceptions)
    shall = exception_lines(wanted.exceptions)
    managed, manage = set(held.managers.managers), set(wanted.managers.managers)
    found = [
        Stage("-p", tuple(wanted.profiles.text().splitlines())),
        Stage("-e", tuple(line for line in shall if line not in is_exception)),
        Stage("-d", tuple(patch_lines(_policy(before), _policy({**changed, **gone})))),
        Stage("-e", tuple(f"delete {line}" for line in is_exception if line not in shall)),
        Stage("-d", tuple(_profiles_of([*after.values(), *last.values()]))),
        Stage("-d", tuple(f"delete {name}" for name in gone if name != KERNEL)),
        Stage(
            "-m",
            (*(line for line in wanted.managers.managers if line not in managed),
             *(f"delete {line}" for line in held.managers.managers if line not in manage)),
        ),
    ]  # fmt: skip
    return [stage for stage in found if stage.lines]


def difference(wanted: Policies, held: Policies, *, keep: frozenset[str]) -> Difference:
    """How what a kernel holds differs from what was meant, permission by permission.

    Order is not looked at: the kernel appends. Flags (`quota_exceeded`), profiles that `wanted` does not
    define, and the domains of `keep` do not count.

    Raises:
        PolicyError: a rule that does not read.
    """
    lines = _Lines()
    made = []
    for name, domain in wanted.domains.items():
        if name in keep:
            continue
        there = held.domains.get(name)
        if there is None:
            lines.missing.append(name)
        else:
            lines.compare(name, _canonical(domain), _canonical(there))
    for name, domain in held.domains.items():
        if name in wanted.domains or name in keep or (name == KERNEL and not domain.rules):
            continue
        if domain.rules:
            lines.extra += [f"{name}: {line}" for line in domain.rules]
        else:
            made.append(name)
    lines.compare(
        "exception_policy.conf", exception_lines(wanted.exceptions), exception_lines(held.exceptions)
    )
    lines.compare("manager.conf", wanted.managers.managers, held.managers.managers)
    for namespace, profiles in wanted.profiles.namespaces.items():
        there_too = held.profiles.profiles(namespace)
        for number, profile in profiles.items():
            other = there_too.get(number)
            lines.compare(
                "profile.conf", profile.lines(number), other.lines(number) if other is not None else ()
            )
    return Difference(tuple(lines.missing), tuple(lines.extra), tuple(made))


def exception_lines(policy: ExceptionPolicy) -> dict[str, None]:
    """An exception policy's entries as the kernel spells them, rules with one permission a line."""
    lines: dict[str, None] = {}
    for entry in policy.entries:
        prefix = "" if entry.namespace == KERNEL else f"{entry.namespace} "
        if isinstance(entry, GroupRule):
            for single in singles(str(entry.rule)):
                lines[f"{prefix}acl_group {entry.number} {single}"] = None
        else:
            lines[f"{prefix}{entry}"] = None
    return lines


def _canonical(domain: Domain) -> Iterator[str]:
    yield f"use_profile {domain.profile}"
    yield from (f"use_group {group}" for group in domain.groups)
    for rule in domain.parsed():
        yield from singles(str(rule))


def _profiles_of(domains: Iterable[Domain]) -> Iterator[str]:
    for domain in domains:
        yield domain.name
        yield f"use_profile {domain.profile}"


def _policy(domains: Mapping[str, Domain]) -> DomainPolicy:
    return DomainPolicy(domains.values())
