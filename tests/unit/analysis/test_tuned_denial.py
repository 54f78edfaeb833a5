"""A denial's least rule goes through the rules that the policy itself was tuned by."""

from dataclasses import replace

from harness.analysis.tuned_denial import tuner_of
from harness.record.explanation import AppliedRule, Explanation
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


def test_what_no_policy_can_say_stays_as_it_is() -> None:
    assert tuner_of(TUNED)(INIT, "file raed /x") == ("file raed /x",)
