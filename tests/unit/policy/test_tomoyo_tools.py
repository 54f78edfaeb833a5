"""Held against Debian's tomoyo-tools, on the corpus: sortpolicy, diffpolicy, selectpolicy, patternize."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.policy import DomainPolicy, Rule, parse_domain_policy, parse_exception_policy, parse_rule
from harness.policy.covering import Groups, covers
from harness.policy.patch import apply
from harness.policy.pattern import matches
from harness.policy.sets import singles, sort

POLICIES = [
    "debian12-firefox.domain_policy.conf.gz",
    "debian13-text-editor.domain_policy.conf.gz",
    "console-13/domain_policy.conf.gz",
    "console-13/fragment.conf.gz",
]


def tool(name: str, *arguments: str | Path, reads: bytes = b"") -> bytes:
    """What a tool of tomoyo-tools prints."""
    return subprocess.run(
        [f"tomoyo-{name}", *arguments], input=reads, capture_output=True, timeout=60, check=True
    ).stdout


def test_sorting_gives_the_lines_of_tomoyo_sortpolicy(corpus):
    data = corpus("debian12-firefox.domain_policy.conf.gz")
    ours = sort(parse_domain_policy(data), one_permission_a_line=True)
    # The tool prints a domain's groups and flags among its rules; the reader puts them where they belong.
    expected = parse_domain_policy(tool("sortpolicy", reads=data))
    assert ours.text() == expected.text()


def test_the_patch_of_tomoyo_diffpolicy_leads_to_the_same_policy(corpus, tmp_path):
    paths = []
    for name in ("debian12-ready", "debian12-firefox"):
        path = tmp_path / name
        path.write_bytes(corpus(f"{name}.domain_policy.conf.gz"))
        paths.append(path)
    old, new = (parse_domain_policy(path.read_bytes()) for path in paths)
    patched = apply(old, tool("diffpolicy", *paths))
    assert {name: set(domain.rules) for name, domain in patched.items()} == {
        name: set(domain.rules) for name, domain in new.items()
    }


def with_name(policy: DomainPolicy, *names: str, descendants: bool) -> bytes:
    """The text of the domains with these names."""
    return DomainPolicy(
        domain
        for domain in policy.values()
        if any(domain.name == name or (descendants and domain.name.startswith(f"{name} ")) for name in names)
    ).dump()


@pytest.mark.parametrize("corpus_name", POLICIES)
def test_tomoyo_selectpolicy_picks_the_domains_of_that_name(corpus, corpus_name):
    data = corpus(corpus_name)
    policy = parse_domain_policy(data)
    some = list(policy)[::10]
    for name in some:
        assert tool("selectpolicy", name, reads=data) == policy[name].text().encode()
        family = tool("selectpolicy", "-r", name, reads=data)
        assert family == with_name(policy, name, descendants=True)
    assert tool("selectpolicy", *some, reads=data) == with_name(policy, *some, descendants=False)
    assert tool("selectpolicy", "-r", "<kernel>", reads=data) == data
    assert tool("selectpolicy", "<kernel> /none", reads=data) == b""


def test_descendants_for_tomoyo_selectpolicy_are_whole_programs():
    data = (
        b"<kernel> /b\n\nfile read /x\n\n<kernel> /bc\n\nfile read /y\n\n<kernel> /b /c\n\nfile read /z\n\n"
    )
    assert list(parse_domain_policy(tool("selectpolicy", "-r", "<kernel> /b", reads=data))) == [
        "<kernel> /b",
        "<kernel> /b /c",
    ]


def test_tomoyo_selectpolicy_copies_what_it_cannot_read():
    data = b"<kernel> /b\nuse_profile 1\n\nfile raed /x\n\n<kernel> /b\n\nfile read /z\n\n"
    chosen = tool("selectpolicy", "<kernel> /b", reads=data)
    assert chosen == data
    assert [bad.text for bad in parse_domain_policy(chosen).unreadable()] == ["file raed /x"]


# Each kind of rewriting, and what the groups in it hold.
REWRITES = r"""
rewrite path_pattern proc:/\$/stat
rewrite head_pattern proc:/\$/
rewrite tail_pattern /.ICE-unix/\$
rewrite path_pattern /usr/lib/x86_64-linux-gnu/\*.so\* @LIBRARIES
rewrite path_pattern squashfs:/usr/lib/\{\*\}/\*
rewrite number_pattern 0x5400-0x54FF @TERMINAL
rewrite number_pattern 1024-65535 @HIGH
rewrite address_pattern 127.0.0.1 @LOOPBACK
rewrite address_pattern 0.0.0.0-255.255.255.255 @ANY
"""
GROUPS = Groups.of(
    parse_exception_policy(
        r"""
path_group LIBRARIES /usr/lib/x86_64-linux-gnu/\*.so\*
number_group TERMINAL 0x5400-0x54FF
number_group HIGH 1024-65535
address_group LOOPBACK 127.0.0.1
address_group ANY 0.0.0.0-255.255.255.255
""".lstrip()
    )
)
# With the places where matching surprises: tests/oracle/test_patterns.py asks the kernel about the same.
PATTERNS = [
    r"proc:/\$/stat",
    r"/usr/\*\-bin/\*",
    r"/usr/lib/\{\*\}/\*",
    r"/run/\*/\*",
    r"/\*/\*",
    r"\*:/\*",
    r"\000/\*/\*/\*",
]


@pytest.fixture
def patternize(tmp_path: Path):
    """Run tomoyo-patternize with these lines of configuration."""

    def run(data: bytes, config: str) -> bytes:
        path = tmp_path / "patternize.conf"
        path.write_text(config)
        return tool("patternize", path, reads=data)

    return run


def rewritten(old: DomainPolicy, printed: bytes) -> Iterator[tuple[Rule, Rule]]:
    """Each permission and what became of it; all that was printed is readable."""
    new = parse_domain_policy(printed)
    assert list(old) == list(new)
    for name, domain in old.items():
        single = [parse_rule(line) for rule in domain.rules for line in singles(rule)]
        yield from zip(single, new[name].parsed(), strict=True)


def without_execute(policy: DomainPolicy) -> DomainPolicy:
    return DomainPolicy(
        replace(
            domain,
            rules=tuple(rule for rule in domain.rules if not rule.startswith("file execute ")),
            lines=(),
        )
        for domain in policy.values()
    )


@pytest.mark.parametrize("corpus_name", POLICIES)
def test_what_tomoyo_patternize_wrote_covers_what_stood_there(corpus, patternize, corpus_name):
    old = without_execute(parse_domain_policy(corpus(corpus_name)))
    changed = [
        (rule, wide) for rule, wide in rewritten(old, patternize(old.dump(), REWRITES)) if rule != wide
    ]
    assert changed
    assert [pair for pair in changed if not covers(pair[1], pair[0], GROUPS)] == []


@pytest.mark.parametrize("corpus_name", POLICIES)
def test_tomoyo_patternize_matches_names_as_we_do(corpus, patternize, corpus_name):
    data = corpus(corpus_name)
    new = patternize(data, "".join(f"rewrite path_pattern {pattern}\n" for pattern in PATTERNS))
    chosen: dict[str, str] = {}

    def ours(operand):
        if not isinstance(operand, str):
            return operand
        if operand not in chosen:
            chosen[operand] = next((text for text in PATTERNS if matches(text, operand)), operand)
        return chosen[operand]

    for rule, theirs in rewritten(parse_domain_policy(data), new):
        assert theirs == replace(rule, operands=tuple(map(ours, rule.operands)))
    assert len(set(chosen.values()) & set(PATTERNS)) > 2


def test_tomoyo_patternize_rewrites_executions_into_other_domains(patternize):
    new = patternize(b"<kernel>\n\nfile execute /usr/bin/dog\n\n", "rewrite path_pattern /usr/bin/\\*\n")
    (line,) = parse_domain_policy(new)["<kernel>"].rules
    assert line == r"file execute /usr/bin/\*"
    # The pattern, not the program, would be the last part of the new domain's name.
    assert not covers(parse_rule(line), parse_rule("file execute /usr/bin/dog"))


@pytest.mark.parametrize(
    ("line", "after"),
    [
        # A pattern is left alone, though the new one covers it; and so is a condition.
        (r"file read /b/\*x", [r"file read /b/\*x"]),
        ('file read /c exec.realpath="/b/c" task.uid=5', ['file read /c exec.realpath="/b/c" task.uid=5']),
        # One permission a line, and equal lines stay.
        ("file read/write /b/x", [r"file read /b/\*", r"file write /b/\*"]),
        ("file read /b/x\nfile read /b/y", [r"file read /b/\*", r"file read /b/\*"]),
        # A range becomes a group only as a whole.
        ("file ioctl /c 10-20", ["file ioctl /c @N"]),
        ("file ioctl /c 5-15", ["file ioctl /c 5-15"]),
    ],
)
def test_what_tomoyo_patternize_leaves(patternize, line, after):
    config = "rewrite path_pattern /b/\\*\nrewrite number_pattern 5 @M\nrewrite number_pattern 10-20 @N\n"
    printed = patternize(f"<kernel>\n\n{line}\n".encode(), config).decode()
    assert printed.splitlines() == ["<kernel>", "", *after]
