"""Checks of rights that are dangerous to give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from harness.policy.alias import merged_name
from harness.policy.lint.finding import Finding, Subject
from harness.policy.lint.names import file_names
from harness.policy.operand import Group
from harness.policy.pattern import PatternSet, meets, witness
from harness.policy.rule import PATH, Rule
from harness.policy.word import has_wildcard

# Permissions that change what a name stands for.
CHANGING = frozenset(
    (
        *("write", "append", "truncate", "unlink", "rmdir", "symlink", "create", "mkdir", "mkfifo", "mksock"),
        *("chmod", "chown", "chgrp", "mkblock", "mkchar", "link", "rename", "mount"),
    )
)
# Permissions that can put content under a name.
_FILLING = frozenset(("write", "append", "create", "link", "rename"))

SYSTEM = (
    *("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/boot/", "/etc/", "/opt/"),
    # Whoever writes there writes the policy, the kernel's settings, what root does by itself, or packages.
    *("securityfs:/", "/sys/kernel/security/", "proc:/sys/"),
    *("/var/spool/cron/", "/var/lib/dpkg/", "/var/lib/polkit-1/"),
)
_ANYBODYS = ("/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/home/", "/root/", "/media/", "/mnt/")  # noqa: S108
_INTERPRETER = re.compile(
    r"(?:.*/)?(?:(?:ba|da|z|k|c|tc|fi)?sh|busybox|python[0-9.]*|perl[0-9.]*|ruby[0-9.]*|node|nodejs|lua[0-9.]*|"
    r"tclsh[0-9.]*|php[0-9.]*|gjs(?:-console)?|awk|gawk|mawk|emacs|vim?(?:\.\w+)?)"
)
# More files than this to write, and the rules describe a user rather than a program.
_MANY_WRITES = 50


def write_system(subject: Subject) -> Iterator[Finding]:
    """Permission to change what the system consists of."""
    for place, rule in subject.everywhere():
        if not CHANGING.intersection(rule.operations):
            continue
        for name in _all_names(rule, subject):
            if _is_within(name, SYSTEM):
                yield subject.finding("write-system", place, f"may change {name}", rule)
                break


def execute_writable(subject: Subject) -> Iterator[Finding]:
    """Permission to execute what somebody may have written."""
    filled = PatternSet(
        sorted(
            {
                name
                for _, rule in subject.everywhere()
                if _FILLING.intersection(rule.operations)
                for name in map(merged_name, file_names(rule))
            }
        )
    )
    for place, rule in subject.everywhere():
        if "execute" not in rule.operations or rule.shape is not PATH:
            continue
        for name in _all_names(rule, subject):
            if _is_within(name, _ANYBODYS):
                message = f"{name} is where users and programs write"
            elif (literal := _example(name)) in filled:
                message = f"a domain of this policy may write {literal}"
            else:
                continue
            yield subject.finding("execute-writable", place, message, rule)
            break


def wide_interpreter(subject: Subject) -> Iterator[Finding]:
    """Shells and interpreters with more rights than one script needs."""
    for domain in subject.policy.values():
        if not _INTERPRETER.fullmatch(domain.programs[-1]):
            continue
        rules = subject.rules[domain.name]
        for rule in rules:
            if "execute" in rule.operations and _is_open(rule):
                yield subject.finding(
                    "wide-interpreter", domain, "an interpreter starts programs at will", rule
                )
            elif CHANGING.intersection(rule.operations) and _is_tree(rule):
                yield subject.finding("wide-interpreter", domain, "an interpreter changes a whole tree", rule)
        writes = sum(bool(CHANGING.intersection(rule.operations)) for rule in rules)
        if writes > _MANY_WRITES:
            yield subject.finding(
                "wide-interpreter", domain, f"an interpreter with {writes} rules that change something"
            )


def _all_names(rule: Rule, subject: Subject) -> Iterator[str]:
    """A rule's names with merged names, groups replaced by what they hold."""
    paths = subject.groups().paths
    for operand in rule.operands:
        if isinstance(operand, str):
            yield merged_name(operand)
        elif isinstance(operand, Group) and rule.shape.keyword == "file":
            yield from (
                merged_name(member) for member in paths.get(operand.name, ()) if isinstance(member, str)
            )


def _is_within(name: str, directories: tuple[str, ...]) -> bool:
    if name.startswith(directories):
        return True
    return has_wildcard(name) and any(_reaches(name, directory) for directory in directories)


@lru_cache(maxsize=4096)
def _reaches(pattern: str, directory: str) -> bool:
    return meets(pattern, f"{directory}\\*") or meets(pattern, f"{directory}\\{{\\*\\}}/\\*")


def _example(name: str) -> str:
    return (witness(name) or name) if has_wildcard(name) else name


def _is_open(rule: Rule) -> bool:
    first = rule.operands[0]
    return isinstance(first, Group) or (isinstance(first, str) and has_wildcard(first))


def _is_tree(rule: Rule) -> bool:
    return any(isinstance(operand, Group) or "\\{" in str(operand) for operand in rule.operands[:1])
