"""Rules and their conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy import parse_domain_policy
from harness.policy.condition import ArgumentCondition, Comparison, NameCondition, VariableCondition
from harness.policy.operand import Group, NumberRange
from harness.policy.rule import PATH, parse_rule
from tests.unit.policy.strategies import CONDITIONS, RULES


@given(RULES)
def test_a_rule_comes_back(rule):
    assert parse_rule(str(rule)) == rule


@given(CONDITIONS)
def test_a_condition_comes_back(condition):
    assert parse_rule(f"file read /a {condition}").conditions == (condition,)


@pytest.mark.parametrize("name", ["debian12-firefox", "debian13-text-editor"])
def test_every_rule_of_the_corpus_comes_back(corpus, name):
    policy = parse_domain_policy(corpus(f"{name}.domain_policy.conf.gz"))
    rules = {rule for domain in policy.values() for rule in domain.rules}
    assert [rule for rule in rules if str(parse_rule(rule)) != rule] == []


def test_a_rule_as_values():
    rule = parse_rule(
        'file execute /bin/sh keep task.uid=0-10 exec.realpath!=@SHELLS exec.argv[1]="-c"'
        ' exec.envp["LD_PRELOAD"]=NULL path1.uid=task.uid grant_log=no'
    )
    assert rule.shape is PATH
    assert rule.operations == ("execute",)
    assert rule.operands == ("/bin/sh",)
    assert rule.transition == "keep"
    assert rule.grant_log is False
    assert rule.conditions == (
        Comparison("task.uid", True, NumberRange(0, 10)),
        NameCondition("exec.realpath", False, Group("SHELLS")),
        ArgumentCondition(1, True, "-c"),
        VariableCondition("LD_PRELOAD", True, None),
        Comparison("path1.uid", True, "task.uid"),
    )


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("file write/read /a", "file read/write /a"),
        ("file read/read /a", "file read /a"),
        ("file chmod/create /a 0X1f", "file create/chmod /a 0x1F"),
        ("file read /a grant_log=yes task.uid=08", "file read /a task.uid=8 grant_log=yes"),
        ("network unix stream connect/bind \\000a", "network unix stream bind/connect \\000a"),
    ],
)
def test_the_kernels_order_and_spelling(written, printed):
    assert str(parse_rule(written)) == printed


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("", 1),
        ("frob", 1),
        ("file", 6),
        ("file read", 11),
        ("file raed /a", 6),
        ("file read/create /a", 6),
        ("file read a\\", 11),
        ("file read /a keep", 14),
        ("file read /a /b", 14),
        ("file execute/read /a keep", 22),
        ("file execute /a keep reset", 22),
        ("file execute /a <kernel> b", 26),
        ("file execute /a <kernel", 17),
        ("file create /a", 16),
        ("file create /a 0x", 16),
        ("file mkchar /a 0 1", 20),
        ("file mount /a /b c", 20),
        ("misc env A=B", 10),
        ("misc env @G A", 13),
        ("misc exec A", 6),
        ("task manual_domain_transition /a", 31),
        ("task manual_domain_transition <kernel> a", 40),
        ("network", 9),
        ("network ipx stream bind", 9),
        ("network inet stream accept 10.0.0.1 1", 21),
        ("network inet stream bind 10.0.0.1 65536", 35),
        ("network inet stream bind 10.0.0.1", 35),
        ("file read /a task.uid", 14),
        ("file read /a =1", 14),
        ("file read /a task.uid==1", 14),
        ("file read /a task.uid=x", 14),
        ("file read /a task.foo=1", 14),
        ("file read /a @G=1", 14),
        ("file read /a exec.realpath=/b", 14),
        ('file read /a exec.argv[01]="a"', 14),
        ('file read /a exec.argv[x]="a"', 14),
        ('file read /a exec.argv[0="a"', 14),
        ('file read /a exec.envp["a"]=b', 14),
        ('file read /a exec.envp["a]=NULL', 14),
        ("file read /a grant_log=maybe", 14),
        ("file read /a grant_log=yes grant_log=no", 28),
        ("file read /a  task.uid=1", 14),
    ],
)
def test_what_the_kernel_refuses_is_refused_with_its_column(line, column):
    with pytest.raises(PolicyError) as caught:
        parse_rule(line, source="f", number=7)
    error = caught.value
    assert (error.source, error.line, error.column) == ("f", 7, column)
    assert error.expected


def test_permissions_apart_from_the_target():
    read, write = parse_rule("file read /a task.uid=1"), parse_rule("file write /a task.uid=1")
    assert read.target == write.target
    assert read.target != parse_rule("file read /a").target
    assert str(read.allowing(("write", "read"))) == "file read/write /a task.uid=1"


_WORDS = st.sampled_from(
    [
        *(
            "file",
            "read",
            "execute",
            "/a",
            "@G",
            "keep",
            "<kernel>",
            "network",
            "inet",
            "stream",
            "bind",
            "1-2",
        ),
        *("misc", "env", "task", "manual_domain_transition", "task.uid=1", 'exec.argv[0]="x"', "\\{", "::1"),
        *("0x1", "", "!="),
    ]
)


@given(st.lists(_WORDS | st.text(max_size=8), max_size=8).map(" ".join))
def test_any_line_gives_a_rule_or_a_policy_error(line):
    try:
        rule = parse_rule(line)
    except PolicyError:
        return
    assert parse_rule(str(rule)) == rule
