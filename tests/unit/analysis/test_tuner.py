"""A denial's least rule goes through the rules that the policy itself was tuned by."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.tuner import tuner_of
from harness.analysis.tuning import Settings, load_rules, tune
from harness.errors import PolicyError
from harness.record import ShippedPolicy
from harness.record.explanation import AppliedRule, Explanation
from tests.unit.analysis.tuning.conftest import learned_of
from tests.unit.enforced_run import POLICY

TUNED = replace(
    POLICY, explanation=Explanation(rules=(AppliedRule(name="process-number", reason="", file="kernel"),))
)
INIT = "<kernel> /usr/sbin/init"


def test_what_the_kernel_numbers_becomes_a_pattern() -> None:
    assert tuner_of(TUNED)(INIT, "file read proc:/812/stat") == (r"file read proc:/\$/stat",)


def test_a_layers_name_stays_one() -> None:
    line = "file write tmpfs:/rw/run/machine-id"
    assert tuner_of(TUNED)(INIT, line) == (line,)


def test_a_policy_that_was_not_tuned_gets_rules_that_are_not_tuned() -> None:
    line = "file read proc:/812/stat"
    assert tuner_of(POLICY)(INIT, line) == (line,)
    assert tuner_of(replace(POLICY, explanation=None))(INIT, line) == (line,)


OWN = """[[rule]]
name = "kettles"
reason = "kettles are numbered"
directives = ["file read"]
match = '^/srv/kettle-([0-9]+)$'
pattern = '\\$'
"""


def test_rules_of_ones_own_go_along_with_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OWN)
    sets = load_rules(["kernel", str(file)])
    tuned = tune(learned_of({INIT: ["file read /srv/kettle-7"]}), Settings(rules=sets)).policy
    file.unlink()
    tuned.write(tmp_path / "policy")
    kept = ShippedPolicy.read(tmp_path / "policy")
    assert tuner_of(kept)(INIT, "file read /srv/kettle-12") == (r"file read /srv/kettle-\$",)
    assert tuner_of(kept)(INIT, "file read proc:/812/stat") == (r"file read proc:/\$/stat",)
    assert kept.explanation is not None
    without = replace(kept, explanation=kept.explanation.model_copy(update={"own_rules": {}}))
    with pytest.raises(PolicyError, match="tune the runs once more"):
        tuner_of(without)


def test_ones_own_rules_do_not_pass_for_shipped_ones(tmp_path: Path) -> None:
    file = tmp_path / "kernel.toml"
    file.write_text(OWN)
    with pytest.raises(PolicyError, match="kernel"):
        load_rules(["kernel", str(file)])
    (own,) = load_rules([str(file)])
    assert [rule.name for rule in load_rules([own.name], {own.name: own.text})[0].rules] == ["kettles"]


def test_what_no_policy_can_say_stays_as_it_is() -> None:
    assert tuner_of(TUNED)(INIT, "file raed /x") == ("file raed /x",)
