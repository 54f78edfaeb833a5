"""Domain transitions: the domain after each execution of a chain."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from harness.policy import DomainPolicy, parse_domain_policy, parse_exception_policy, parse_profile
from harness.policy.decide import Outcome, ReferenceMonitor
from tests.generators.chains import GROUPS, OTHER_NAMESPACE, PROGRAMS, START, World, executions, worlds
from tests.oracle.kernel import Kernel

_INIT = "<kernel> /sbin/init"
_MODES = ("disabled", "learning", "permissive", "enforcing")
_PROFILES = [
    f"{namespace} {line}"
    for namespace in ("<kernel>", OTHER_NAMESPACE)
    for line in (
        "PROFILE_VERSION=20150505",
        *(
            f"{number}-CONFIG={{ mode={mode} grant_log=no reject_log=no }}"
            for number, mode in enumerate(_MODES)
        ),
    )
]
_STAY = {"<kernel>", _INIT, OTHER_NAMESPACE}


@pytest.fixture(scope="module", autouse=True)
def _world(kernel: Kernel) -> None:
    kernel.ask(
        [
            "fixture dir /t/p 0755 0 0",
            *(f"fixture program {program} 0 0 0" for program in PROGRAMS),
            f"domain {_INIT}",
            f"domain task manual_domain_transition {START}",
            f"domain {OTHER_NAMESPACE}",
            *(f"profile {line}" for line in _PROFILES),
            *(f"exception {line}" for line in GROUPS),
        ]
    )


def compare(kernel: Kernel, world: World) -> list[tuple[str, str]]:
    """For each chain the kernel's answer and ours.

    Each chain begins with the domains as the world has them: what a chain makes or learns is deleted. Ours
    is reckoned from what the kernel dumps, because a line that was deleted and comes back takes its old
    place in the kernel's lists.
    """
    start = START.replace(" ", r"\040")
    load = [f"domain {line}" for draft in world.domains for line in draft.lines()]
    tidy = [f"exception {line}" for line in world.exceptions]
    tidy.append(" ".join(["environment", *world.environment]))
    pairs = []
    for chain in world.chains:
        exceptions, before, answer, after = kernel.ask(
            [
                *(*tidy, *load, "show exception_policy", "show domain_policy"),
                *(" ".join(["chain", start, *chain]), "show domain_policy"),
            ]
        )
        monitor = ReferenceMonitor(
            parse_domain_policy(before),
            parse_exception_policy(exceptions),
            parse_profile("\n".join(_PROFILES)),
        )
        ours = monitor.chain(START, iter(executions(chain, world.environment)))
        pairs.append((answer.replace("!0", "!"), spelled(ours)))
        tidy = _undo(parse_domain_policy(after))
    kernel.ask([*tidy, *(f"exception {_deleted(line)}" for line in world.exceptions)])
    return pairs


def _undo(policy: DomainPolicy) -> list[str]:
    other = policy[OTHER_NAMESPACE]
    return [
        *(f"domain delete {name}" for name in policy if name not in _STAY),
        f"domain {OTHER_NAMESPACE}",
        "domain use_profile 0",
        *(f"domain delete use_group {number}" for number in other.groups),
        *(f"domain delete {rule}" for rule in other.rules),
    ]


def _deleted(line: str) -> str:
    if line.startswith("<"):
        namespace, _, rest = line.partition(" ")
        return f"{namespace} delete {rest}"
    return f"delete {line}"


def spelled(outcomes: list[Outcome]) -> str:
    """Outcomes as the oracle's programs say them: each domain, or the errno of what failed."""
    words = []
    for outcome in outcomes:
        if outcome.failure:
            words.append("!1" if outcome.failure.endswith("denied") else "!12")
        else:
            words.append(outcome.domain)
    return "".join(f"|{word}" for word in words)


@settings(max_examples=170, deadline=None)
@given(world=worlds())
def test_generated_chains(kernel: Kernel, agreed: Counter[str], world: World) -> None:
    pairs = compare(kernel, world)
    assert [ours for _, ours in pairs] == [theirs for theirs, _ in pairs]
    agreed["a chain of executions: the domain after each"] += len(world.chains)
    agreed["an execution in a chain"] += sum(theirs.count("|") for theirs, _ in pairs)
