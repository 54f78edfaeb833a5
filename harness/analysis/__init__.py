"""What runs mean: values computed from records."""

from harness.analysis.domains import programs_by_domain, short_chain
from harness.analysis.provenance import attribute, recorded_provenance, unknown_reasons
from harness.analysis.search import Answer, who_asked

__all__ = [
    "Answer",
    "attribute",
    "programs_by_domain",
    "recorded_provenance",
    "short_chain",
    "unknown_reasons",
    "who_asked",
]
