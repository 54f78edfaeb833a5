"""A single rule as tuning would ship it."""

from __future__ import annotations

from harness.analysis.denials import Tuner, untuned
from harness.analysis.iteration import ADDED_BY
from harness.analysis.tuning import load_rules
from harness.analysis.tuning.layers import in_layer, seen_through
from harness.analysis.tuning.rewriting import Rewriter
from harness.errors import PolicyError
from harness.policy import parse_rule
from harness.record import ShippedPolicy


def tuner_of(policy: ShippedPolicy) -> Tuner:
    """The tuner with the rule sets that the policy was tuned by; one that changes nothing if it was not.

    Raises:
        PolicyError: tuning rules that the policy was made by are gone, or wrong.
    """
    explanation = policy.explanation
    if explanation is None:
        return untuned
    files = dict.fromkeys(rule.file for rule in explanation.rules if rule.file and rule.name != ADDED_BY)
    if not files:
        return untuned
    try:
        rewriter = Rewriter(load_rules(files, explanation.own_rules))
    except PolicyError as error:
        raise PolicyError(
            f"the policy was made by tuning rules that are not to be had: {error}",
            expected="Tomograph's own ones, or their text in the policy's tuning.json",
            hint="tune the runs once more with this Tomograph",
        ) from error

    return tuner_by(rewriter)


def tuner_by(rewriter: Rewriter) -> Tuner:
    """The tuner of some tuning rules.

    A rule that they may not widen, since a bound forbids it, stays as it is.
    """

    def tuned(domain: str, line: str) -> tuple[str, ...]:
        seen = seen_through(line)
        try:
            rule = rewriter.rewrite(domain, parse_rule(seen.merged)).rule
        except PolicyError:
            return (line,)
        return (in_layer(rule, seen.layer) if seen.layer else str(rule),)

    return tuned
