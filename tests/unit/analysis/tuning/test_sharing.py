"""Groups of common rules: lines are saved, and each domain keeps exactly its rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.tuning.sharing import find_shared

_POLICIES = st.dictionaries(
    st.sampled_from([f"<kernel> /{letter}" for letter in "abcdefgh"]),
    st.frozensets(st.integers(0, 60).map(lambda number: f"file read /{number}")),
)


@given(_POLICIES)
def test_nobody_gains_or_loses_a_rule(policy):
    rest = {name: set(rules) for name, rules in policy.items()}
    for group in find_shared(policy, frozenset({1})):
        assert group.number != 1
        assert group.saved >= 20
        for name in group.domains:
            assert set(group.rules) <= rest[name]
            rest[name] -= set(group.rules)
    for name, rules in policy.items():
        shared = {rule for g in find_shared(policy, frozenset({1})) if name in g.domains for rule in g.rules}
        assert rest[name] | shared == rules


def test_the_group_that_saves_most_comes_first():
    common = frozenset(f"file read /c{number}" for number in range(40))
    some = frozenset(f"file read /s{number}" for number in range(30))
    policy = {f"<kernel> /{n}": common | (some if n < 2 else frozenset()) for n in range(5)}
    first, second = find_shared(policy, frozenset())
    assert (len(first.domains), len(first.rules), first.saved) == (5, 40, 155)
    assert (len(second.domains), len(second.rules), second.saved) == (2, 30, 28)


def test_a_group_that_saves_little_is_not_made():
    assert find_shared({"<kernel> /a": frozenset("xyz"), "<kernel> /b": frozenset("xyz")}, frozenset()) == []
