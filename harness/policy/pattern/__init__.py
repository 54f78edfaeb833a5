"""TOMOYO's patterns: matching as the kernel does, covering and meeting, and whole sets at once."""

from harness.policy.pattern.collection import PatternSet, admitted
from harness.policy.pattern.language import (
    common_witness,
    covers,
    difference_witness,
    meets,
    witness,
)
from harness.policy.pattern.match import Pattern, compile_pattern, matches
from harness.policy.pattern.word import Word, decode, encode, is_patterned, parse_word

__all__ = [
    "Pattern",
    "PatternSet",
    "Word",
    "admitted",
    "common_witness",
    "compile_pattern",
    "covers",
    "decode",
    "difference_witness",
    "encode",
    "is_patterned",
    "matches",
    "meets",
    "parse_word",
    "witness",
]
