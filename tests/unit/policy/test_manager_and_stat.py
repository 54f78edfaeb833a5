"""Managers and counters."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy.manager import parse_manager
from harness.policy.stat import Counter, Memory, parse_stat

STAT = """\
Policy update:                                91
Policy violation in learning mode:          4432 (Last: 2026/11/22 18:45:52)
Policy violation in permissive mode:           0
Policy violation in enforcing mode:            0
Memory used by policy:                    523456
Memory used by audit log:                   8704 (Quota:   16777216)
Memory used by query message:                  0 (Quota:    1048576)
Total memory used:                        532160
"""


def test_managers():
    text = "<kernel> /usr/sbin/qemu-ga\n/usr/sbin/tomoyo-loadpolicy\n"
    assert parse_manager(text).text() == text
    policy = parse_manager("manage_by_non_root\n/a\n/a\n")
    assert policy.manage_by_non_root
    assert policy.managers == ("/a",)
    assert parse_manager(policy.dump()) == policy
    with pytest.raises(PolicyError, match="neither a program nor a domain"):
        parse_manager("<kernel> a b\n")


def test_counters_come_back():
    stat = parse_stat(STAT)
    assert stat.text() == STAT
    assert stat.policy["violation in learning mode"] == Counter(
        4432, datetime(2026, 11, 22, 18, 45, 52, tzinfo=UTC)
    )
    assert stat.memory["audit log"] == Memory(8704, 16777216)
    assert stat.total == 532160


@pytest.mark.parametrize("line", ["frob", "Policy update: 1 (Last: 2026/13/01 00:00:00)", "Policy update:"])
def test_what_is_no_counter(line):
    with pytest.raises(PolicyError):
        parse_stat(line)
    assert len(parse_stat(line, lenient=True).bad_lines) == 1


@given(st.binary())
def test_any_bytes_are_survived(data):
    assert parse_manager(parse_manager(data, lenient=True).dump()).bad_lines == ()
    parse_stat(data, lenient=True)
