"""Policies as sets of lines."""

from __future__ import annotations

from hypothesis import given, settings

from harness.policy import difference, parse_domain_policy
from harness.policy.covering import Groups
from harness.policy.sets import (
    by_program,
    find_covered,
    intersection,
    joined,
    singles,
    sort,
    union,
    without_covered,
)
from tests.unit.policy.strategies import SIMILAR_POLICIES

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


@settings(max_examples=50)
@given(SIMILAR_POLICIES, SIMILAR_POLICIES)
def test_the_parts_make_the_whole(one, other):
    def lines(policy):
        return {(domain.name, rule) for domain in policy.values() for rule in domain.rules}

    assert lines(union([one, other])) == lines(one) | lines(other)
    assert lines(intersection(one, other)) == lines(one) & lines(other)
    assert lines(difference(one, other)) == lines(one) - lines(other)
    assert lines(union([difference(one, other), intersection(one, other)])) == lines(one)


@settings(max_examples=50)
@given(SIMILAR_POLICIES)
def test_sorting_is_stable_and_keeps_all(policy):
    once = sort(policy)
    assert sort(once).text() == once.text()
    assert dict(once) == dict(sort(union([once])))
    assert list(once) == sorted(policy)
    singly = sort(policy, one_permission_a_line=True)
    assert sort(singly, one_permission_a_line=True).text() == singly.text()
    assert joined(singly).rule_count == joined(policy).rule_count


def test_one_permission_a_line_as_tomoyo_sortpolicy_writes_them():
    assert singles("file read/write /x task.uid=0") == ["file read /x task.uid=0", "file write /x task.uid=0"]
    assert singles("network unix stream bind/listen /run/a") == [
        "network unix stream bind /run/a",
        "network unix stream listen /run/a",
    ]
    assert singles("file mount a /b/ c/d 0x1") == ["file mount a /b/ c/d 0x1"]
    assert singles("misc env A/B") == ["misc env A/B"]


def test_rules_with_one_target_are_joined():
    policy = parse_domain_policy("<kernel>\nfile write /a\nfile read /b\nfile read /a\nfile create /a 0X1\n")
    assert joined(policy)["<kernel>"].rules == ("file read/write /a", "file read /b", "file create /a 0x1")


def test_superfluous_rules():
    policy = parse_domain_policy(
        "<kernel>\nfile read /a\nfile read/write /\\*\nfile read /a\\*\nfile read @G\nfile read /z/b\n"
        "file execute /a\nfile execute /\\*\n"
    )
    groups = Groups(paths={"G": ("/z/\\*",)})
    assert without_covered(policy, groups)["<kernel>"].rules == (
        "file read/write /\\*",
        "file read @G",
        "file execute /a",
        "file execute /\\*",
    )
    assert {(str(found.rule), str(found.by)) for found in find_covered(policy, groups)} == {
        ("file read /a", "file read/write /\\*"),
        ("file read /a\\*", "file read/write /\\*"),
        ("file read /z/b", "file read @G"),
    }


def test_of_equal_rules_the_first_stays():
    policy = parse_domain_policy("<kernel>\nfile read /\\*\nfile read /\\*\\*\n")
    assert without_covered(policy)["<kernel>"].rules == ("file read /\\*",)


def test_domains_by_program():
    policy = parse_domain_policy("<kernel> /a /gpg\n<kernel> /b\n<kernel> /gpg\n")
    assert {program: len(domains) for program, domains in by_program(policy).items()} == {"/gpg": 2, "/b": 1}
