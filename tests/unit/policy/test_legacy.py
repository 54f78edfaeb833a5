"""Policies of TOMOYO 2.2 and 2.3."""

from __future__ import annotations

import pytest

from harness.errors import PolicyError
from harness.policy import parse_domain_policy, parse_rule
from harness.policy.legacy import convert_domain_policy, convert_exception_policy, is_legacy

OLD = """\
<kernel>
use_profile 1

allow_execute /sbin/init
allow_read/write /dev/null
allow_write /var/log/a
allow_create /tmp/\\$ 0600
allow_mkdir /tmp/a/
allow_mkchar /dev/null
allow_rename /a /b
allow_mount dev / ext3 0x1
allow_env HOME

<kernel> /sbin/init
use_profile 3
ignore_global_allow_read
quota_exceeded

allow_unlink @TMP
"""


def test_a_domain_policy_is_converted():
    policy = convert_domain_policy(OLD)
    assert policy.text() == (
        "<kernel>\nuse_profile 1\nuse_group 0\n\n"
        "file execute /sbin/init\nfile read/write/append /dev/null\nfile write/append /var/log/a\n"
        "file create /tmp/\\$ 0600\nfile mkdir /tmp/a/ 0-07777\n"
        "file mkchar /dev/null 0-07777 0-4095 0-1048575\nfile rename /a /b\nfile mount dev / ext3 0x1\n"
        "misc env HOME\n\n"
        "<kernel> /sbin/init\nuse_profile 3\nquota_exceeded\n\nfile unlink @TMP\n\n"
    )
    for domain in policy.values():
        assert [str(parse_rule(rule)) for rule in domain.rules] == list(domain.rules)


def test_an_exception_policy_is_converted():
    policy = convert_exception_policy(
        "initialize_domain /usr/sbin/httpd\nkeep_domain <kernel> /bin/sh\nallow_read /etc/ld.so.cache\n"
        "path_group A /a\n"
    )
    assert policy.text() == (
        "initialize_domain /usr/sbin/httpd from any\nkeep_domain any from <kernel> /bin/sh\n"
        "path_group A /a\nacl_group 0 file read /etc/ld.so.cache\n"
    )


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("allow_rewrite /a", "no counterpart"),
        ("deny_rewrite /a", "no counterpart"),
        ("allow_network TCP bind 0.0.0.0 80", "1.x"),
        ("6 /etc/passwd", "1.x"),
        ("allow_fly /a", "no TOMOYO 2 version"),
    ],
)
def test_what_has_no_counterpart_is_refused_by_name(line, seen):
    text = f"<kernel>\n{line}\nallow_read /a\n"
    with pytest.raises(PolicyError, match=seen) as caught:
        convert_domain_policy(text, source="old.conf")
    assert (caught.value.source, caught.value.line) == ("old.conf", 2)
    policy = convert_domain_policy(text, lenient=True)
    assert policy["<kernel>"].rules == ("file read /a",)
    assert [bad.text for bad in policy.bad_lines] == [line]


def test_exception_lines_without_a_counterpart():
    for line in ("file_pattern /proc/\\$/stat", "alias /a /b", "ignore_global_allow_env"):
        with pytest.raises(PolicyError, match="no counterpart"):
            convert_exception_policy(line)


def test_the_old_syntax_is_recognised_and_never_half_read():
    assert is_legacy("allow_read /a")
    assert is_legacy("delete deny_rewrite /a")
    assert not is_legacy("file read /a")
    for line in ("allow_read /a", "ignore_global_allow_read", "4 /a"):
        with pytest.raises(PolicyError, match=r"2\.3 or older"):
            parse_domain_policy(f"<kernel>\n{line}\n")
