from hypothesis import given
from hypothesis import strategies as st

from harness.policy.pattern import PatternSet, admitted, matches
from tests.generators.patterns import names_for, patterns


@given(st.lists(patterns(), min_size=1, max_size=12), st.data())
def test_a_set_answers_like_its_patterns_one_by_one(words: list[str], data: st.DataObject) -> None:
    name = data.draw(names_for(data.draw(st.sampled_from(words))))
    expected = [word for word in words if matches(word, name)]
    collection = PatternSet(words)
    assert collection.all(name) == expected
    assert collection.first(name) == (expected[0] if expected else None)
    assert (name in collection) == bool(expected)
    assert len(collection) == len(words)


def test_the_first_match_is_that_of_the_policy_order() -> None:
    words = [r"/usr/bin/\*", "/usr/bin/gpg", r"/usr/\*/gpg"]
    assert PatternSet(words).first("/usr/bin/gpg") == words[0]
    assert PatternSet(words[1:]).first("/usr/bin/gpg") == words[1]


def test_admitted_lists_the_names_of_an_image_for_each_pattern() -> None:
    image = ["/usr/bin/gpg", "/usr/bin/gpgv", "/usr/bin/gpg2.old", "/etc/passwd"]
    assert admitted([r"/usr/bin/gpg\@", r"/var/\*"], image) == {
        r"/usr/bin/gpg\@": ["/usr/bin/gpg", "/usr/bin/gpgv"],
        r"/var/\*": [],
    }
