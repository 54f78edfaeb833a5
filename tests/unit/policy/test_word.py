"""Words, paths and names of domains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.policy.word import MAX_DOMAIN_NAME, has_wildcard, is_domain_name, is_namespace, is_path, is_word
from tests.unit.policy.strategies import PATHS


@pytest.mark.parametrize(
    "word",
    [
        "/",
        "a",
        "@",
        "!~",
        "\\\\",
        "\\040",
        "\\000",
        "\\177",
        "\\377",
        "/\\{a\\}/",
        "/\\{\\*\\-b\\}/c",
        "/\\{\\}/",
    ],
)
def test_words_of_the_kernel(word):
    assert is_word(word)


@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "a b", "a\tb", "é", "\x7f", "\\", "a\\", "\\q", "\\057", "\\101", "\\400", "\\08", "\\0"),
        *("\\{a\\}/", "/\\{a\\}", "/\\{a", "/a\\}/", "/\\{a/b\\}/", "/\\{a\\{b\\}/", "\\(a\\)"),
    ],
)
def test_no_words_of_the_kernel(word):
    assert not is_word(word)


@given(PATHS)
def test_generated_paths_are_words(path):
    assert is_word(path)


@given(st.text(alphabet="/\\{}-*0a", max_size=4000))
def test_any_word_is_judged_quickly(text):
    assert is_word(text) in (True, False)


def test_wildcards():
    assert not has_wildcard("/a\\\\*/\\040")
    assert has_wildcard("/a\\*")
    assert has_wildcard("/\\\\\\*")
    assert has_wildcard("/\\{a\\}/")


def test_paths_may_have_a_file_system_in_front():
    assert is_path("/a.b")
    assert is_path("proc:/self/exe")
    assert is_path("a/b")
    assert not is_path("./a")
    assert not is_path('exec.realpath="/a"')
    assert not is_path("keep")


def test_domain_names():
    assert is_namespace("<kernel>")
    assert not is_namespace("<>")
    assert is_domain_name("<kernel>")
    assert is_domain_name("<kernel> /sbin/init proc:/self/fd/9")
    assert not is_domain_name("<kernel> ")
    assert not is_domain_name("<kernel>  /a")
    assert not is_domain_name("<kernel> a")
    assert not is_domain_name("kernel /a")
    longest = "<kernel> /" + "a" * (MAX_DOMAIN_NAME - 11)
    assert is_domain_name(longest)
    assert not is_domain_name(longest + "a")
