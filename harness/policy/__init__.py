"""The TOMOYO language as values and pure functions: nothing here knows of a machine, and nothing prints."""

from harness.policy.audit import AuditReader, AuditRecord, TornRecord, read_audit
from harness.policy.domain_policy import Domain, DomainPolicy, parse_domain_policy
from harness.policy.line import BadLine
from harness.policy.sets import difference

__all__ = [
    "AuditReader",
    "AuditRecord",
    "BadLine",
    "Domain",
    "DomainPolicy",
    "TornRecord",
    "difference",
    "parse_domain_policy",
    "read_audit",
]
