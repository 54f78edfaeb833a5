"""The least rule of a denial as the policy's own tuning would ship it."""

from __future__ import annotations

from harness.analysis.denials import Tuner, untuned
from harness.analysis.tuning import load_rules
from harness.analysis.tuning.layers import in_layer, seen_through
from harness.analysis.tuning.rewriting import Rewriter
from harness.errors import PolicyError
from harness.policy import parse_rule
from harness.record import ShippedPolicy


def tuner_of(policy: ShippedPolicy) -> Tuner:
    """The tuner with the rule sets that the policy was tuned by; one that changes nothing if it was not.

    A rule that tuning may not widen, since a bound forbids it, stays as it is.

    Raises:
        PolicyError: a file of tuning rules that the policy names is gone or wrong.
    """
    applied = policy.explanation.rules if policy.explanation is not None else ()
    files = dict.fromkeys(rule.file for rule in applied if rule.file and rule.name != "denial")
    if not files:
        return untuned
    rewriter = Rewriter(load_rules(files))

    def tuned(domain: str, line: str) -> tuple[str, ...]:
        seen = seen_through(line)
        try:
            rule = rewriter.rewrite(domain, parse_rule(seen.merged)).rule
        except PolicyError:
            return (line,)
        return (in_layer(rule, seen.layer) if seen.layer else str(rule),)

    return tuned
