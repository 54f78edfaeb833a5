from collections.abc import Callable

from harness.policy import ExceptionPolicy, parse_domain_policy, parse_exception_policy
from harness.policy.exception_policy import parse_entry
from harness.policy.what_if import WhatIf, programs_like, reached, what_if

# GnuPG as four programs reach it.
GNUPG = """\
<kernel>
use_profile 1

file execute /usr/bin/gpg

<kernel> /usr/bin/thunderbird
use_profile 1

file execute /usr/bin/gpg

<kernel> /usr/bin/thunderbird /usr/bin/gpg
use_profile 1

file read /home/amnesia/.gnupg/pubring.kbx
file read/write /tmp/mail

<kernel> /usr/bin/kleopatra /usr/bin/gpgconf /usr/bin/gpg
use_profile 1
use_group 3

file read/write /home/amnesia/.gnupg/pubring.kbx
file execute /usr/bin/gpg-agent

<kernel> /usr/bin/kleopatra /usr/bin/gpgconf /usr/bin/gpg /usr/bin/gpg-agent
use_profile 1

file read /dev/random

<kernel> /usr/bin/nautilus /usr/bin/gpg
use_profile 1

file read /home/amnesia/\\*

<kernel> /usr/sbin/apt-key /usr/bin/gpg
use_profile 1

file read /etc/apt/trusted.gpg

"""


def tried(*lines: str, exceptions: str = "") -> WhatIf:
    return what_if(
        parse_domain_policy(GNUPG), parse_exception_policy(exceptions), [parse_entry(line) for line in lines]
    )


def test_four_ways_to_gnupg_become_one() -> None:
    assert len(reached(parse_domain_policy(GNUPG), "/usr/bin/gpg")) == 4
    result = tried("initialize_domain /usr/bin/gpg from any")
    assert result.merged == {"<kernel> /usr/bin/gpg": tuple(reached(result.before, "/usr/bin/gpg"))}
    merged = result.after["<kernel> /usr/bin/gpg"]
    assert "file read/write /home/amnesia/.gnupg/pubring.kbx" in merged.rules
    assert merged.groups == (3,)
    assert result.moved["<kernel> /usr/bin/kleopatra /usr/bin/gpgconf /usr/bin/gpg /usr/bin/gpg-agent"] == (
        "<kernel> /usr/bin/gpg /usr/bin/gpg-agent"
    )
    assert result.before.rule_count >= result.after.rule_count


def test_each_caller_gains_what_only_the_others_could() -> None:
    gains = {
        gain.domain: [str(rule) for rule in gain.rules]
        for gain in tried("initialize_domain /usr/bin/gpg from any").gains
    }
    thunderbird = gains["<kernel> /usr/bin/thunderbird /usr/bin/gpg"]
    assert "file write /home/amnesia/.gnupg/pubring.kbx" in thunderbird
    assert "file read /home/amnesia/.gnupg/pubring.kbx" not in thunderbird
    assert "file read /etc/apt/trusted.gpg" in thunderbird
    assert "file write /tmp/mail" not in thunderbird


def test_keep_domain_merges_everything_below() -> None:
    result = tried("keep_domain any from <kernel> /usr/bin/kleopatra")
    assert {name for name, target in result.moved.items() if target == "<kernel> /usr/bin/kleopatra"} == {
        "<kernel> /usr/bin/kleopatra /usr/bin/gpgconf /usr/bin/gpg",
        "<kernel> /usr/bin/kleopatra /usr/bin/gpgconf /usr/bin/gpg /usr/bin/gpg-agent",
    }


def test_an_aggregator_joins_programs() -> None:
    result = tried("aggregator /usr/bin/gpg\\* /usr/bin/gnupg")
    assert (
        result.moved["<kernel> /usr/bin/nautilus /usr/bin/gpg"] == "<kernel> /usr/bin/nautilus /usr/bin/gnupg"
    )
    assert not result.merged


def test_what_is_in_force_already_changes_nothing() -> None:
    line = "initialize_domain /usr/bin/gpg from any"
    result = tried(line, exceptions=line)
    assert (result.moved, result.gains) == ({}, ())
    assert result.after.text() == result.before.text()


def test_a_real_desktop(corpus: Callable[[str], bytes]) -> None:
    policy = parse_domain_policy(corpus("debian12-firefox.domain_policy.conf.gz"))
    exceptions = parse_exception_policy(corpus("debian12.exception_policy.conf"))
    result = what_if(policy, exceptions, [parse_entry("initialize_domain /usr/bin/gpgconf from any")])
    assert result.merged == {"<kernel> /usr/bin/gpgconf": tuple(reached(policy, "/usr/bin/gpgconf"))}
    seahorse = next(gain for gain in result.gains if "/usr/bin/seahorse" in gain.domain)
    assert "file write /dev/null" in map(str, seahorse.rules)
    assert what_if(policy, ExceptionPolicy(), []).moved == {}


def test_what_a_line_names_and_no_domain_has_is_told() -> None:
    assert tried("initialize_domain /usr/bin/gpg from any").unmet == ()
    assert tried("initialize_domain /usr/bin/gpg2 from /bin/mutt").unmet == ("/usr/bin/gpg2", "/bin/mutt")
    assert tried("keep_domain any from <kernel> /usr/bin/kleopatra").unmet == ()
    assert tried("keep_domain any from <kernel> /usr/bin/mutt").unmet == ("<kernel> /usr/bin/mutt",)
    aggregator = "aggregator /usr/bin/gpg\\* /usr/bin/gnupg"
    assert tried(aggregator, "initialize_domain /usr/bin/gnupg from any").unmet == ()


def test_programs_that_may_be_meant() -> None:
    policy = parse_domain_policy(GNUPG)
    assert programs_like(policy, "gpg") == ["/usr/bin/gpg"]
    assert programs_like(policy, "/usr/bin/kleopetra") == []
    assert programs_like(policy, "/usr/bin/thunderbrid") == ["/usr/bin/thunderbird"]
    assert programs_like(policy, "zzz") == []
