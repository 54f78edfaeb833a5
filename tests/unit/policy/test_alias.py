"""Overlay names."""

from __future__ import annotations

from harness.policy import parse_domain_policy
from harness.policy.alias import Alike, fold, merged_line, merged_name


def test_names_of_the_layers():
    assert merged_name("squashfs:/usr/bin/cat") == "/usr/bin/cat"
    assert merged_name("tmpfs:/rw/etc/passwd") == "/etc/passwd"
    for name in ("/usr/bin/cat", "proc:/1/stat", "tmpfs:/rwx/a", "tmpfs:/work/work/#16", "/a/squashfs:/b"):
        assert merged_name(name) == name


def test_lines_with_names_of_the_layers():
    assert merged_line('file execute squashfs:/a exec.realpath="squashfs:/b" exec.argv[0]="/a"') == (
        'file execute /a exec.realpath="/b" exec.argv[0]="/a"'
    )
    assert merged_line("<kernel> squashfs:/a tmpfs:/rw/b") == "<kernel> /a /b"


def test_rules_about_one_file_belong_together():
    lines = ["file read /a", "misc env A", "file read squashfs:/a", "file write tmpfs:/rw/a", "file read /b"]
    assert fold(lines) == [
        Alike("file read/write /a", ("file read /a", "file read squashfs:/a", "file write tmpfs:/rw/a")),
        Alike("misc env A", ("misc env A",)),
        Alike("file read /b", ("file read /b",)),
    ]


def test_folding_a_real_policy_loses_nothing(corpus):
    policy = parse_domain_policy(corpus("debian13-ready.domain_policy.conf.gz"))
    folded = {domain.name: fold(domain.rules) for domain in policy.values()}
    for domain in policy.values():
        assert sorted(line for alike in folded[domain.name] for line in alike.lines) == sorted(domain.rules)
    aliased = sum(len(alike.lines) - 1 for group in folded.values() for alike in group)
    assert policy.rule_count - sum(map(len, folded.values())) == aliased > 6_000
