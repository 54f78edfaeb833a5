"""Policies of TOMOYO 2.2 and 2.3, converted to the syntax of 2.4 and later.

This is what the kernel took before Linux 3.1. A line that has no counterpart is refused by name: half a
policy is worse than none. The older versions did not check everything that 2.6 checks (environment variables,
getattr, network), so what comes out is a beginning for learning, not a policy to enforce.
"""

from __future__ import annotations

import re

from harness.errors import PolicyError
from harness.policy.domain_policy import DomainPolicy, parse_domain_policy
from harness.policy.exception_policy import ExceptionPolicy, parse_exception_policy
from harness.policy.line import BadLine, read_lines

# 2.3's write covered appending; `append` became a permission of its own in 2.4.
_WRITE = {"write": "write/append", "read/write": "read/write/append"}
_PLAIN = (
    *("execute", "read", "unlink", "rmdir", "truncate", "symlink", "chroot", "unmount"),
    *("create", "mkdir", "mkfifo", "mksock", "ioctl", "chmod", "chown", "chgrp"),
    *("mkblock", "mkchar", "link", "rename", "pivot_root", "mount"),
)
# In 2.2 these had no number: any was allowed.
_NUMBERS = {
    **dict.fromkeys(("create", "mkdir", "mkfifo", "mksock"), "0-07777"),
    "ioctl": "0-0xFFFFFFFF",
    "mkblock": "0-07777 0-4095 0-1048575",
    "mkchar": "0-07777 0-4095 0-1048575",
}
_ALLOW = re.compile(r"allow_([a-z_/]+) (\S+)(.*)")
_GLOBAL = "ignore_global_allow_read"
_GONE = {
    "allow_rewrite": "2.4 asks for `file write` where 2.3 asked for `allow_rewrite`",
    "deny_rewrite": "2.4 tells `file append` from `file write` in each rule",
    "file_pattern": "2.4 learns exact names: generalise them afterwards",
    "alias": "2.3 resolves symbolic links itself: write the real path",
    "ignore_global_allow_env": "2.4 has groups of rules: use_group",
}


def is_legacy(line: str) -> bool:
    """Whether a line, spelled as the kernel normalises it, is of 2.2 or 2.3 and has another form now."""
    keyword = line.removeprefix("delete ").partition(" ")[0]
    return keyword.startswith("allow_") or keyword in _GONE or keyword == _GLOBAL


def convert_domain_policy(data: bytes | str, *, source: str = "", lenient: bool = False) -> DomainPolicy:
    """A domain policy of 2.2 or 2.3 as one of 2.6.

    Every domain uses group 0, where `convert_exception_policy` puts what all may read, unless it said
    `ignore_global_allow_read`.

    Raises:
        PolicyError: a line that has no counterpart, or is of no version; a lenient reading has these
            in `bad_lines`.
    """
    lines: list[str] = []
    bad: list[BadLine] = []
    opted_out: set[str] = set()
    names: list[str] = []

    def take(line: str, number: int) -> None:
        if line.startswith("<"):
            names.append(line)
        if line == _GLOBAL:
            opted_out.update(names[-1:])
        else:
            _put(lines, number, _domain_line(line))

    bad += read_lines(data, take, source=source, lenient=lenient)
    policy = parse_domain_policy("\n".join(lines), source=source, lenient=lenient)
    grouped = [
        f"{name}\nuse_group 0\n" for name in policy if name not in opted_out and 0 not in policy[name].groups
    ]
    whole = parse_domain_policy(policy.text() + "".join(grouped), source=source, lenient=lenient)
    return DomainPolicy(whole.values(), source=source, bad_lines=(*bad, *policy.bad_lines))


def convert_exception_policy(
    data: bytes | str, *, source: str = "", lenient: bool = False
) -> ExceptionPolicy:
    """An exception policy of 2.2 or 2.3 as one of 2.6; `allow_read` and `allow_env` go into group 0.

    Raises:
        PolicyError: as for `convert_domain_policy`.
    """
    lines: list[str] = []

    def take(line: str, number: int) -> None:
        _refuse_gone(line)
        _put(lines, number, f"acl_group 0 {_domain_line(line)}" if line.startswith("allow_") else line)

    bad = read_lines(data, take, source=source, lenient=lenient)
    policy = parse_exception_policy("\n".join(lines), source=source, lenient=lenient)
    return ExceptionPolicy(policy.entries, policy.prefixed, source, (*bad, *policy.bad_lines))


def _put(lines: list[str], number: int, line: str) -> None:
    """Keeps the line's number, for messages about what is read after the conversion."""
    lines.extend([""] * (number - 1 - len(lines)))
    lines.append(line)


def _domain_line(line: str) -> str:
    _refuse_gone(line)
    match = _ALLOW.fullmatch(line)
    if match is None:
        return line
    permission, name, rest = match.groups()
    if permission == "env":
        return f"misc env {name}{rest}"
    permission = _WRITE.get(permission, permission)
    if permission not in (*_PLAIN, *_WRITE.values()):
        raise PolicyError(
            f"allow_{permission} is of no TOMOYO 2 version",
            expected=", ".join(f"allow_{name}" for name in _PLAIN),
        )
    if not rest and permission in _NUMBERS:
        rest = f" {_NUMBERS[permission]}"
    return f"file {permission} {name}{rest}"


def _refuse_gone(line: str) -> None:
    keyword = line.partition(" ")[0]
    if keyword in _GONE:
        raise PolicyError(
            f"{keyword} has no counterpart in TOMOYO 2.4 and later",
            expected="another line",
            hint=_GONE[keyword],
        )
    if re.match(r"[0-7] |allow_(?:network|argv0|signal|capability)\b", line):
        raise PolicyError(
            f"a line of TOMOYO 1.x: {line}",
            expected="TOMOYO 2.2 or later",
            hint="1.x policies cannot be converted: learn anew",
        )
