"""Tuning: the reviewed, repeatable rewriting of learned rules into a policy to ship."""

from harness.analysis.tuning.learned import Learned, gather
from harness.analysis.tuning.proposals import Proposal, propose
from harness.analysis.tuning.reasons import EXCEPTIONS, Reason, changed, reasons, who_asked_for
from harness.analysis.tuning.rules import (
    SHIPPED,
    RuleSet,
    load_domains,
    load_rules,
    parse_domains,
    parse_rules,
)
from harness.analysis.tuning.tune import Settings, Tuned, tune

__all__ = [
    "EXCEPTIONS",
    "SHIPPED",
    "Learned",
    "Proposal",
    "Reason",
    "RuleSet",
    "Settings",
    "Tuned",
    "changed",
    "gather",
    "load_domains",
    "load_rules",
    "parse_domains",
    "parse_rules",
    "propose",
    "reasons",
    "tune",
    "who_asked_for",
]
