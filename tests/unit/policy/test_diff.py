"""The difference by meaning, and as lines for a kernel."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from harness.errors import PolicyError
from harness.policy import parse_domain_policy, parse_exception_policy
from harness.policy.diff import HeadChange, Kind, diff, find_renamed
from harness.policy.patch import apply, patch_lines
from harness.policy.sets import joined
from tests.unit.policy.strategies import POLICIES, SIMILAR_POLICIES


def policy(*domains: tuple[str, ...]):
    return parse_domain_policy(
        "".join(
            f"{name}\nuse_profile 1\n\n" + "".join(f"{r}\n" for r in rules) + "\n" for name, *rules in domains
        )
    )


def changes(old: list[str], new: list[str], groups: str = "") -> list[tuple[str, list[str], list[str], bool]]:
    exceptions = parse_exception_policy(groups)
    result = diff(policy(("<kernel>", *old)), policy(("<kernel>", *new)), exceptions, exceptions)
    return [
        (change.kind.value, list(map(str, change.before)), list(map(str, change.after)), change.redundant)
        for domain in result.domains
        for change in domain.changes
    ]


def test_no_difference():
    assert not diff(policy(("<kernel>", "file read /a")), policy(("<kernel>", "file read /a")))


def test_added_and_removed():
    assert changes(["file read /a", "file read /b"], ["file read /b", "misc env A"]) == [
        ("added", [], ["misc env A"], False),
        ("removed", ["file read /a"], [], False),
    ]


def test_permissions_won_and_lost():
    assert changes(["file read /a"], ["file read/write /a"]) == [
        ("widened", ["file read /a"], ["file read/write /a"], False)
    ]
    assert changes(["file read/write /a"], ["file read /a"]) == [
        ("narrowed", ["file read/write /a"], ["file read /a"], False)
    ]
    assert changes(["file read/write /a"], ["file read/append /a"]) == [
        ("replaced", ["file read/write /a"], ["file read/append /a"], False)
    ]


def test_a_rule_that_is_shared_now_is_no_change_and_one_that_nobody_shares_any_more_is():
    old = policy(("<kernel>", "file read /a", "file read /b"), ("<kernel> /x", "file read /c"))
    new = policy(("<kernel>",), ("<kernel> /x", "file read /c"))
    numbered = parse_domain_policy(new.text().replace("use_profile 1\n", "use_profile 1\nuse_group 7\n", 1))
    shared = parse_exception_policy("acl_group 7 file read /a\nacl_group 7 file read /b\n")
    assert not diff(old, numbered, parse_exception_policy(""), shared)
    less = parse_exception_policy("acl_group 7 file read /a\n")
    (domain,) = diff(numbered, numbered, shared, less).domains
    assert [(change.kind, str(change.before[0])) for change in domain.changes] == [
        (Kind.REMOVED, "file read /b")
    ]


def test_a_right_that_is_half_shared_is_one_right():
    own = parse_domain_policy("<kernel>\nuse_profile 1\n\nfile read/write /a\n\n")
    half = parse_domain_policy("<kernel>\nuse_profile 1\nuse_group 7\n\nfile read /a\n\n")
    group = parse_exception_policy("acl_group 7 file write /a\n")
    assert not diff(own, half, parse_exception_policy(""), group)
    (domain,) = diff(half, own, parse_exception_policy("acl_group 7 file append /a\n")).domains
    (change,) = domain.changes
    assert (change.kind, [str(rule) for rule in change.before]) == (
        Kind.REPLACED,
        ["file read /a", "file append /a"],
    )


def test_domains_that_share_much_are_not_taken_for_each_other():
    shared = parse_exception_policy("".join(f"acl_group 7 file read /{n}\n" for n in range(20)))
    old, new = (
        parse_domain_policy(f"<kernel> {program}\nuse_profile 1\nuse_group 7\n\n{rule}\n\n")
        for program, rule in (("/foo", "file read /foo"), ("/bar", "file write /etc/passwd"))
    )
    came, went = diff(old, new, shared, shared).domains
    assert (came.before, came.after, went.before, went.after) == (
        None,
        "<kernel> /bar",
        "<kernel> /foo",
        None,
    )


def test_a_bad_line_beside_shared_rules_is_told_with_its_place():
    exceptions = parse_exception_policy("acl_group 0 file read /x\n")
    old, new = (
        parse_domain_policy(f"<kernel>\nuse_profile 1\nuse_group 0\n\n{rule}\n\n", source="f.conf")
        for rule in ("file read /a", "file raed /b")
    )
    with pytest.raises(PolicyError) as caught:
        diff(old, new, exceptions, exceptions)
    assert (caught.value.source, caught.value.line) == ("f.conf", 5)
    assert not diff(new, new, exceptions, exceptions)


def test_other_lines_of_the_exception_policy_are_compared_too():
    was = parse_exception_policy("initialize_domain /x from any\npath_group G /a\n")
    now = parse_exception_policy("path_group G /a\npath_group G /b\n<other> aggregator /y /z\n")
    same = policy(("<kernel>", "file read @G"))
    result = diff(same, same, was, now)
    assert result
    assert {(entry.kind, entry.line) for entry in result.entries} == {
        (Kind.ADDED, "path_group G /b"),
        (Kind.ADDED, "<other> aggregator /y /z"),
        (Kind.REMOVED, "initialize_domain /x from any"),
    }


def test_rules_that_went_into_a_wider_one_and_came_out_again():
    many, one = ["file read /a/1", "file read /a/2", "file read /b"], ["file read /a/\\$", "file read /b"]
    assert changes(many, one) == [("widened", many[:2], one[:1], False)]
    assert changes(one, many) == [("narrowed", one[:1], many[:2], False)]


def test_a_condition_makes_narrower():
    assert changes(["file read /a"], ["file read /a task.uid=0"]) == [
        ("narrowed", ["file read /a"], ["file read /a task.uid=0"], False)
    ]


def test_what_another_rule_grants_anyway_changes_nothing():
    assert changes(["file read /\\*"], ["file read /\\*", "file read /a"]) == [
        ("added", [], ["file read /a"], True)
    ]
    assert changes(["file read @A", "file read /a"], ["file read @A"], "path_group A /\\*") == [
        ("removed", ["file read /a"], [], True)
    ]
    wide = "file read/write /etc/\\*"
    assert changes([wide, "file read /etc/x1"], [wide, "file read /etc/x\\$"]) == [
        ("widened", ["file read /etc/x1"], ["file read /etc/x\\$"], True)
    ]
    assert changes([wide, "file read/write /etc/x"], [wide, "file read /etc/x"]) == [
        ("narrowed", ["file read/write /etc/x"], ["file read /etc/x"], True)
    ]
    assert changes(
        ["file read /etc/\\*", "file read/write /etc/x"], ["file read /etc/\\*", "file read /etc/x"]
    ) == [("narrowed", ["file read/write /etc/x"], ["file read /etc/x"], False)]
    result = diff(
        policy(("<kernel>", "file read /\\*")), policy(("<kernel>", "file read /\\*", "file read /a"))
    )
    assert result.counts == {}


def test_heads():
    old = parse_domain_policy("<kernel>\nuse_profile 1\ntransition_failed\nuse_group 0\n\n\n")
    new = parse_domain_policy("<kernel>\nuse_profile 3\nquota_exceeded\nuse_group 0\nuse_group 2\n\n\n")
    assert diff(old, new).domains[0].head == (
        HeadChange("profile", "1", "3"),
        HeadChange("groups", "0", "0 2"),
        HeadChange("quota_exceeded", "", "quota_exceeded"),
        HeadChange("transition_failed", "transition_failed", ""),
    )


def test_new_and_lost_domains():
    result = diff(policy(("<kernel> /a", "file read /a")), policy(("<kernel> /b", "file write /z")))
    new, lost = result.domains
    assert (new.before, new.after, new.name, new.moved) == (None, "<kernel> /b", "<kernel> /b", False)
    assert (lost.before, lost.after, lost.name, lost.moved) == ("<kernel> /a", None, "<kernel> /a", False)
    assert result.counts == {Kind.ADDED: 1, Kind.REMOVED: 1}


def test_a_domain_under_another_name_is_moved():
    rules = [f"file read /gnupg/{number}" for number in range(9)]
    old = policy(("<kernel> /bash /gpg", *rules), ("<kernel> /x", "file read /x"))
    new = policy(("<kernel> /gpg", *rules[1:], "file read /new"), ("<kernel> /x", "file read /x"))
    (moved,) = diff(old, new).domains
    assert moved.moved
    assert (moved.before, moved.after) == ("<kernel> /bash /gpg", "<kernel> /gpg")
    assert [(change.kind, change.merged) for change in moved.changes] == [
        (Kind.ADDED, "file read /new"),
        (Kind.REMOVED, "file read /gnupg/0"),
    ]


def test_a_program_that_moved_takes_its_domain_along_and_strangers_do_not():
    rules = [f"file read /data/{number}" for number in range(9)]
    assert find_renamed(policy(("<kernel> /v1/app", *rules)), policy(("<kernel> /v2/app", *rules))) == {
        "<kernel> /v2/app": "<kernel> /v1/app"
    }
    few = rules[:3]
    assert find_renamed(policy(("<kernel> /a", *few)), policy(("<kernel> /b", *few))) == {}


def test_aliases_of_one_file_read_the_same(corpus):
    old = policy(("<kernel>",))
    new = policy(("<kernel>", "file read /a", "file read squashfs:/a"))
    assert {change.merged for change in diff(old, new).domains[0].changes} == {"file read /a"}


def test_between_two_releases(corpus):
    old, new = (
        parse_domain_policy(corpus(f"{name}-ready.domain_policy.conf.gz"))
        for name in ("debian12", "debian13")
    )
    result = diff(old, new)
    moved = {domain.before: domain.after for domain in result.domains if domain.moved}
    assert moved["<kernel> /usr/sbin/init /usr/sbin/gdm3"] == (
        "<kernel> /usr/sbin/init /usr/lib/systemd/systemd-executor /usr/sbin/gdm3"
    )
    assert len(moved) > 100


def test_a_rule_that_does_not_read_is_told_with_its_place():
    old = policy(("<kernel>", "file read /a"))
    new = parse_domain_policy("<kernel>\nuse_profile 1\n\nfile read /a\nfile raed /b\n\n", source="new.conf")
    with pytest.raises(PolicyError) as caught:
        diff(old, new)
    assert (caught.value.source, caught.value.line, caught.value.column) == ("new.conf", 5, 6)


def test_lines_for_a_kernel():
    old = parse_domain_policy(
        "<kernel>\nuse_profile 1\nquota_exceeded\nuse_group 0\n\nfile read/write /a\nfile read /b\n\n"
        "<kernel> /gone\nuse_profile 1\n\n\n"
    )
    new = parse_domain_policy(
        "<kernel>\nuse_profile 3\nuse_group 1\n\nfile read/append /a\n\n<kernel> /new\nuse_profile 2\n\n\n"
    )
    assert list(patch_lines(old, new)) == [
        "<kernel>",
        "use_profile 3",
        "use_group 1",
        "file append /a",
        "delete file write /a",
        "delete file read /b",
        "delete quota_exceeded",
        "delete use_group 0",
        "<kernel> /new",
        "use_profile 2",
        "delete <kernel> /gone",
    ]


def content(held):
    return {
        domain.name: (
            domain.profile,
            domain.groups,
            domain.quota_exceeded,
            domain.transition_failed,
            frozenset(domain.rules),
        )
        for domain in joined(held).values()
    }


@settings(max_examples=50)
@given(SIMILAR_POLICIES | POLICIES, SIMILAR_POLICIES | POLICIES)
def test_the_patch_leads_from_one_to_the_other(old, new):
    patched = apply(old, "\n".join(patch_lines(old, new)))
    assert content(patched) == content(new)


def test_permissions_in_one_line_or_in_several_are_the_same():
    """As tomoyo-sortpolicy writes them."""
    one = parse_domain_policy(b"<kernel>\nuse_profile 1\n\nfile read/write /x\n\n")
    several = parse_domain_policy(b"<kernel>\nuse_profile 1\n\nfile read /x\nfile write /x\n\n")
    for old, new in ((one, several), (several, one)):
        assert diff(old, new).domains == ()
        assert not [line for line in patch_lines(old, new) if line.startswith(("file", "delete"))]
    read = parse_domain_policy(b"<kernel>\nuse_profile 1\n\nfile read /x\n\n")
    for old in (several, one):
        ((lost,),) = (domain.changes for domain in diff(old, read).domains)
        assert lost.kind is Kind.NARROWED


@settings(max_examples=50)
@given(SIMILAR_POLICIES, SIMILAR_POLICIES)
def test_a_diff_accounts_for_every_line_that_changed(old, new):
    old, new = joined(old), joined(new)
    for domain in diff(old, new).domains:
        before = set(old[domain.before].rules) if domain.before else set()
        after = set(new[domain.after].rules) if domain.after else set()
        assert {str(rule) for change in domain.changes for rule in change.before} == before - after
        assert {str(rule) for change in domain.changes for rule in change.after} == after - before


@pytest.mark.parametrize(
    "line",
    [
        "file read /a",
        "<kernel",
        "<kernel>\nuse_profile 256",
        "<kernel>\ndelete use_group x",
        "<kernel>\nfrob",
    ],
)
def test_a_patch_that_the_kernel_would_not_take(line):
    with pytest.raises(PolicyError) as caught:
        apply(policy(), line, source="p")
    assert caught.value.source == "p"


def test_a_patch_deletes():
    held = policy(("<kernel>", "file read/write /a", "file read /b"), ("<kernel> /x",))
    patched = apply(
        held,
        "<kernel>\ndelete file write /a\ndelete file read /b\ndelete file read /c\ndelete use_profile 1\n"
        "delete <kernel> /x\ndelete <kernel> /y\n",
    )
    assert patched.text() == "<kernel>\nuse_profile 1\n\nfile read /a\n\n"
