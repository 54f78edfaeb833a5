"""What is taken from the machine after a scenario: its fragment, and what must not pass silently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.guest.loader import Loaded
from harness.guest.tomoyo import AGENT_DOMAIN, SavedPolicy
from harness.policy import (
    AuditRecord,
    Domain,
    DomainPolicy,
    difference,
    parse_domain_policy,
    read_audit,
)

_PROCESS = re.compile(r"\bproc:/(?!1/)[0-9]+")
_KERNEL_SAYS = (
    ("quota-exceeded", re.compile(rb"WARNING: Domain '[^'\r\n]*' has too many ACLs to hold[^\r\n]*")),
    ("transition-failed", re.compile(rb"ERROR: Domain '[^'\r\n]*' not (?:defined|ready)[^\r\n]*")),
    ("out-of-memory", re.compile(rb"(?:ERROR|WARNING): Out of memory[^\r\n]*")),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that fails a scenario unless it says otherwise: a short name and a sentence."""

    kind: str
    message: str


def learned(records: bytes) -> int:
    """How many accesses were asked for in an audit, beside the news of domains that the kernel made."""
    return records.count(b"\0") - records.count(b"\nuse_")


def asked_for(records: bytes) -> set[tuple[str, str]]:
    """Which domain asked for what in an audit: news of domains that the kernel made left out.

    What is asked of one process and then of another is the same: there are programs, such as GNOME's
    terminal, that look at each process that starts, those of the instruments too.
    """
    return {
        (record.domain, _PROCESS.sub(r"proc:/\\$", record.entry))
        for record in read_audit(records)
        if isinstance(record, AuditRecord) and not record.entry.startswith("use_")
    }


def fragment_of(saved: SavedPolicy, baseline: SavedPolicy | None) -> DomainPolicy:
    """The rules that `saved` has and `baseline` has not; all of them without a baseline.

    Raises:
        PolicyError: one of the two is no policy.
    """
    after = parse_domain_policy(saved.domain_policy, source=f"{saved.name}/domain_policy.conf")
    if baseline is None:
        return after
    before = parse_domain_policy(baseline.domain_policy, source="the checkpoint's domain_policy.conf")
    return difference(after, before)


def _is_observer(domain: Domain) -> bool:
    if domain.name == AGENT_DOMAIN:
        return bool(domain.rules)
    return domain.name.startswith(f"{AGENT_DOMAIN} ")


def _some(names: list[str]) -> str:
    """The first of `names`, and how many there are beside it."""
    return names[0] + (f" and {len(names) - 1} more domains" if len(names) > 1 else "")


def kernel_notices(said: bytes) -> Iterator[Notice]:
    """What TOMOYO has said in the kernel's log, each once.

    Args:
        said: the journal, which has the kernel's warnings. The serial line has them only of a guest that was
            booted without `quiet`.
    """
    for kind, pattern in _KERNEL_SAYS:
        for text in dict.fromkeys(found.group() for found in pattern.finditer(said)):
            yield Notice(kind, text.decode(errors="replace"))


def loading_notices(loaded: Loaded) -> Iterator[Notice]:
    """What is worth knowing of how a running machine took a policy."""
    homes: dict[str, list[str]] = {}
    for process in loaded.homeless:
        homes.setdefault(process.domain, []).append(str(process.pid))
    for domain, pids in homes.items():
        yield Notice(
            "domain-not-in-policy",
            f"the policy has no domain {domain}, in which {len(pids)} processes live "
            f"({', '.join(pids[:5])}): they may do nothing but what acl_group 0 admits",
        )
    for domain in loaded.difference.made:
        yield Notice("domain-made", f"the kernel made the domain {domain} while the policy was loaded")


def notices(fragment: DomainPolicy, said: bytes, *, unexplained: int) -> Iterator[Notice]:
    """What went wrong while learning.

    Args:
        fragment: the scenario's rules; its domains carry only flags that are new.
        said: the journal and the serial line since the scenario began.
        unexplained: how many rules have no audit record, although learning writes one for each.
    """
    if not any(domain.rules for domain in fragment.values()):
        yield Notice("no-fragment", "the scenario learned no rule at all")
    domains = fragment.values()
    if full := [domain.name for domain in domains if domain.quota_exceeded]:
        yield Notice("quota-exceeded", f"max_learning_entry was reached; learning stopped in {_some(full)}")
    if failed := [domain.name for domain in domains if domain.transition_failed]:
        yield Notice("transition-failed", f"a program kept the domain it was started from: {_some(failed)}")
    if observers := [domain.name for domain in domains if _is_observer(domain)]:
        yield Notice("observer-learned", f"what the harness did was learned in {_some(observers)}")
    yield from kernel_notices(said)
    if unexplained:
        yield Notice(
            "audit-lost",
            f"{unexplained} rules have no audit record: the kernel's audit was full and dropped it, "
            "or the machine went off before it was read",
        )
