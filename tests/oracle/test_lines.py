"""The parser and the printer: which lines the kernel takes, and how it spells them."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy import parse_domain_policy, parse_exception_policy, parse_profile, parse_rule
from harness.policy.exception_policy import parse_entry
from tests.generators.accesses import questions, rules_for
from tests.oracle.kernel import Kernel

_CORPUS = Path(__file__).parents[1] / "corpus"
_DOMAIN = "<kernel> /lines"

_TEXT = r"""
file read write read/write execute execute/read create mkdir link rename mount ioctl mkchar unmount
/a /a/ /\* /\{a\}/ @G 0 1-2 2-1 0x1F 010 08 0x any <kernel> /b proc:/1/stat ./a a misc env A=B PATH
task manual_domain_transition network inet unix stream dgram raw seqpacket bind connect listen send
accept bind/connect 127.0.0.1 ::1 1::2-1::3 1.2.3.4-1.2.3.5 256.1.1.1 80 65536 1-65535 \000x keep
child reset parent initialize grant_log=yes grant_log=no task.uid=0 task.uid!=@G path1.uid=task.uid
path1.perm=0644 path1.type=file path1.perm!=setuid path2.parent.ino=1-2 exec.argv[0]="x"
exec.argv[1]!="\*" exec.envp["A"]=NULL exec.envp["A"]!="1" exec.realpath="/a" exec.realpath=@G
symlink.target="/x" exec.argc=1 1=1 0-1=task.uid task.uid==0 task.uid= =1 path1.nothing=1
exec.argv[x]="" exec.argv[00]="" "" \q \040
"""
_WORDS = st.sampled_from(_TEXT.split())


@st.composite
def _lines(draw: st.DrawFn) -> str:
    """A rule that may be right, or one with a word too many, too few or out of place."""
    words = draw(questions().flatmap(rules_for)).split(" ")
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(words)))
        change = draw(st.sampled_from(["insert", "replace", "drop", "append"]))
        if change == "insert":
            words.insert(at, draw(_WORDS))
        elif change == "append":
            words.append(draw(_WORDS))
        elif at < len(words):
            words[at : at + 1] = [draw(_WORDS)] if change == "replace" else []
    return " ".join(words)


def _ours(line: str) -> str | None:
    try:
        return str(parse_rule(line))
    except PolicyError:
        return None


@settings(max_examples=40, deadline=None)
@given(lines=st.lists(_lines(), min_size=40, max_size=60))
def test_rules_taken_refused_and_spelled(kernel: Kernel, agreed: Counter[str], lines: list[str]) -> None:
    lines = [line for line in lines if line.strip()]
    names = [f"{_DOMAIN} /{number}" for number in range(len(lines))]
    written = [
        command
        for name, line in zip(names, lines, strict=True)
        for command in (f"domain {name}", f"domain {line}")
    ]
    policy = parse_domain_policy(
        kernel.ask([*written, "show domain_policy", *(f"domain delete {name}" for name in names)])[0]
    )
    theirs = [policy[name].rules[0] if policy[name].rules else None for name in names]
    differing = [
        (line, mine, spelled)
        for line, mine, spelled in zip(lines, map(_ours, lines), theirs, strict=True)
        if mine != spelled
    ]
    assert not differing
    agreed["a rule: refused"] += theirs.count(None)
    agreed["a rule: taken, and spelled the same"] += len(theirs) - theirs.count(None)


@pytest.mark.parametrize("name", ["debian12-ready", "debian13-ready"])
def test_a_desktops_policy_comes_back_byte_for_byte(kernel: Kernel, agreed: Counter[str], name: str) -> None:
    text = gzip.decompress((_CORPUS / f"{name}.domain_policy.conf.gz").read_bytes()).decode()
    ours = parse_domain_policy(text)
    names = [domain for domain in ours if domain != "<kernel>"]
    lines = [f"domain {line}" for line in text.splitlines() if line]
    [dumped] = kernel.ask(
        [
            "profile 1-COMMENT=",
            *lines,
            "show domain_policy",
            *(f"domain delete {domain}" for domain in names),
        ],
        seconds=150,
    )
    kept = parse_domain_policy(dumped)
    assert kept.text() == dumped
    for domain in names:
        assert kept[domain].rules == ours[domain].rules
    agreed["a policy's line: loaded, dumped, printed the same"] += ours.rule_count


def test_exceptions_and_profiles_come_back_byte_for_byte(kernel: Kernel, agreed: Counter[str]) -> None:
    text = (_CORPUS / "debian13.exception_policy.conf").read_text()
    entries = [line for line in text.splitlines() if line]
    before, after = kernel.ask(
        ["show exception_policy", *(f"exception {line}" for line in entries), "show exception_policy"]
    )
    kernel.ask([f"exception delete {line}" for line in entries])
    policy = parse_exception_policy(after)
    assert policy.text() == after
    assert {str(entry) for entry in parse_exception_policy(before).entries} <= {
        str(e) for e in policy.entries
    }
    assert all(parse_entry(line) in policy.entries for line in entries if not line.startswith("acl_group"))
    [profiles] = kernel.ask(["show profile"])
    assert parse_profile(profiles).text() == profiles
    agreed["a policy's line: loaded, dumped, printed the same"] += len(policy.entries)
