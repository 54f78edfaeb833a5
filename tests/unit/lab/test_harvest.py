"""Every detector fires once, and none on a good harvest."""

import pytest

from harness.guest.tomoyo import SavedPolicy
from harness.lab.harvest import fragment_of, notices
from harness.lab.tags import TOLERABLE
from harness.policy import parse_domain_policy

GPG = "<kernel> /usr/bin/bash /usr/bin/gpg"


def policy(*domains: str) -> bytes:
    return "".join(f"{domain}\n\n" for domain in domains).encode()


def saved(text: bytes, **files: bytes) -> SavedPolicy:
    return SavedPolicy("26-11-22.20:00:00", {"domain_policy.conf": text, **files})


def kinds(text: bytes, console: bytes = b"", unexplained: int = 0) -> list[str]:
    fragment = parse_domain_policy(text)
    return [notice.kind for notice in notices(fragment, console, unexplained=unexplained)]


GOOD = policy(f"{GPG}\nuse_profile 1\nuse_group 0\n\nfile read /etc/passwd")


def test_the_fragment_is_what_the_baseline_has_not() -> None:
    after = saved(policy(f"{GPG}\nuse_profile 1\nuse_group 0\n\nfile read /a\nfile read /b"))
    before = saved(policy(f"{GPG}\nuse_profile 1\nuse_group 0\n\nfile read /a"))
    assert fragment_of(after, before)[GPG].rules == ("file read /b",)


def test_without_a_baseline_everything_is_the_fragment() -> None:
    assert fragment_of(saved(GOOD), None)[GPG].rules == ("file read /etc/passwd",)


def test_a_good_harvest_has_nothing_to_say() -> None:
    assert kinds(GOOD, b"amnesia login: ") == []


@pytest.mark.parametrize(
    ("flags", "kind"), [("quota_exceeded", "quota-exceeded"), ("transition_failed", "transition-failed")]
)
def test_flags_of_a_domain_are_told(flags: str, kind: str) -> None:
    text = policy(f"{GPG}\nuse_profile 1\n{flags}\nuse_group 0\n\nfile read /etc/passwd")
    assert kinds(text) == [kind]


def test_a_scenario_that_learned_nothing_is_told() -> None:
    assert kinds(b"") == ["no-fragment"]


@pytest.mark.parametrize("domain", ["<kernel> /usr/sbin/qemu-ga", "<kernel> /usr/sbin/qemu-ga /usr/bin/dash"])
def test_a_rule_that_observing_caused_is_told(domain: str) -> None:
    assert kinds(policy(f"{domain}\nuse_profile 1\nuse_group 0\n\nfile read /etc/passwd")) == [
        "observer-learned"
    ]


def test_rules_without_an_audit_record_are_told() -> None:
    assert kinds(GOOD, unexplained=3) == ["audit-lost"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            b"WARNING: Domain '<kernel> /x' has too many ACLs to hold. Stopped learning mode.\r\n",
            "quota-exceeded",
        ),
        (b"ERROR: Domain '<kernel> /x' not defined.\r\n", "transition-failed"),
        (b"ERROR: Out of memory at tomoyo_init_log.\r\n", "out-of-memory"),
    ],
)
def test_what_the_kernel_says_is_told_once(said: bytes, kind: str) -> None:
    journal = b"2026-11-26T20:12:01.123456+00:00 debian kernel: " + said.strip()
    assert kinds(GOOD, b"amnesia login: \r\n[  12.5] " + said + journal) == [kind]


def test_tags_tolerate_what_a_harvest_may_tell() -> None:
    flags = "use_profile 1\nquota_exceeded\ntransition_failed"
    observer = policy(f"<kernel> /usr/sbin/qemu-ga /usr/bin/dash\n{flags}\n\nfile read /a")
    told = {*kinds(b""), *kinds(observer, b"ERROR: Out of memory at x.\r\n", unexplained=1)}
    assert told == set(TOLERABLE)
