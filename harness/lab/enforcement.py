"""A policy made ready to be enforced: everything in one profile, every denial in the audit.

What is shipped knows nothing of the harness. So the lines that keep the instruments out of it are added here,
and the audit is made large enough to hold a whole boot; what the policy admits stays as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from types import MappingProxyType

from harness.analysis.denials import Tuner, untuned
from harness.analysis.tuner import tuner_of
from harness.errors import PolicyError
from harness.guest.tomoyo import AGENT_DOMAIN, SHUTDOWN_DOMAIN
from harness.policy import Domain, DomainPolicy, ProfilePolicy, parse_exception_policy
from harness.policy.exception_policy import KERNEL, ExceptionPolicy, kernel_order
from harness.policy.loading import Policies
from harness.policy.profile import Config, Profile
from harness.record import ShippedPolicy
from harness.record.schema import Mode, Start

ENFORCING, PERMISSIVE, DISABLED = 3, 2, 0
RING = 65536

_INSTRUMENTS = f"""\
initialize_domain /usr/sbin/qemu-ga from any
keep_domain any from {AGENT_DOMAIN}
initialize_domain /usr/lib/systemd/system-shutdown/tomograph from any
keep_domain any from {SHUTDOWN_DOMAIN}
"""


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What is enforced, how, and from when on.

    Attributes:
        policies: what the kernel shall hold.
        mode: `enforcing`, or `permissive`: the same without a consequence.
        start: `boot` or `checkpoint`.
        unconfined: domains of the policy that it does not govern: their profile is 0.
        tuned: how the least rule of a denial would be shipped.
    """

    policies: Policies
    mode: Mode
    start: Start
    unconfined: tuple[str, ...]
    tuned: Tuner = untuned

    @property
    def profile(self) -> int:
        """The profile that every domain is in."""
        return ENFORCING if self.mode == "enforcing" else PERMISSIVE

    def files(self) -> dict[str, bytes]:
        """The four files by name, as they lie in `/etc/tomoyo/policy/current`."""
        return {
            "domain_policy.conf": self.policies.domains.dump(),
            "exception_policy.conf": self.policies.exceptions.dump(),
            "manager.conf": self.policies.managers.dump(),
            "profile.conf": self.policies.profiles.dump(),
        }

    @property
    def key(self) -> str:
        """Changes with everything that is enforced."""
        state = hashlib.sha256(self.start.encode())
        for content in self.files().values():
            state.update(b"\0" + content)
        return state.hexdigest()


def enforcement(shipped: ShippedPolicy, mode: Mode, start: Start) -> Enforcement:
    """The policy in one profile, with the instruments beside it.

    Raises:
        PolicyError: its profile 3 does not enforce: there would be nothing to see.
    """
    number = ENFORCING if mode == "enforcing" else PERMISSIVE
    tuned = tuner_of(shipped)
    shipped = shipped.with_instruments()
    domains = {
        name: replace(domain, profile=number if domain.profile != DISABLED else DISABLED)
        for name, domain in shipped.domains.items()
    }
    # Kernel threads and what they start are here; without a line the kernel would leave them unconfined.
    domains.setdefault(KERNEL, Domain(KERNEL, number, (0,)))
    ours_too = (AGENT_DOMAIN, SHUTDOWN_DOMAIN)
    loose = tuple(name for name, one in domains.items() if one.profile == DISABLED and name not in ours_too)
    for name in ours_too:
        domains[name] = Domain(name, DISABLED, (0,))
    ours = parse_exception_policy(_INSTRUMENTS).entries
    policies = Policies(
        DomainPolicy(domains.values(), source=shipped.domains.source),
        ExceptionPolicy(
            kernel_order([*shipped.exceptions.entries, *ours]),
            shipped.exceptions.prefixed,
            shipped.exceptions.source,
        ),
        _profiles(shipped.profiles),
        shipped.managers,
    )
    return Enforcement(policies, mode, start, loose, tuned)


def _profiles(shipped: ProfilePolicy) -> ProfilePolicy:
    profiles = dict(shipped.profiles())
    ours = profiles.get(ENFORCING)
    if ours is None or ours.default.mode != "enforcing":
        raise PolicyError(
            f"profile {ENFORCING} is {ours.default.mode if ours else 'not defined'}",
            source=shipped.source,
            expected=f"{ENFORCING}-CONFIG={{ mode=enforcing … }}",
            hint="`tomograph tune` writes such a profile",
        )
    profiles[ENFORCING] = _observed(ours, "enforcing")
    profiles[PERMISSIVE] = _observed(ours, "permissive")
    profiles.setdefault(DISABLED, Profile())
    namespaces = {**shipped.namespaces, KERNEL: MappingProxyType(profiles)}
    return ProfilePolicy(MappingProxyType(namespaces), shipped.prefixed, shipped.source)


def _observed(profile: Profile, mode: str) -> Profile:
    """`profile` with its enforcing parts in `mode`, every denial in the audit, and room for all of them."""

    def config(before: Config) -> Config:
        return replace(
            before, mode=mode if before.mode == "enforcing" else before.mode, grant_log=False, reject_log=True
        )

    return replace(
        profile,
        max_audit_log=max(profile.max_audit_log, RING),
        default=config(profile.default),
        configs=MappingProxyType({name: config(one) for name, one in profile.configs.items()}),
    )
