"""Reading and writing domain policy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy import parse_domain_policy

SAMPLES = ["debian12-ready", "debian12-firefox", "debian13-ready", "debian13-text-editor"]

PRINTED = """\
<kernel>
use_profile 1
use_group 0

file execute /usr/sbin/init exec.realpath="/usr/lib/systemd/systemd"

<kernel> /usr/sbin/qemu-ga
use_profile 0
use_group 0


<kernel> /usr/sbin/init
use_profile 3
quota_exceeded
transition_failed
use_group 0
use_group 255

misc env HOME
file read/write /dev/null

"""


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_kernel_printed_comes_back_byte_for_byte(corpus, name):
    data = corpus(f"{name}.domain_policy.conf.gz")
    policy = parse_domain_policy(data)
    assert policy.dump() == data
    assert policy.rule_count > 19_000


def test_a_domain_has_its_head_and_its_rules():
    policy = parse_domain_policy(PRINTED)
    assert policy.text() == PRINTED
    init = policy["<kernel> /usr/sbin/init"]
    assert (init.profile, init.groups) == (3, (0, 255))
    assert init.quota_exceeded
    assert init.transition_failed
    assert init.rules == ("misc env HOME", "file read/write /dev/null")
    assert policy["<kernel> /usr/sbin/qemu-ga"].rules == ()
    assert init.programs == ("<kernel>", "/usr/sbin/init")
    assert init.namespace == "<kernel>"


def test_rules_know_their_lines(corpus):
    data = corpus("debian12-ready.domain_policy.conf.gz")
    text = data.decode().split("\n")
    for domain in parse_domain_policy(data).values():
        assert [text[number - 1] for number in domain.lines] == list(domain.rules)


def test_a_hand_written_file_is_put_into_the_kernels_order():
    policy = parse_domain_policy(
        "# mine\n<kernel>  /bin/cat\r\nfile read /b\n\tuse_group 3\nfile   read\t/a\n"
        "use_group 1\nuse_profile 2\nquota_exceeded\nfile read /b"
    )
    assert policy.text() == (
        "<kernel> /bin/cat\nuse_profile 2\nquota_exceeded\nuse_group 1\nuse_group 3\n\n"
        "file read /b\nfile read /a\n\n"
    )
    assert policy["<kernel> /bin/cat"].lines == (3, 5)


def test_a_domain_named_twice_is_one():
    policy = parse_domain_policy("<kernel>\nuse_profile 1\n\nfile read /a\n\n<kernel>\nfile read /b\n")
    assert policy.text() == "<kernel>\nuse_profile 1\n\nfile read /a\nfile read /b\n\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "seen"),
    [
        ("file read /a\n", 1, 1, "outside of any domain"),
        ("<kernel>\nuse_profile 1\n\nfile read /a\nfrobnicate\n\n", 5, 1, "no domain policy has"),
        ("<kernel>\nuse_profile 256\n", 2, 13, "use_profile with 256"),
        ("<kernel>\nuse_profile 1\nuse_group 256\n\n\n", 3, 11, "use_group with 256"),
        ("<kernel>\nuse_group x\n", 2, 11, "use_group with x"),
        ("<kernel\n", 1, 1, "not a domain's name"),
        ("<kernel> \\q\n", 1, 1, "not a domain's name"),
        ("<kernel>\ndelete file read /a\n", 2, 1, "deletes"),
        ("<kernel>\nallow_read /a\n", 2, 1, "2.3 or older"),
        ("<kernel>\n4 /a\n", 2, 1, "2.3 or older"),
    ],
)
def test_errors_say_where_and_what(text, line, column, seen):
    with pytest.raises(PolicyError, match=seen) as caught:
        parse_domain_policy(text, source="mine.conf")
    error = caught.value
    assert (error.source, error.line, error.column) == ("mine.conf", line, column)
    assert error.expected


def test_a_lenient_reading_sets_bad_lines_aside():
    policy = parse_domain_policy(
        "x\n<kernel>\nfile read /a\nfoo bar\nfile read /b\n", source="f", lenient=True
    )
    assert policy["<kernel>"].rules == ("file read /a", "file read /b")
    assert [(bad.domain, bad.text, bad.error.line) for bad in policy.bad_lines] == [
        ("", "x", 1),
        ("<kernel>", "foo bar", 4),
    ]


_LINES = st.sampled_from(
    [*PRINTED.split("\n"), "delete x", "allow_read /x", "use_group 7", "\x00", "é", " <a>"]
)


@given(st.lists(_LINES | st.text(max_size=20)).map("\n".join) | st.text())
def test_any_text_is_read_leniently_and_its_print_is_read_back(text):
    policy = parse_domain_policy(text, lenient=True)
    again = parse_domain_policy(policy.text())
    assert again.text() == policy.text()
    assert dict(again) == dict(policy)


@given(st.binary())
def test_any_bytes_give_a_policy_or_a_policy_error(data):
    problems = parse_domain_policy(data, lenient=True).bad_lines
    if not problems:
        parse_domain_policy(data)
        return
    with pytest.raises(PolicyError) as caught:
        parse_domain_policy(data)
    assert caught.value.line == problems[0].error.line > 0
