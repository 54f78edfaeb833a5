"""The exception policy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy.exception_policy import (
    GROUP_KINDS,
    TRANSITIONS,
    Aggregator,
    GroupMember,
    GroupRule,
    TransitionControl,
    parse_entry,
    parse_exception_policy,
)
from harness.policy.operand import Group, NumberRange
from tests.unit.policy.strategies import ADDRESSES, DOMAINS, PATHS, PROGRAMS, RULES, numbers

ENTRIES = st.one_of(
    st.builds(
        TransitionControl, st.sampled_from(TRANSITIONS), PROGRAMS | st.none(), DOMAINS | PROGRAMS | st.none()
    ),
    st.builds(Aggregator, PATHS, st.sampled_from(["/a", "proc:/b"])),
    st.builds(GroupMember, st.just("path_group"), st.sampled_from(["A", "B"]), PATHS),
    st.builds(
        GroupMember,
        st.just("number_group"),
        st.just("N"),
        numbers().filter(lambda n: not isinstance(n, Group)),
    ),
    st.builds(
        GroupMember,
        st.just("address_group"),
        st.just("I"),
        ADDRESSES.filter(lambda a: not isinstance(a, Group)),
    ),
    st.builds(GroupRule, st.integers(0, 255), RULES),
)


@given(ENTRIES)
def test_an_entry_comes_back(entry):
    assert parse_entry(str(entry)) == entry


@given(st.lists(ENTRIES.map(str), max_size=8).map("\n".join))
def test_the_print_of_a_policy_is_read_back(text):
    policy = parse_exception_policy(text)
    assert parse_exception_policy(policy.text()) == policy
    assert parse_exception_policy(policy.text()).text() == policy.text()


@pytest.mark.parametrize("name", ["debian12", "debian13"])
def test_real_exception_policies(corpus, name):
    data = corpus(f"{name}.exception_policy.conf")
    policy = parse_exception_policy(data)
    assert set(policy.text().splitlines()) == set(data.decode().splitlines())
    assert parse_exception_policy(policy.text()) == policy
    assert TransitionControl("keep_domain", None, "<kernel> /usr/sbin/qemu-ga") in policy.transitions()
    assert Aggregator("proc:/self/exe", "/proc/self/exe") in policy.aggregators()
    assert "\\*:[\\$]" in policy.groups("path_group")["ANY_PATHNAME"]
    assert policy.groups("number_group")["COMMON_IOCTL_CMDS"][0].first == 0x5401
    assert "file getattr @ANY_PATHNAME" in map(str, policy.acl_group(0))


def test_the_kernels_order_with_permissions_joined():
    policy = parse_exception_policy(
        """\
        acl_group 1 file read /b
        acl_group 0 file write /a
        acl_group 0 file read @B
        number_group N 1-0x10
        path_group B /b
        path_group A /a
        path_group B /c
        aggregator /x\\* /y
        keep_domain <kernel> /sbin/init
        initialize_domain /usr/bin/gpg
        aggregator /x\\* /y
        acl_group 0 file read /a
        """
    )
    assert policy.text() == (
        "keep_domain any from <kernel> /sbin/init\n"
        "initialize_domain /usr/bin/gpg from any\n"
        "aggregator /x\\* /y\n"
        "path_group B /b\npath_group B /c\npath_group A /a\n"
        "number_group N 1-0x10\n"
        "acl_group 0 file read/write /a\nacl_group 0 file read @B\nacl_group 1 file read /b\n"
    )
    assert policy.groups("path_group") == {"B": ("/b", "/c"), "A": ("/a",)}
    assert policy.groups("number_group")["N"] == (policy.groups("number_group")["N"][0],)
    assert isinstance(policy.groups("number_group")["N"][0], NumberRange)


def test_namespaces_are_printed_on_every_line():
    text = "<kernel> aggregator /a /b\n<apache> initialize_domain /c from any\n"
    policy = parse_exception_policy(text)
    assert policy.text() == text
    assert policy.transitions() == ()
    assert policy.transitions("<apache>")[0].program == "/c"
    assert policy.aggregators("<apache>") == ()


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("frob /a", 1),
        ("delete aggregator /a /b", 1),
        ("allow_read /a", 1),
        ("<a> frob", 5),
        ("initialize_domain a from any", 19),
        ("initialize_domain /a from b", 19),
        ("initialize_domain /a from <kernel> b", 19),
        ("aggregator /a", 12),
        ("aggregator /a /b\\*", 12),
        ("aggregator a\\ /b", 12),
        ("aggregator /a /b /c", 12),
        ("path_group A", 12),
        ("path_group A /a /b", 12),
        ("path_group A a\\", 12),
        ("path_group \\ /a", 12),
        ("number_group A @B", 14),
        ("address_group A @B", 15),
        ("acl_group 256 file read /a", 11),
        ("acl_group 0 file raed /a", 18),
        ("<> aggregator /a /b", 1),
    ],
)
def test_errors_say_where(line, column):
    with pytest.raises(PolicyError) as caught:
        parse_exception_policy(f"path_group A /a\n{line}\n", source="e.conf")
    error = caught.value
    assert (error.source, error.line, error.column) == ("e.conf", 2, column)
    assert error.expected
    lenient = parse_exception_policy(f"path_group A /a\n{line}\n", lenient=True)
    assert len(lenient.entries) == 1
    assert [bad.text for bad in lenient.bad_lines] == [line]


_WORDS = st.sampled_from(
    [*TRANSITIONS, *GROUP_KINDS, "aggregator", "acl_group", "0", "/a", "from", "any", "<kernel>"]
)


@given(st.lists(_WORDS | st.text(max_size=6), max_size=6).map(" ".join) | st.binary())
def test_any_text_gives_a_policy_or_a_policy_error(text):
    policy = parse_exception_policy(text, lenient=True)
    assert parse_exception_policy(policy.text()).entries == policy.entries
