"""The TOMOYO language as values and pure functions: nothing here knows of a machine, and nothing prints."""

from harness.policy.audit import AuditReader, AuditRecord, TornRecord, read_audit
from harness.policy.domain_policy import Domain, DomainPolicy, parse_domain_policy
from harness.policy.exception_policy import ExceptionPolicy, parse_exception_policy
from harness.policy.line import BadLine
from harness.policy.manager import ManagerPolicy, parse_manager
from harness.policy.profile import ProfilePolicy, parse_profile
from harness.policy.rule import Rule, parse_rule
from harness.policy.sets import difference
from harness.policy.stat import Stat, parse_stat

__all__ = [
    "AuditReader",
    "AuditRecord",
    "BadLine",
    "Domain",
    "DomainPolicy",
    "ExceptionPolicy",
    "ManagerPolicy",
    "ProfilePolicy",
    "Rule",
    "Stat",
    "TornRecord",
    "difference",
    "parse_domain_policy",
    "parse_exception_policy",
    "parse_manager",
    "parse_profile",
    "parse_rule",
    "parse_stat",
    "read_audit",
]
