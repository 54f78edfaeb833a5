"""A policy into a running machine: loaded by tomoyo-loadpolicy, read back, and compared.

All of it is done by the agent, whose own domain stays as it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.errors import GuestError
from harness.guest.agent import Agent
from harness.guest.tomoyo import AGENT_DOMAIN, SECURITYFS, SHUTDOWN_DOMAIN
from harness.policy import (
    parse_domain_policy,
    parse_exception_policy,
    parse_manager,
    parse_profile,
)
from harness.policy.loading import Difference, Policies, Stage, difference, resting, stages

INSTRUMENTS = frozenset({AGENT_DOMAIN, SHUTDOWN_DOMAIN})

_FILES = ("domain_policy", "exception_policy", "profile", "manager")
_LINES = "/run/tomograph.policy"
_READINGS = 4
"""Until a kernel rests: one is enough, but for programs that are started meanwhile."""
# Reading consumes nothing; each process answers through a description of its own.
_PROCESSES = (
    'for p in /proc/[0-9]*; do exec 3<> "$f" || exit 1; echo "${p#/proc/}" >&3; '
    'IFS= read -r line <&3 && echo "$line"; exec 3>&-; done'
)


@dataclass(frozen=True, slots=True)
class Living:
    """A process, the profile that governs it, and the domain it lives in."""

    pid: int
    profile: int
    domain: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """How a machine took a policy.

    Attributes:
        difference: only domains that the kernel made by itself; anything else is an error.
        homeless: processes in domains that the policy does not have.
        lines: how many lines were handed over.
        seconds: how long that took, the reading before and after included.
    """

    difference: Difference
    homeless: tuple[Living, ...]
    lines: int
    seconds: float


class Loader:
    """Loads policies into the machine that `agent` runs in."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def held(self) -> Policies:
        """What the kernel holds now.

        Raises:
            GuestError: it cannot be read.
            PolicyError: the kernel printed what this Tomograph cannot read.
        """
        read = {name: self._agent.read(f"cat {SECURITYFS}/{name}") for name in _FILES}
        return Policies(
            parse_domain_policy(read["domain_policy"], source="the kernel's domain_policy"),
            parse_exception_policy(read["exception_policy"], source="the kernel's exception_policy"),
            parse_profile(read["profile"], source="the kernel's profile"),
            parse_manager(read["manager"], source="the kernel's manager"),
        )

    def load(self, wanted: Policies, *, final: int, waiting: int) -> Loaded:
        """Make the kernel hold `wanted` and nothing beside it but the instruments' domains.

        Args:
            wanted: the policy.
            final: the profile that a deleted domain's processes are left in.
            waiting: a permissive profile, for the time of loading.

        Raises:
            GuestError: the machine does not take lines at all.
            PolicyError: a line that the kernel did not take, or one too much that it holds; names them.
        """
        began = time.monotonic()
        lines = 0
        held = self.held()
        for _ in range(_READINGS):
            lines += self._give_all(resting(held, wanted, waiting=waiting, keep=INSTRUMENTS))
            held = self.held()
            if not resting(held, wanted, waiting=waiting, keep=INSTRUMENTS):
                break
        lines += self._give_all(stages(held, wanted, final=final, waiting=waiting, keep=INSTRUMENTS))
        found = difference(wanted, self.held(), keep=INSTRUMENTS)
        found.must_be_none()
        seconds = round(time.monotonic() - began, 2)
        known = {*wanted.domains, *INSTRUMENTS}
        homeless = tuple(process for process in self.processes() if process.domain not in known)
        return Loaded(found, homeless, lines, seconds)

    def processes(self) -> list[Living]:
        """Every process with its domain; a domain that was deleted under it still has its name."""
        script = f"f={SECURITYFS}/.process_status; {_PROCESSES}"
        found = []
        for line in self._agent.read(script).decode("utf-8", "surrogateescape").splitlines():
            pid, profile, domain = [*line.split(" ", 2), "", ""][:3]
            if pid.isdigit() and profile.isdigit() and domain:
                found.append(Living(int(pid), int(profile), domain))
        return found

    def _give_all(self, plan: list[Stage]) -> int:
        for stage in plan:
            self._give(stage)
        return sum(len(stage.lines) for stage in plan)

    def _give(self, stage: Stage) -> None:
        deadline = self._agent.deadline(60)
        self._agent.write_file(_LINES, stage.text(), deadline=deadline)
        answer = self._agent.shell(
            f"tomoyo-loadpolicy {stage.option} < {_LINES}; status=$?; rm -f {_LINES}; exit $status",
            deadline=deadline,
        )
        if answer.code != 0:
            raise GuestError(
                f"tomoyo-loadpolicy {stage.option} ended with status {answer.code}: "
                f"{answer.err.decode(errors='replace').strip()}",
                expected="a kernel that lets tomoyo-loadpolicy write its policy",
                hint="/usr/sbin/tomoyo-loadpolicy has to be in manager.conf",
            )
