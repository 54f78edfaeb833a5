import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy.pattern import (
    common_witness,
    covers,
    difference_witness,
    matches,
    meets,
    witness,
)
from tests.generators.patterns import names_for, pairs, patterns


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (r"/tmp/\*", r"/tmp/a\*"),
        (r"/tmp/\*", "/tmp/x"),
        (r"/proc/\$/\*", r"/proc/\$/stat"),
        (r"/\{\*\}/\*", r"/usr/\*/b\$"),
        (r"/x/\X", r"/x/\$"),
        (r"/x/\*", r"/x/\@.\@"),
        (r"/x/\*\-a", r"/x/b\*"),
        (r"/\*/\*", r"/\*/\@"),
        (r"/x/\?\*", r"/x/\A"),
    ],
)
def test_covers(wide: str, narrow: str) -> None:
    assert covers(wide, narrow)
    assert not covers(narrow, wide)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"/tmp/\*", r"/tmp/\*/"),
        (r"/tmp/\$", r"/tmp/\A"),
        (r"/tmp/\@", r"/tmp/\*.\*"),
        (r"/tmp/\*\-a", "/tmp/a"),
    ],
)
def test_patterns_that_never_meet(one: str, other: str) -> None:
    assert not meets(one, other)
    assert not meets(other, one)


def test_overlap_without_cover() -> None:
    assert meets(r"/x/a\*", r"/x/\*b")
    assert common_witness(r"/x/a\*", r"/x/\*b") == "/x/ab"
    assert not covers(r"/x/a\*", r"/x/\*b")


def test_a_pattern_that_admits_nothing_is_covered_by_all() -> None:
    empty = r"/\*/a\-a"
    assert witness(empty) is None
    assert covers("/x", empty)
    assert not meets(empty, empty)


@given(pairs(), st.data())
def test_what_is_covered_matches_no_more_than_its_cover(pair: tuple[str, str], data: st.DataObject) -> None:
    narrow, name = pair
    wide = data.draw(patterns())
    if covers(wide, narrow) and matches(narrow, name):
        assert matches(wide, name)


@given(patterns(), patterns())
@settings(max_examples=60)
def test_witnesses_prove_what_they_are_said_to(one: str, other: str) -> None:
    common = common_witness(one, other)
    if common is not None:
        assert matches(one, common)
        assert matches(other, common)
    told_apart = difference_witness(one, other)
    if told_apart is not None:
        assert matches(one, told_apart)
        assert not matches(other, told_apart)


@given(patterns(), st.data())
def test_a_pattern_meets_each_name_that_it_matches(pattern: str, data: st.DataObject) -> None:
    name = data.draw(names_for(pattern))
    if not name.endswith("\\"):
        assert meets(pattern, name) == matches(pattern, name)
