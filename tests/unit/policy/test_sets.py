"""Policies as sets of lines."""

from __future__ import annotations

from harness.policy import difference, parse_domain_policy

OLD = (
    "<kernel>\nuse_profile 1\nuse_group 0\n\nfile read /a\nfile read /b\n\n"
    "<kernel> /x\nuse_profile 1\n\nfile read /a\n\n"
)
NEW = (
    "<kernel>\nuse_profile 1\nquota_exceeded\nuse_group 0\n\nfile read /a\nfile read /c\n\n"
    "<kernel> /x\nuse_profile 1\n\nfile read /a\n\n<kernel> /y\nuse_profile 1\n\n\n"
)


def test_difference_is_what_is_new():
    fragment = difference(parse_domain_policy(NEW), parse_domain_policy(OLD))
    assert fragment.text() == (
        "<kernel>\nuse_profile 1\nquota_exceeded\n\nfile read /c\n\n<kernel> /y\nuse_profile 1\n\n\n"
    )
    assert fragment["<kernel>"].lines == (7,)


def test_nothing_new_is_an_empty_policy():
    policy = parse_domain_policy(NEW)
    assert len(difference(policy, parse_domain_policy(NEW))) == 0


def test_the_fragment_of_a_real_scenario(corpus):
    ready = parse_domain_policy(corpus("debian12-ready.domain_policy.conf.gz"))
    firefox = parse_domain_policy(corpus("debian12-firefox.domain_policy.conf.gz"))
    fragment = difference(firefox, ready)
    lines = {(domain.name, rule) for domain in fragment.values() for rule in domain.rules}
    before = {(domain.name, rule) for domain in ready.values() for rule in domain.rules}
    after = {(domain.name, rule) for domain in firefox.values() for rule in domain.rules}
    assert lines == after - before
    assert len(lines) == 4369
