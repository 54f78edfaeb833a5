"""Files of tuning rules: what they say, and what is refused in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.analysis.tuning import SHIPPED, load_domains, load_rules, parse_domains, parse_rules
from harness.errors import PolicyError

RULE = """
[[rule]]
name = "a-rule"
reason = "because it is a test"
"""


def test_the_shipped_sets_are_readable_and_have_reasons():
    sets = load_rules()
    assert [rules.name for rules in sets] == list(SHIPPED)
    for rules in sets:
        assert rules.all()
        assert all(len(entry.reason) > 20 for entry in rules.all())


def test_rules_may_come_from_files_and_by_name(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(RULE + r"patterns = ['/srv/\$']")
    kernel, mine = load_rules(["kernel", str(path)])
    assert kernel.name == "kernel"
    assert mine.rules[0].patterns == (r"/srv/\$",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule", "no TOML"),
        ("[[rule]]\nname = 'x'\npatterns = ['/a']", "reason"),
        (RULE + "patern = '/a'", "patern"),
        (RULE, "either match and pattern, or patterns, or ports"),
        (RULE + "match = 'a'", "match needs the pattern"),
        (RULE + "match = '('\npattern = '\\*'", "not a regular expression"),
        (RULE + "patterns = ['/a b']", "not a word"),
        (RULE + "ports = '99-1'", "not a number"),
        (RULE + "ports = '1-70000'", "not a port"),
        (RULE + "match = 'a'\npattern = 'b'", "no wildcard"),
        (RULE + "patterns = ['/a']\nmatch = 'a'\npattern = '\\*'", "either match"),
        (RULE + "patterns = ['/a']" + RULE + "patterns = ['/a']", "two rules are called a-rule"),
        ("[[share]]\nname='s'\nreason='because of it'\ngroup=1\nrules=['allow_read /a']", "no rule begins"),
        (
            "[[share]]\nname='s'\nreason='because of it'\ngroup=-1\nrules=['misc env A']",
            "group is -1",
        ),
        (
            "[[share]]\nname='s'\nreason='because of it'\ngroup=0\ndomains=['/a']\nrules=['misc env A']",
            "every domain's",
        ),
    ],
)
def test_what_is_refused(text: str, message: str):
    with pytest.raises(PolicyError, match=message) as caught:
        parse_rules(text, source="bad.toml")
    assert caught.value.source == "bad.toml"


def test_a_missing_file_says_what_there_is():
    with pytest.raises(PolicyError, match="cannot be read") as caught:
        load_rules(["no-such-set"])
    assert "kernel" in caught.value.expected


def test_a_file_that_is_no_text_is_told(tmp_path: Path):
    (tmp_path / "system.toml").write_bytes(b"\x7fELF\x80")
    with pytest.raises(PolicyError, match="is no text"):
        load_rules([str(tmp_path / "system.toml")])


def test_names_are_unique_over_all_sets(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(RULE.replace("a-rule", "process-number") + r"patterns = ['/srv/\$']")
    with pytest.raises(PolicyError, match="two rules are called process-number"):
        load_rules(["kernel", str(path)])


@pytest.mark.parametrize(
    ("wanted", "domain", "applies"),
    [
        ("/usr/bin/ps", "<kernel> /usr/bin/bash /usr/bin/ps", True),
        ("/usr/bin/ps", "<kernel> /usr/bin/ps /usr/bin/cat", False),
        (r"/usr/bin/\*", "<kernel> /usr/bin/cat", True),
        ("<kernel> /usr/bin/ps", "<kernel> /usr/bin/bash /usr/bin/ps", False),
        ("<kernel> /usr/bin/ps", "<kernel> /usr/bin/ps", True),
    ],
)
def test_in_which_domains_a_rule_applies(wanted: str, domain: str, applies: bool):
    rules = parse_rules(RULE + f"domains = ['{wanted}']\npatterns = ['/a']", source="x.toml")
    assert rules.rules[0].applies_in(domain) is applies


def test_execution_has_to_be_named():
    rule = parse_rules(RULE + "patterns = ['/a']", source="x.toml").rules[0]
    assert rule.applies_to("file read")
    assert not rule.applies_to("file execute")
    assert not rule.applies_to("network unix stream bind")


def test_the_domains_file_of_the_reference_image():
    assert any("gpg" in str(entry) for entry in load_domains("reference"))


@pytest.mark.parametrize("line", ["acl_group 0 file read /a", "initialise_domain /a from any"])
def test_a_domains_file_holds_only_what_chooses_domains(line: str):
    with pytest.raises(PolicyError):
        parse_domains(f"[[domain]]\nreason = 'because of it'\nlines = ['{line}']", source="d.toml")


def test_a_share_may_be_for_some_domains_only():
    share = """
[[share]]
name = "s"
reason = "because it is a test"
group = 1
domains = ['%s']
rules = ['misc env A']
"""
    (one,) = parse_rules(share % r"/usr/bin/\*", source="x.toml").shares
    assert one.applies_in("<kernel> /usr/bin/cat")
    assert not one.applies_in("<kernel> /usr/sbin/cat")
    with pytest.raises(PolicyError, match="not a domain"):
        parse_rules(share % "/a  /b", source="x.toml")


def test_two_shares_of_different_files_cannot_have_one_group(tmp_path: Path):
    share = "[[share]]\nname = '{0}'\nreason = 'because it is a test'\ngroup = {1}\nrules = ['misc env A']\n"
    own = tmp_path / "own.toml"
    own.write_text(share.format("mine", 101))
    with pytest.raises(PolicyError, match="both want acl_group 101"):
        load_rules(["environment", str(own)])
    own.write_text(share.format("mine", 100))
    with pytest.raises(PolicyError, match="the shares overlay-layer and mine both want acl_group 100"):
        load_rules([str(own)])
    own.write_text(share.format("mine", 0) + share.format("mine-too", 0))
    assert len(load_rules(["kernel", str(own)])) == 2


@pytest.mark.parametrize("addresses", ["127.0.0.0-127.255.255.255", "0.0.0.0", "126.0.0.0-128.0.0.0", "::1"])
def test_this_computer_does_not_become_everywhere_else(addresses: str):
    with pytest.raises(PolicyError, match="is this computer"):
        parse_rules(
            f"[[rule]]\nname = 'x'\nreason = 'because it is a test'\naddresses = '{addresses}'\n",
            source="x.toml",
        )


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ("ports = '1-65535'\nwithin = ['/nothing']\ndirectives = ['network inet']", "leave within out"),
        ("ports = '1-65535'\nword = 'target'\ndirectives = ['network inet']", "leave word out"),
        ("ports = '1-65535'", "begin with"),
        ("ports = '1-65535'\ndirectives = ['network unix']", "begin with"),
        (r"patterns = ['/a/\*']" + "\npattern = '/a'", "what match becomes"),
        ("match = '[0-9]'\npattern = '\\$'\nmoves-domains = true", 'in "file execute"'),
        (
            "match = '[0-9]'\npattern = '\\$'\nmoves-domains = true\ndirectives = ['file execute']\n"
            "word = 'argument'",
            'in "file execute"',
        ),
    ],
)
def test_a_key_that_would_not_be_looked_at_is_refused(keys: str, complaint: str):
    with pytest.raises(PolicyError, match=complaint):
        parse_rules(RULE + keys, source="x.toml")


def test_domains_may_be_chosen_by_who_started_the_program():
    text = RULE + r"patterns = ['/srv/\$']" + "\ndomains = ['/usr/bin/mat2 /usr/bin/bwrap']"
    (rule,) = parse_rules(text, source="x.toml").rules
    assert rule.applies_in("<kernel> /usr/bin/bash /usr/bin/mat2 /usr/bin/bwrap")
    assert not rule.applies_in("<kernel> /usr/bin/nautilus /usr/bin/bwrap")
    assert not rule.applies_in("/usr/bin/bwrap")


def test_domains_are_moved_everywhere_or_nowhere():
    with pytest.raises(PolicyError, match="leave domains out"):
        parse_rules(
            """
            [[rule]]
            name = "half"
            reason = "because it is a test"
            directives = ["file execute"]
            domains = ['/usr/bin/a']
            patterns = ['/opt/\\*/x']
            moves-domains = true
            """,
            source="x.toml",
        )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "[[rule]]\nname = 'mine'\nreason = 'short'\npatterns = ['/a']",
            ["rule 'mine': reason is 'short'", "expected: a text of ten characters or more"],
        ),
        (
            RULE + "patterns = ['/a']\n[[rule]]\nreason = 'because of it'\npatterns = ['/a']",
            ["rule 2 has no name", "expected: small letters, digits"],
        ),
        (
            "[rule]\nname = 'mine'",
            ["[rule] is a single table", "expected: [[rule]], in two brackets"],
        ),
        (
            "[[rules]]\nname = 'mine'",
            [
                "there is no 'rules' here",
                "expected: [[rule]] and [[share]]",
                "to do: perhaps 'rule' was meant",
            ],
        ),
        (
            RULE + r"patterns = '/tmp/\*'",
            [r"rule 'a-rule': patterns is '/tmp/\*'", "expected: a list of texts in brackets"],
        ),
        (
            RULE + "paterns = ['/a']\npatterns = ['/a']",
            [
                "rule 'a-rule' has a key 'paterns', which there is not",
                "expected: name, reason, domains, directives, within",
                "to do: perhaps 'patterns' was meant",
            ],
        ),
        (
            RULE + "patterns = ['/a', 5]",
            ["rule 'a-rule': patterns, number 2 is 5", "expected: a list of texts"],
        ),
        (RULE + "patterns = ['/a']\nword = 'nam'", ["word is 'nam'", "expected: name, target, argument"]),
        (
            RULE + "patterns = ['/a']\ndirectives = ['file raed']",
            [
                "directives, number 1: no line of policy begins with 'file raed'",
                "expected: the first words of a line with one permission",
                "to do: perhaps 'file read' was meant",
            ],
        ),
        (RULE + 'patterns = ["/a/\\*"]', ["bad.toml:5:19: no TOML", "patterns in single quotes"]),
        ("# nothing yet\n", ["there is no rule in it", "expected: a [[rule]] or a [[share]]"]),
    ],
)
def test_an_author_of_toml_understands_what_is_wrong(text: str, lines: list[str]):
    with pytest.raises(PolicyError) as caught:
        parse_rules(text, source="bad.toml")
    assert str(caught.value).startswith("bad.toml:")
    for line in lines:
        assert line in str(caught.value)


def test_the_first_of_several_mistakes_says_that_there_are_more():
    with pytest.raises(PolicyError, match="mistakes beside it: 1"):
        parse_rules("[[rule]]\nname = 'x'\nreason = 5\nwithin = 'x'\n", source="bad.toml")


@pytest.mark.parametrize(
    "directive",
    [
        "file",
        "file read",
        "file execute",
        "network",
        "network unix",
        "network inet stream connect",
        "misc env",
    ],
)
def test_directives_are_beginnings_of_lines(directive: str):
    text = RULE + f"patterns = ['/a']\ndirectives = ['{directive}']"
    assert parse_rules(text, source="x.toml").rules[0].directives == (directive,)


@pytest.mark.parametrize("directive", ["file read/write", "file read /a", "", "network inet tcp", "read"])
def test_what_is_no_beginning_of_a_line_would_do_nothing(directive: str):
    with pytest.raises(PolicyError, match="no line of policy begins with"):
        parse_rules(RULE + f"patterns = ['/a']\ndirectives = ['{directive}']", source="x.toml")


def test_a_file_of_domains_has_some():
    with pytest.raises(PolicyError, match="there is no domain in it"):
        parse_domains("", source="d.toml")
    with pytest.raises(PolicyError, match="domain 1: reason is 'why'"):
        parse_domains("[[domain]]\nreason = 'why'\nlines = ['keep_domain any from /a']", source="d.toml")


def test_all_names_every_set_of_tomographs_own(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(RULE + r"patterns = ['/srv/\$']")
    assert [rules.name for rules in load_rules(["all", str(path)])] == [*SHIPPED, "mine"]
    assert [rules.name for rules in load_rules(["kernel", "all"])][:2] == ["kernel", "hardware"]
    assert len(load_rules(["kernel", "all"])) == len(SHIPPED)
    # A policy may have been tuned by a file that is called so.
    assert len(load_rules(["all"], {"all": path.read_text()})) == 1
