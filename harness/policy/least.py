"""The least rule that admits an access which the audit recorded."""

from __future__ import annotations

from harness.policy.audit import AuditRecord

_HEAD = ("use_profile ", "use_group ")


def is_new_domain(record: AuditRecord) -> bool:
    """Whether the record is about a domain that the kernel has just made, and no access."""
    return record.entry.startswith(_HEAD)


def least_rule(record: AuditRecord) -> str:
    """The rule that the kernel would have learned: the entry with what it knows about the program or link.

    Follows `tomoyo_add_entry` (`security/tomoyo/common.c`).
    """
    if not record.entry.startswith("file "):
        return record.entry
    conditions = []
    if record.exec is not None:
        conditions.append(f'exec.realpath="{record.exec.realpath}"')
        if record.exec.argv:
            conditions.append(f'exec.argv[0]="{record.exec.argv[0]}"')
    if record.symlink_target is not None:
        conditions.append(f'symlink.target="{record.symlink_target}"')
    return " ".join([record.entry, *conditions])
