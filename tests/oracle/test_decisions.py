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
                f"fixture {kind} {path.rstrip('/')} 0{mode:o} {uid} {gid}"
                for path, (kind, mode, uid, gid) in FILES.items()
            ),
        ]
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[str], list[str], list[Question]]:
    asked = draw(st.lists(questions(), min_size=10, max_size=16))
    about = st.sampled_from(asked).flatmap(rules_for)
    return draw(st.lists(about, min_size=4, max_size=14)), draw(st.lists(about, max_size=4)), asked


@settings(max_examples=140, deadline=None)
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


# Places where a rule grants more, or other things, than it says; docs/policy-language.md lists them.
@pytest.mark.parametrize(
    ("rule", "access", "granted"),
    [
        # the protocol of a socket rule is printed, kept apart, and never compared
        ("network inet stream bind 127.0.0.1 8080", "inet dgram bind 127.0.0.1 8080", True),
        (r"network unix seqpacket connect \000x", r"unix stream connect \000x", True),
        # a file system without a device: what is given as one does not count
        ("file mount /dev/sda1 /t/x/ tmpfs 0", "mount none /t/x tmpfs 0", True),
        ("file mount /t/a /t/x/ --bind 0", "mount /t/d /t/x tmpfs 4096", False),
        # write does not allow append, nor the other way round
        ("file write /t/a", "open /t/a 02001", False),
        ("file append /t/a", "open /t/a 1", False),
        # a directory's name ends in a slash, and only such a pattern matches it
        (r"file rmdir /t/\*", "rmdir /t/x", False),
        (r"file rmdir /t/\*/", "rmdir /t/x", True),
        # of a group that is not defined nothing is a member, and nothing is all that differs from it
        ("file read @NONE", "open /t/a 0", False),
        ("file read /t/a task.uid!=@NONE", "open /t/a 0", True),
    ],
)
def test_surprises(kernel: Kernel, rule: str, access: str, granted: bool) -> None:
    domain = f"domain {_DOMAIN}"
    [answer] = kernel.ask([domain, f"domain {rule}", f"access {access}", domain, f"domain delete {rule}"])
    assert (answer != EPERM) is granted
