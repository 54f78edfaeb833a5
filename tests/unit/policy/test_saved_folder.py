"""All that tomoyo-savepolicy wrote on one machine, and what a scenario there added (corpus/console-13)."""

from __future__ import annotations

import pytest

from harness.policy import (
    difference,
    parse_domain_policy,
    parse_exception_policy,
    parse_manager,
    parse_profile,
    parse_stat,
)
from harness.policy.sets import union


@pytest.mark.parametrize(
    ("name", "parse"),
    [
        ("domain_policy.conf.gz", parse_domain_policy),
        ("fragment.conf.gz", parse_domain_policy),
        ("exception_policy.conf", parse_exception_policy),
        ("profile.conf", parse_profile),
        ("manager.conf", parse_manager),
        ("stat", parse_stat),
    ],
)
def test_every_document_comes_back_byte_for_byte(corpus, name, parse):
    data = corpus(f"console-13/{name}")
    document = parse(data)
    assert document.text() == data.decode()
    assert document.bad_lines == ()


@pytest.mark.parametrize("name", ["domain_policy.conf.gz", "fragment.conf.gz"])
def test_every_rule_is_understood_and_printed_as_the_kernel_spelled_it(corpus, name):
    policy = parse_domain_policy(corpus(f"console-13/{name}"))
    assert policy.unreadable() == []
    for domain in policy.values():
        assert tuple(map(str, domain.parsed())) == domain.rules


def test_the_fragment_is_what_the_baseline_lacks(corpus):
    baseline = parse_domain_policy(corpus("console-13/domain_policy.conf.gz"))
    fragment = parse_domain_policy(corpus("console-13/fragment.conf.gz"))
    added = difference(union([baseline, fragment]), baseline)
    assert {name: domain.rules for name, domain in added.items()} == {
        name: domain.rules for name, domain in fragment.items()
    }
