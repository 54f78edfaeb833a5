"""What was learned, written down by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from harness.analysis.tuning import Learned
from harness.policy import Domain, DomainPolicy, parse_exception_policy, parse_manager
from harness.record.explanation import Source, TunedRun

EXCEPTIONS = r"""
initialize_domain /usr/sbin/qemu-ga from any
keep_domain any from <kernel> /usr/sbin/qemu-ga
initialize_domain /usr/lib/systemd/systemd from any
acl_group 0 file getattr /\*
"""

Policies = Sequence[Mapping[str, Sequence[str]]]


def learned_of(*policies: Mapping[str, Sequence[str]], exceptions: str = EXCEPTIONS) -> Learned:
    """One run with a source for each policy, asked for by a person: a baseline, then scenarios."""
    learned = Learned(
        exceptions=parse_exception_policy(exceptions), managers=parse_manager("/usr/sbin/tomoyo-loadpolicy\n")
    )
    learned.runs.append(TunedRun(name="run", path="/nowhere"))
    for number, policy in enumerate(policies):
        source = (
            Source(run=0, kind="scenario", id=f"task-{number}", outcome="passed")
            if number
            else Source(run=0, kind="checkpoint", id="desktop-ready")
        )
        domains = (Domain(name, 1, (0,), rules=tuple(rules)) for name, rules in policy.items())
        learned.add(source, DomainPolicy(domains))
        learned.users.update({name: {1000} for name in policy})
    return learned


@pytest.fixture
def learned() -> Callable[..., Learned]:
    return learned_of
