"""Profiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy.profile import (
    FUNCTIONS,
    Config,
    Profile,
    audit_ring,
    function_of,
    parse_profile,
)

PRINTED = """\
PROFILE_VERSION=20150505
0-COMMENT=-----Disabled Mode-----
0-PREFERENCE={ max_audit_log=1024 max_learning_entry=2048 }
0-CONFIG={ mode=disabled grant_log=yes reject_log=yes }
7-COMMENT=
7-PREFERENCE={ max_audit_log=1 max_learning_entry=2 }
7-CONFIG={ mode=learning grant_log=no reject_log=yes }
7-CONFIG::file::execute={ mode=enforcing grant_log=no reject_log=no }
7-CONFIG::misc::env={ mode=permissive grant_log=yes reject_log=yes }
7-CONFIG::file={ mode=disabled grant_log=no reject_log=no }
"""


def test_profiles_come_back_as_printed(corpus):
    assert parse_profile(PRINTED).text() == PRINTED
    data = corpus("debian12.profile.conf")
    assert parse_profile(data).dump() == data


def test_what_holds_for_an_access():
    profile = parse_profile(PRINTED).profiles()[7]
    assert profile.config("file::execute").mode == "enforcing"
    assert profile.config("file::open") == Config("disabled", False, False)
    assert profile.config("network::inet_stream_bind") == Config("learning", False, True)
    assert (profile.max_audit_log, profile.max_learning_entry) == (1, 2)


def test_a_hand_written_profile_gets_the_kernels_defaults():
    text = "PROFILE_VERSION=20110903\n3-CONFIG::network={ mode=enforcing }\n3-CONFIG={ mode=permissive }\n"
    profile = parse_profile(text).profiles()[3]
    assert profile == Profile(
        default=Config("permissive"), configs={"network": Config("enforcing", True, True)}
    )


def test_use_default_and_a_config_without_a_mode():
    text = "1-CONFIG::file={ mode=learning }\n1-CONFIG::file=use_default\n1-CONFIG::misc={ grant_log=no }\n"
    assert dict(parse_profile(text).profiles()[1].configs) == {}


def test_namespaces():
    text = "<kernel> PROFILE_VERSION=20150505\n<a> PROFILE_VERSION=20150505\n"
    assert parse_profile(text + "<a> 1-COMMENT=x\n").profiles("<a>")[1].comment == "x"
    assert parse_profile(text).text() == text


@pytest.mark.parametrize(
    "line",
    [
        *(
            "PROFILE_VERSION=20090903",
            "PROFILE_VERSION=x",
            "256-COMMENT=a",
            "1-FROB=x",
            "1-CONFIG::frob={ }",
            "x",
        ),
        *(
            "1-CONFIG={ mode=enforced }",
            "1-CONFIG=use_default",
            "1-PREFERENCE={ max_audit_log=x }",
            "<> 1-COMMENT=",
        ),
        *("1-CONFIG::file={ reject_log=no mode=learning }", "<a>"),
    ],
)
def test_what_is_no_profile(line):
    with pytest.raises(PolicyError) as caught:
        parse_profile(f"0-COMMENT=\n{line}\n", source="p")
    assert (caught.value.source, caught.value.line) == ("p", 2)
    assert len(parse_profile(line, lenient=True).bad_lines) == 1


def test_the_function_of_an_operation():
    assert function_of("file", "append") == "file::open"
    assert function_of("file", "mount") == "file::mount"
    assert function_of("network unix seqpacket", "listen") == "network::unix_seqpacket_listen"
    assert function_of("misc", "env") == "misc::env"
    with pytest.raises(KeyError):
        function_of("network inet dgram", "listen")
    assert len(FUNCTIONS) == 39


@given(st.binary() | st.text())
def test_any_text_is_survived(text):
    policy = parse_profile(text, lenient=True)
    assert parse_profile(policy.text()).text() == policy.text()


def test_the_audit_ring_is_the_largest_of_the_profiles():
    profile = (
        b"0-PREFERENCE={ max_audit_log=1024 }\n1-PREFERENCE={ max_audit_log=65536 max_learning_entry=9 }\n"
    )
    assert audit_ring(profile) == 65536
    assert audit_ring(b"") == 1024
