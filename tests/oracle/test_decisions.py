"""Decisions: does the kernel, enforcing, let an access through."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy import parse_domain_policy, parse_exception_policy, parse_profile
from harness.policy.decide import ReferenceMonitor, Verdict
from tests.generators.accesses import FILES, GROUPS, Question, questions, rules_for
from tests.oracle.kernel import Kernel

EPERM = "1"
_DOMAIN = "<kernel> /sbin/init"
_PROFILE = [
    "PROFILE_VERSION=20150505",
    "3-CONFIG={ mode=enforcing grant_log=no reject_log=no }",
    "3-CONFIG::network={ mode=enforcing grant_log=no reject_log=no }",
]


@pytest.fixture(scope="module", autouse=True)
def _world(kernel: Kernel) -> None:
    kernel.ask(
        [
            *(f"profile {line}" for line in _PROFILE),
            *(f"exception {line}" for line in GROUPS),
            *(
                f"fixture {kind} {path.rstrip('/')} {mode:#o} {uid} {gid}".replace("0o", "0")
                for path, (kind, mode, uid, gid) in FILES.items()
            ),
        ]
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[str], list[str], list[Question]]:
    asked = draw(st.lists(questions(), min_size=6, max_size=14))
    about = st.sampled_from(asked).flatmap(rules_for)
    return draw(st.lists(about, max_size=8)), draw(st.lists(about, max_size=3)), asked


@settings(max_examples=250, deadline=None)
@given(situation=situations())
def test_generated_accesses(
    kernel: Kernel, agreed: Counter[str], situation: tuple[list[str], list[str], list[Question]]
) -> None:
    rules, shared, asked = situation
    answers = kernel.ask(
        [
            f"domain {_DOMAIN}",
            "domain use_group 5",
            *(f"domain {rule}" for rule in rules),
            *(f"exception acl_group 5 {rule}" for rule in shared),
            *(question.words for question in asked),
            f"domain {_DOMAIN}",
            *(f"domain delete {rule}" for rule in rules),
            *(f"exception delete acl_group 5 {rule}" for rule in shared),
        ]
    )
    monitor = ReferenceMonitor(
        parse_domain_policy("\n".join([_DOMAIN, "use_profile 3", "use_group 5", "", *rules, "", ""])),
        parse_exception_policy("\n".join([*GROUPS, *(f"acl_group 5 {rule}" for rule in shared)])),
        parse_profile("\n".join(_PROFILE)),
    )
    ours = [monitor.decide(_DOMAIN, question.access).verdict for question in asked]
    kernels = [Verdict.DENIED if answer == EPERM else Verdict.GRANTED for answer in answers]
    differing = [
        (question.words, answer, str(mine))
        for question, answer, mine, theirs in zip(asked, answers, ours, kernels, strict=True)
        if mine is not theirs
    ]
    assert not differing
    for question, verdict in zip(asked, ours, strict=True):
        agreed[f"an access, enforcing: {question.access.shape.keyword} {question.access.operation}"] += 1
        agreed[f"an access, enforcing: {verdict.value} in all"] += 1
