"""Names that vary between repetitions are found, and nothing is proposed beyond a bound."""

from __future__ import annotations

import pytest

from harness.analysis.tuning import load_rules, parse_rules, propose
from harness.report.tuning import proposals_toml

SHELL = "<kernel> /usr/bin/gnome-shell"


def patterns(*proposals):
    return [proposal.pattern for proposal in proposals]


@pytest.mark.parametrize(
    ("one", "other", "pattern"),
    [
        ("file read /srv/a-123/x", "file read /srv/a-45/x", r"/srv/a-\$/x"),
        ("file write /srv/q.AB12cd", "file write /srv/q.zZ99qq", r"/srv/q.\?\?\?\?\?\?"),
        ("file read /srv/0f3a9b12cd", "file read /srv/77aa77bb77", r"/srv/\X"),
        ("file read squashfs:/srv/12", "file read /srv/13", r"/srv/\$"),
        ("network unix stream bind /run/p-7", "network unix stream bind /run/p-8", r"/run/p-\$"),
    ],
)
def test_a_name_that_varies_is_proposed_as_a_pattern(learned, one: str, other: str, pattern: str):
    (proposal,) = propose(learned({SHELL: [one]}, {SHELL: [other]}), ())
    assert proposal.pattern == pattern
    assert proposal.programs == ("/usr/bin/gnome-shell",)
    assert {source for _, source in proposal.examples} == {"run: desktop-ready", "run: task-1"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("file read /usr/share/locale/de/a.mo", "file read /usr/share/locale/fr/a.mo"),
        ("file read /srv/1/x", "file read /srv/2/y"),
        ("file execute /srv/run-1", "file execute /srv/run-2"),
        ("file read proc:/17/stat", "file read proc:/18/stat"),
    ],
    ids=["words", "different names", "executed", "a rule has it"],
)
def test_what_is_not_proposed(learned, one: str, other: str):
    assert propose(learned({SHELL: [one]}, {SHELL: [other]}), load_rules(["kernel"])) == []


def test_names_of_one_source_prove_nothing(learned):
    assert propose(learned({SHELL: ["file read /srv/1", "file read /srv/2"]}), ()) == []


def test_names_between_those_that_all_sources_share_are_found_too(learned):
    both = ["file read /srv/a-1", "file read /srv/a-9"]
    evidence = learned({SHELL: [*both, "file read /srv/a-3"]}, {SHELL: [*both, "file read /srv/a-5"]})
    (proposal,) = propose(evidence, ())
    assert [name for name, _ in proposal.examples] == ["/srv/a-3", "/srv/a-5"]


@pytest.mark.parametrize(
    "lines",
    [
        ("file write /etc/cups/printers.conf.17", "file write /etc/cups/printers.conf.18"),
        ("file read /77/x", "file read /78/x"),
    ],
)
def test_nothing_beyond_a_bound(learned, lines):
    one, other = lines
    assert propose(learned({SHELL: [one]}, {SHELL: [other]}), ()) == []


def test_what_is_printed_can_be_pasted(learned):
    found = propose(
        learned({SHELL: ["file read /srv/a\\0401'"]}, {SHELL: ["file read /srv/a\\0402'", "misc env X"]}), ()
    )
    (rule,) = parse_rules(proposals_toml(found), source="proposed.toml").rules
    assert rule.patterns == (r"/srv/a\040\$'",)
    assert rule.directives == ("file read",)
    assert rule.applies_in(SHELL)
    assert (
        propose(
            learned({SHELL: ["file read /srv/a\\0401'"]}, {SHELL: ["file read /srv/a\\0402'"]}),
            (parse_rules(proposals_toml(found), source="proposed.toml"),),
        )
        == []
    )
