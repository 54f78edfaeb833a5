"""Patterns: what the kernel's matcher says to a name.

The names are addresses of unix sockets: they may be any bytes, and the kernel asks the policy before it
looks whether there is such a socket. One `connect` is one question.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import PolicyError
from harness.policy.pattern import PatternSet, decode, matches, parse_word
from harness.policy.word import is_word
from tests.generators.patterns import names_for, near, patterns
from tests.oracle.kernel import Kernel

EPERM = 1
_LONGEST = 100  # bytes of a socket's address, less a little
_DOMAIN = "domain <kernel> /sbin/init"
_ENFORCE_UNIX = "profile 3-CONFIG::network={ mode=enforcing grant_log=no reject_log=no }"


@pytest.fixture(scope="module", autouse=True)
def _profile(kernel: Kernel) -> None:
    kernel.ask([_ENFORCE_UNIX])


def kernel_matches(kernel: Kernel, pattern: str, names: list[str]) -> list[bool]:
    rule = f"network unix dgram send {pattern}"
    answers = kernel.ask(
        [
            _DOMAIN,
            f"domain {rule}",
            *(f"access unix dgram send {name}" for name in names),
            _DOMAIN,
            f"domain delete {rule}",
        ]
    )
    return [answer != str(EPERM) for answer in answers]


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, list[str]]:
    pattern = draw(patterns())
    drawn = draw(st.lists(names_for(pattern), min_size=1, max_size=6))
    names = dict.fromkeys(other for name in drawn for other in near(name))
    return pattern, [name for name in names if len(decode(name) or b"") < _LONGEST]


@settings(max_examples=600, deadline=None)
@given(question=questions())
def test_generated_pairs(kernel: Kernel, agreed: Counter[str], question: tuple[str, list[str]]) -> None:
    pattern, names = question
    expected = dict(zip(names, kernel_matches(kernel, pattern, names), strict=True))
    assert {name: matches(pattern, name) for name in names} == expected
    collection = PatternSet([pattern])
    assert {name: name in collection for name in names} == expected
    agreed["a pattern and a name: does it match"] += len(names)


# Places where the matcher does not do what the documentation says; docs/policy-language.md lists them.
@pytest.mark.parametrize(
    ("pattern", "name", "answer"),
    [
        (r"/foo\*\-foobar", "/foobar", True),
        (r"/foo\*\-bar", "/foobar", False),
        (r"/\*/foo\*\-foobar", "/x/foobar", False),
        (r"/home/\*/\*", "/home/user", True),
        (r"/home/u\*/\*", "/home/u", False),
        (r"/home/\{\*\}/\*", "/home/user", False),
        (r"/a\*\-b", "/a", False),
        (r"/x/\*40", r"/x/a\040", False),
        (r"\*:/\*", "proc:/1/stat", False),
        (r"\*:[\$]", "anon_inode:[eventfd]", False),
    ],
)
def test_surprises(kernel: Kernel, pattern: str, name: str, answer: bool) -> None:
    assert kernel_matches(kernel, pattern, [name]) == [answer]
    assert matches(pattern, name) is answer


_PLAIN_WORDS = ["/a", "a=b", '"', "//", "/\\", "/\\\\", r"/\-", r"\*"]
_OCTALS = ("000", "001", "040", "041", "176", "177", "377", "400", "08", "7")
_OCTAL_WORDS = [rf"/\{octal}" for octal in _OCTALS]
_REPETITIONS = [
    r"/\(a\)/",
    r"/\{a\}/",
    r"/\{a\}",
    r"/\{\}/",
    r"/\{a/b\}/",
    r"/a\{b\}/",
    r"/\{a\}b/",
    r"\{a\}/",
]
# The kernel counts the wildcards over which its matcher recurses, up to 20; not the others.
_MANY = [
    f"/{wildcard * many}" for wildcard in (r"\*", r"\@", r"\$", r"\X", r"\A", r"\?") for many in (20, 21)
]
_MANY += [
    rf"/\{{{inner}\}}" * many + "/" for inner, most in (("a", 10), (r"\*", 6)) for many in (most, most + 1)
]


@pytest.mark.parametrize("word", [*_PLAIN_WORDS, *_OCTAL_WORDS, *_REPETITIONS, *_MANY])
def test_words_taken_and_refused(kernel: Kernel, agreed: Counter[str], word: str) -> None:
    rule = f"file read {word}"
    domain = "<kernel> /word"
    *_, text = kernel.ask(
        [f"domain {domain}", f"domain {rule}", "show domain_policy", f"domain delete {domain}"]
    )
    taken = f"\n{rule}\n" in text
    try:
        parse_word(word)
    except PolicyError:
        assert not taken
    else:
        assert taken
    assert is_word(word) == taken
    agreed["a word: taken or refused"] += 1
