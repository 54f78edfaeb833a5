"""A whole policy into a real kernel that holds another: stage by stage, read back, and nothing missing."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.policy import (
    DomainPolicy,
    parse_domain_policy,
    parse_exception_policy,
    parse_manager,
    parse_profile,
)
from harness.policy.loading import Policies, Stage, difference, resting, stages
from tests.oracle.kernel import Kernel

_CORPUS = Path(__file__).parents[1] / "corpus"
_COMMAND = {"-d": "domain", "-e": "exception", "-p": "profile"}
_AGENT = "<kernel> /usr/sbin/qemu-ga"
_KEEP = frozenset({_AGENT, "<kernel> /sbin/init"})  # the oracle's own init goes on in its domain
_PROFILES = """\
PROFILE_VERSION=20150505
0-CONFIG={ mode=disabled grant_log=no reject_log=yes }
1-CONFIG={ mode=learning grant_log=no reject_log=yes }
2-CONFIG={ mode=permissive grant_log=no reject_log=yes }
3-CONFIG={ mode=enforcing grant_log=no reject_log=yes }
"""


@pytest.fixture
def fresh() -> Iterator[Kernel]:
    """A kernel of its own: the others share one, which this test would empty."""
    with Kernel() as running:
        yield running


def give(kernel: Kernel, plan: list[Stage]) -> None:
    for stage in plan:
        if stage.option in _COMMAND:
            kernel.ask(f"{_COMMAND[stage.option]} {line}" for line in stage.lines)


def held(kernel: Kernel, like: Policies) -> Policies:
    domains, exceptions, profiles = kernel.ask(
        ["show domain_policy", "show exception_policy", "show profile"]
    )
    return Policies(
        parse_domain_policy(domains),
        parse_exception_policy(exceptions),
        parse_profile(profiles),
        like.managers,
    )


def small(path: Path, *, profile: int, every: int) -> DomainPolicy:
    """Some of a real machine's policy: each `every`th rule of each domain."""
    policy = parse_domain_policy(gzip.decompress(path.read_bytes()))
    return DomainPolicy(
        replace(domain, profile=profile, rules=domain.rules[::every], lines=()) for domain in policy.values()
    )


def test_a_kernel_takes_a_policy_over_another(fresh: Kernel) -> None:
    path = next(_CORPUS.glob("**/*.domain_policy.conf.gz"))
    managers = parse_manager("/usr/sbin/tomoyo-loadpolicy\n")
    learned = Policies(
        small(path, profile=1, every=7),
        parse_exception_policy("path_group ONE /a\ninitialize_domain /usr/bin/x from any\n"),
        parse_profile(_PROFILES),
        managers,
    )
    shipped = Policies(
        DomainPolicy(
            replace(domain, profile=3, rules=domain.rules[::2], lines=())
            for number, domain in enumerate(learned.domains.values())
            if number % 5
        ),
        parse_exception_policy("path_group ONE /b\nacl_group 0 file read/write @ONE\n"),
        parse_profile(_PROFILES),
        managers,
    )
    now = held(fresh, learned)
    give(fresh, stages(now, learned, final=3, waiting=2, keep=_KEEP))
    difference(learned, held(fresh, learned), keep=_KEEP).must_be_none()
    give(fresh, resting(held(fresh, learned), shipped, waiting=2, keep=_KEEP))
    assert resting(held(fresh, learned), shipped, waiting=2, keep=_KEEP) == []
    give(fresh, stages(held(fresh, learned), shipped, final=3, waiting=2, keep=_KEEP))
    difference(shipped, held(fresh, shipped), keep=_KEEP).must_be_none()


def test_a_line_that_the_kernel_drops_is_found(fresh: Kernel) -> None:
    managers = parse_manager("")
    wanted = Policies(
        parse_domain_policy("<kernel> /a\nuse_profile 1\n\nfile read /x\nfile read /y\n\n"),
        parse_exception_policy(""),
        parse_profile(_PROFILES),
        managers,
    )
    now = held(fresh, wanted)
    lines = [
        # What a kernel of another version, or one without room, does to a line: nothing comes of it.
        Stage(stage.option, tuple(line.replace("file read /y", "file raed /y") for line in stage.lines))
        for stage in stages(now, wanted, final=3, waiting=2, keep=_KEEP)
    ]
    give(fresh, lines)
    assert difference(wanted, held(fresh, wanted), keep=_KEEP).missing == ("<kernel> /a: file read /y",)
