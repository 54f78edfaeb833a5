"""Each bound fires once, and lets its neighbour pass."""

from __future__ import annotations

import pytest

from harness.analysis.tuning import parse_rules
from harness.analysis.tuning.bounds import BOUNDS, broken_bound, check_share
from harness.analysis.tuning.rewriting import Rewriter
from harness.errors import PolicyError
from harness.policy import parse_rule

CASES = {
    "whole-home": ("file read", "/home/amnesia/Documents/a.odt", r"/home/amnesia/\{\*\}/\*"),
    "system-write": ("file write", "/etc/cups/printers.conf", r"/etc/cups/\*"),
    "secrets": ("file read", "/home/amnesia/notes/today", r"/home/amnesia/\*/\*"),
    "started": ("file write", "/home/amnesia/.config/gtk-4.0/settings.ini", r"/home/amnesia/.config/\*/\*"),
    "top-folder": ("file read", "/srv/a", r"/\*/a"),
}


def rewrite(directive: str, name: str, pattern: str, **more: str) -> str:
    options = "".join(f"{key.replace('_', '-')} = {value}\n" for key, value in more.items())
    rules = parse_rules(
        f"""
        [[rule]]
        name = "too-wide"
        reason = "to see the bound hold"
        directives = ["{directive}"]
        patterns = ['{pattern}']
        {options}""",
        source="test.toml",
    )
    return str(Rewriter((rules,)).rewrite("<kernel> /a", parse_rule(f"{directive} {name}")).rule)


def test_every_bound_is_tried_here():
    assert {bound.name for bound in BOUNDS} == CASES.keys()


@pytest.mark.parametrize("bound", CASES)
def test_a_rule_beyond_a_bound_is_an_error_that_names_both(bound: str):
    with pytest.raises(PolicyError) as caught:
        rewrite(*CASES[bound])
    assert "too-wide" in str(caught.value)
    assert bound in caught.value.expected
    assert CASES[bound][1] in str(caught.value)


def test_what_is_executed_is_generalised_only_with_its_domains():
    program = "/usr/lib/gimp/2.10/plug-ins/x"
    pattern = r"/usr/lib/gimp/\*/plug-ins/x"
    with pytest.raises(PolicyError, match="without moving the domains") as caught:
        rewrite("file execute", program, pattern)
    assert "too-wide" in str(caught.value)
    assert "execute" in caught.value.expected
    assert rewrite("file execute", program, pattern, moves_domains="true") == f"file execute {pattern}"


@pytest.mark.parametrize(
    ("operation", "old", "new"),
    [
        ("read", "/home/amnesia/.cache/x/a1", r"/home/amnesia/.cache/x/\*"),
        ("read", "/usr/share/icons/a/b", r"/usr/share/icons/\{\*\}/\*"),
        ("write", "/run/systemd/units/a", r"/run/systemd/units/\*"),
        ("write", "/etc/.#locale0123456789abcdef", r"/etc/.#locale\X"),
        ("write", "/etc/resolv.conf.G4JHZ3", r"/etc/resolv.conf.\?\?\?\?\?\?"),
        ("read", "/home/amnesia/.gnupg/a/b", r"/home/amnesia/.gnupg/\*/b"),
        ("write", "/etc/passwd", "/etc/passwd"),
        ("read", "proc:/17/stat", r"proc:/\{\*\}/stat"),
    ],
)
def test_what_is_within_all_bounds(operation: str, old: str, new: str):
    assert broken_bound(operation, old, new) is None


@pytest.mark.parametrize(
    ("operation", "new"),
    [
        ("write", r"/etc/.#\X"),
        ("write", r"/etc/.#\*"),
        ("write", r"/etc/r\?\?\?\?\?\?"),
        ("write", r"/etc/\?\?\?\?.\?\?\?\?\?\?"),
        ("write", r"/etc/resolv.conf.\*"),
        ("rename", r"tmpfs:/rw/usr/bin/\*"),
        ("write", r"/\{\*\}/x"),
        ("append", r"/sys/kernel/security/tomoyo/\*"),
    ],
)
def test_ways_around_the_bound_on_writing(operation: str, new: str):
    bound = broken_bound(operation, "/etc/x", new)
    assert bound is not None
    assert bound.name in ("system-write", "whole-home", "top-folder")


@pytest.mark.parametrize(
    ("operation", "new", "broken"),
    [
        ("read", r"/etc/\*", "secrets"),
        ("read", r"/run/live/overlay/rw/home/\*/.ssh/\*", "secrets"),
        ("read", r"/run/live/overlay/rw/etc/\*", "secrets"),
        ("write", r"/run/live/overlay/rw/usr/bin/\*", "system-write"),
        ("write", r"/run/live/overlay/rw/home/amnesia/.config/autostart/\*", "started"),
        ("rename", r"/home/amnesia/.\*rc", "started"),
        ("write", r"/home/amnesia/.z\*", "started"),
        ("rename", r"/home/amnesia/.config/\*/", "started"),
        ("rename", r"/home/amnesia/.ss\*/", "secrets"),
        ("read", r"/run/live/overlay/rw/home/amnesia/Documents/\{\*\}/\*", "whole-home"),
        ("read", r"/run/live/overlay/rw/home/amnesia/keys/private-keys-v1.d/\*", "secrets"),
        ("read", r"/run/live/overlay/rw/\*/a", "top-folder"),
        ("write", r"/run/live/\{\*\}/\*", "system-write"),
        ("read", r"/run/live/overlay/\*/etc/\*", "secrets"),
        ("read", r"/home/amnesia/.\*rc", None),
        ("write", r"/home/amnesia/.config/gtk-4.0/\*", None),
    ],
)
def test_other_names_and_what_a_session_starts_count_too(operation: str, new: str, broken: str | None):
    bound = broken_bound(operation, "/srv/x", new)
    assert (bound and bound.name) == broken


@pytest.mark.parametrize(
    "new",
    [
        r"securityfs:/tomoyo/\*",
        r"proc:/sys/\{\*\}/\*",
        r"/dev/\*",
        r"/dev/sd\*",
        r"/var/\{\*\}/\*",
        r"/var/spool/cron/crontabs/\*",
        r"/var/lib/dpkg/info/\*",
    ],
)
def test_what_rules_the_system_is_not_written_to_by_a_pattern(new: str):
    bound = broken_bound("write", "", new)
    assert bound is not None
    assert bound.name == "system-write"
    assert broken_bound("read", "", new) is None


@pytest.mark.parametrize(
    ("line", "bound"),
    [
        ("file write /etc/shadow", "system-write"),
        ("file read /home/amnesia/.ssh/id_ed25519", "secrets"),
        (r"file read /home/amnesia/\*/private-keys-v1.d/\X.key", "secrets"),
        ("file execute /usr/bin/sudo", "execute"),
        ("file write @ANY_PATHNAME", "groups"),
        ("file rename /tmp/a @ANY_PATHNAME", "groups"),
    ],
)
def test_a_share_is_held_to_the_bounds_word_by_word(line: str, bound: str):
    with pytest.raises(PolicyError) as caught:
        check_share("everybodys", [parse_rule(line)], limited=False)
    assert bound in caught.value.expected


KEYBOX = r"file create /home/\*/.gnupg/pubring.kbx 0-0777"


def test_a_share_of_some_domains_may_be_about_a_folder_of_keys_that_they_have_been_in():
    inside = [parse_rule(KEYBOX), parse_rule(r"file write tmpfs:/rw/home/\*/.gnupg/pubring.kbx")]
    assert check_share("keybox", inside, limited=True) is None
    for rules, limited in ((inside, False), ([*inside, parse_rule("file read /etc/passwd")], True)):
        with pytest.raises(PolicyError) as caught:
            check_share("keybox", rules, limited=limited)
        assert "secrets" in caught.value.expected


def test_keys_in_a_folder_of_any_name_stay_where_they_are():
    key = f"/home/amnesia/bob/private-keys-v1.d/{'0A' * 20}.key"
    assert broken_bound("read", key, r"/home/amnesia/\*\-.\*/private-keys-v1.d/\X.key") is None
    wider = broken_bound("read", key.replace("private-keys-v1.d", "papers"), r"/home/amnesia/\*/\*/\*")
    assert wider is not None
    assert wider.name == "secrets"


@pytest.mark.parametrize("name", ["openpgp-revocs.d/0A.rev", "pubring.kbx", "trustdb.gpg", "gpg.conf"])
def test_so_does_all_else_that_gnupg_keeps_there(name: str):
    folders = r"\*\-.\*\-private-keys-v1.d/" * name.count("/")
    wide = rf"/home/amnesia/\*\-.\*/{folders}\*\-.\*"
    beyond = broken_bound("write", "/home/amnesia/papers/a.txt", wide)
    assert beyond is not None
    assert beyond.name == "secrets"
    assert broken_bound("write", f"/home/amnesia/bob/{name}", rf"/home/amnesia/\*\-.\*/{name}") is None


@pytest.mark.parametrize(
    "new", [r"/dev/pts/\$", r"/dev/tty\$", r"/dev/input/event\$", r"/var/log/journal/\*"]
)
def test_a_terminal_is_written_to_by_a_pattern(new: str):
    assert broken_bound("write", "", new) is None


@pytest.mark.parametrize(
    ("rule", "bound"),
    [
        (r"file write /etc/\*", "system-write"),
        (r"file read /home/\{\*\}/\*", "whole-home"),
        (r"file execute /usr/bin/\*", "execute"),
    ],
)
def test_a_share_is_held_against_the_bounds(rule: str, bound: str):
    share = f"[[share]]\nname = 'wide'\nreason = 'to see it refused'\ngroup = 9\nrules = ['{rule}']\n"
    with pytest.raises(PolicyError) as caught:
        parse_rules(share, source="x.toml")
    assert bound in caught.value.expected
    assert "wide" in str(caught.value)
