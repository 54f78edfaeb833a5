from collections.abc import Callable

from harness.analysis.layers import FoldedRule, fold
from harness.policy import parse_domain_policy


def test_a_layers_name_goes_behind_its_file() -> None:
    rules = [
        "file read squashfs:/usr/lib/x",
        "file read /usr/lib/x",
        "misc env A",
        "file read tmpfs:/rw/usr/lib/x",
    ]
    assert fold(rules) == [FoldedRule(1, (0, 3)), FoldedRule(2, ())]


def test_permissions_may_differ_below() -> None:
    rules = ["file read/unlink /home/a", "file read/write tmpfs:/rw/home/a"]
    assert fold(rules) == [FoldedRule(0, (1,))]


def test_an_alias_alone_stands_for_itself() -> None:
    assert fold(["file read squashfs:/usr/lib/x", "file read /usr/lib/xy"]) == [
        FoldedRule(0, ()),
        FoldedRule(1, ()),
    ]


def test_both_paths_of_a_rename() -> None:
    rules = ["file rename /home/a /home/b", "file rename tmpfs:/rw/home/a tmpfs:/rw/home/b"]
    assert fold(rules) == [FoldedRule(0, (1,))]


def test_no_rule_of_a_real_policy_gets_lost(corpus: Callable[[str], bytes]) -> None:
    policy = parse_domain_policy(corpus("debian13-text-editor.domain_policy.conf"))
    aliases = 0
    for domain in policy.values():
        folded = fold(domain.rules)
        shown = [position for rule in folded for position in (rule.position, *rule.aliases)]
        assert sorted(shown) == list(range(len(domain.rules)))
        aliases += sum(len(rule.aliases) for rule in folded)
    assert aliases > 5_000
