"""Hypothesis strategies: words, operands, conditions, rules and policies as the kernel prints them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from hypothesis import strategies as st

from harness.policy.condition import (
    KEYWORDS,
    NAMES,
    ArgumentCondition,
    Comparison,
    NameCondition,
    VariableCondition,
)
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.operand import MAX_NUMBER, AddressRange, Group, NumberRange, Radix
from harness.policy.rule import (
    ENV,
    INET,
    MKDEV,
    MOUNT,
    PATH,
    PATH2,
    PATH_NUMBER,
    PREFERENCES,
    TASK,
    UNIX,
    Rule,
)

_PARTS = st.sampled_from(
    [
        "a",
        "b",
        "lib",
        ".",
        "-",
        '"',
        "=",
        "@",
        "\\\\",
        "\\040",
        "\\000",
        "\\*",
        "\\@",
        "\\$",
        "\\?",
        "\\-",
        "0",
    ]
)
_COMPONENTS = st.lists(_PARTS, min_size=1, max_size=4).map("".join)
_REPEATED = _COMPONENTS.map(lambda part: f"\\{{{part}\\}}")
PATHS = st.builds(
    lambda parts, end: "/" + "/".join(parts) + end,
    st.lists(_COMPONENTS, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
) | st.builds(lambda head, repeated, tail: f"/{head}/{repeated}/{tail}", _COMPONENTS, _REPEATED, _COMPONENTS)
PROGRAMS = PATHS | PATHS.map(lambda path: "proc:" + path)
GROUPS = st.sampled_from(["A", "HOME", "n.1"]).map(Group)
NAME_OPERANDS = PATHS | PROGRAMS | GROUPS
DOMAINS = st.builds(
    lambda namespace, programs: " ".join([namespace, *programs]),
    st.sampled_from(["<kernel>", "<apache>"]),
    st.lists(PROGRAMS, max_size=3),
)


def numbers(limit: int = MAX_NUMBER) -> st.SearchStrategy[NumberRange | Group]:
    pairs = st.tuples(st.integers(0, limit), st.integers(0, limit)).map(sorted)
    radices = st.sampled_from(Radix)
    # A zero in octal is written 00, and a 0x0 keeps its radix too.
    return (
        st.builds(lambda n, radix: NumberRange(n, n, radix, radix), st.integers(0, limit), radices)
        | st.builds(lambda pair, a, b: NumberRange(pair[0], pair[1], a, b), pairs, radices, radices)
        | GROUPS
    )


ADDRESSES = (
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)).map(
        lambda pair: AddressRange(IPv4Address(min(pair)), IPv4Address(max(pair)))
    )
    | st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1)).map(
        lambda pair: AddressRange(IPv6Address(min(pair)), IPv6Address(max(pair)))
    )
    | st.sampled_from(["::", "::1", "fe80::1", "::ffff:10.0.0.1", "1:0:0:2::3", "::5efe:10.0.0.1"]).map(
        lambda text: AddressRange(IPv6Address(text), IPv6Address(text))
    )
    | GROUPS
)

_COMPARED = st.sampled_from(sorted(KEYWORDS - set(NAMES)))
_BOUND = numbers().filter(lambda value: isinstance(value, NumberRange))
CONDITIONS = (
    st.builds(Comparison, _COMPARED | _BOUND, st.booleans(), _COMPARED | numbers())
    | st.builds(NameCondition, st.sampled_from(NAMES), st.booleans(), PATHS | GROUPS | st.just(""))
    | st.builds(ArgumentCondition, st.integers(0, 99), st.booleans(), PATHS | st.just(""))
    | st.builds(VariableCondition, st.sampled_from(["HOME", "\\*"]), st.booleans(), PATHS | st.none())
)


def _rules(shape, *operands, operations=None):
    allowed = st.sets(st.sampled_from(operations or shape.operations), min_size=1)
    return st.builds(
        lambda ops, values, conditions, grant_log: Rule(
            shape, (), tuple(values), tuple(conditions), grant_log=grant_log
        ).allowing(tuple(ops)),
        allowed,
        st.tuples(*operands),
        st.lists(CONDITIONS, max_size=2),
        st.sampled_from([None, None, True, False]),
    )


_EXECUTE = st.builds(
    lambda name, conditions, transition: Rule(PATH, ("execute",), (name,), tuple(conditions), transition),
    NAME_OPERANDS,
    st.lists(CONDITIONS, max_size=2),
    st.sampled_from(PREFERENCES) | DOMAINS | PROGRAMS,
)

RULES = st.one_of(
    _rules(PATH, NAME_OPERANDS),
    _EXECUTE,
    _rules(PATH2, NAME_OPERANDS, NAME_OPERANDS),
    _rules(PATH_NUMBER, NAME_OPERANDS, numbers()),
    _rules(MKDEV, NAME_OPERANDS, numbers(), numbers(), numbers()),
    _rules(MOUNT, NAME_OPERANDS, NAME_OPERANDS, NAME_OPERANDS, numbers()),
    _rules(ENV, st.sampled_from(["HOME", "LC_\\*", "a.b"])),
    _rules(TASK, DOMAINS),
    *(_rules(shape, ADDRESSES, numbers(65535)) for shape in INET.values()),
    *(_rules(shape, NAME_OPERANDS) for shape in UNIX.values()),
)


def _policies(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[DomainPolicy]:
    domains = st.builds(
        Domain,
        DOMAINS,
        st.integers(0, 255),
        st.sets(st.integers(0, 255), max_size=2).map(lambda groups: tuple(sorted(groups))),
        st.booleans(),
        st.booleans(),
        st.lists(rules, max_size=5).map(lambda rules: tuple(dict.fromkeys(map(str, rules)))),
    )
    return st.lists(domains, max_size=4).map(DomainPolicy)


POLICIES = _policies(RULES)
# Few different rules, so that two policies have some in common.
_FEW = st.builds(
    lambda operations, path: Rule(PATH, (), (path,)).allowing(tuple(operations)),
    st.sets(st.sampled_from(["execute", "read", "write", "append"]), min_size=1),
    st.sampled_from(["/a", "/b", "/\\*", "/d/", "squashfs:/a"]),
)
SIMILAR_POLICIES = _policies(_FEW)
