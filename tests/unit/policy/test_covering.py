"""Rules that grant what other rules grant."""

from __future__ import annotations

import pytest
from hypothesis import given

from harness.policy import parse_exception_policy, parse_rule
from harness.policy.covering import Groups, RuleIndex, covers
from tests.unit.policy.strategies import RULES

GROUPS = Groups.of(
    parse_exception_policy(
        "path_group LIBS /usr/lib/\\*\npath_group LIBS /lib/\\*\npath_group ONE /usr/lib/a\n"
        "number_group TTY 0x5401-0x5410\naddress_group LAN 10.0.0.0-10.255.255.255\n"
    )
)

WIDER = [
    ("file read/write /a", "file read /a"),
    ("file read /\\*", "file read /a"),
    ("file read /\\*", "file read /a\\*"),
    ("file read /a", "file read /a task.uid=0"),
    ("file read /a task.uid=0-10", "file read /a task.uid=5 path1.uid=0"),
    ("file read @LIBS", "file read /usr/lib/x"),
    ("file read @LIBS", "file read /lib/x\\?"),
    ("file read @LIBS", "file read @ONE"),
    ("file read /usr/lib/\\*", "file read @ONE"),
    ("file create /a 0-0777", "file create /a 0644"),
    ("file ioctl /a @TTY", "file ioctl /a 0x5401"),
    ("network inet stream bind/connect @LAN 1-1024", "network inet stream connect 10.1.2.3 80"),
    ("network inet dgram send 10.0.0.0-10.0.0.9 53", "network inet dgram send 10.0.0.1-10.0.0.2 53"),
    ('file execute /a exec.realpath="/\\*"', 'file execute /a exec.realpath="/b"'),
    ('file execute /a exec.argv[0]="\\*"', 'file execute /a exec.argv[0]="a"'),
    ('file execute /a exec.envp["A"]="\\*"', 'file execute /a exec.envp["A"]="b"'),
    ("file rename /\\* /\\*", "file rename /a /b"),
]

NOT_WIDER = [
    ("file read /a", "file write /a"),
    ("file read /a", "file append /a"),
    ("file read /a\\*", "file read /\\*"),
    ("file read /a\\*", "file read /a/"),
    ("file execute /\\*", "file execute /a"),  # another domain would be entered
    ("file execute /a keep", "file execute /a"),
    ("file read /a task.uid=5", "file read /a task.uid=0-10"),
    ("file read /a task.uid!=5", "file read /a task.uid=6"),  # true, but too clever for a sufficient test
    ("file read @ONE", "file read @LIBS"),
    ("file read @NONE", "file read /a"),
    ("file ioctl /a 0x5401", "file ioctl /a @TTY"),
    ("network inet stream bind ::-::2 1", "network inet stream bind 0.0.0.1 1"),
    ("file chmod /a 0", "file mkdir /a 0644"),
    ("misc env A", "file read A"),
    ('file execute /a exec.envp["A"]="\\*"', 'file execute /a exec.envp["A"]=NULL'),
]


@pytest.mark.parametrize(("wide", "narrow"), WIDER)
def test_wider(wide, narrow):
    one, other = parse_rule(wide), parse_rule(narrow)
    assert covers(one, other, GROUPS)
    assert not covers(other, one, GROUPS)
    assert list(RuleIndex([other, one], GROUPS).covering(other)) == [one]
    assert list(RuleIndex([other, one], GROUPS).covering(one)) == []


@pytest.mark.parametrize(("wide", "narrow"), NOT_WIDER)
def test_not_wider(wide, narrow):
    one, other = parse_rule(wide), parse_rule(narrow)
    assert not covers(one, other, GROUPS)
    assert list(RuleIndex([one, other], GROUPS).covering(other)) == []


@given(RULES)
def test_a_rule_covers_itself(rule):
    assert covers(rule, rule)
