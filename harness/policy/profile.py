"""Profiles: what a domain's profile number means.

The format is what `tomoyo_read_profile` prints and `tomoyo_write_profile` takes (`security/tomoyo/common.c`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from harness.errors import PolicyError
from harness.policy.domain_policy import MAX_PROFILES
from harness.policy.exception_policy import KERNEL
from harness.policy.line import BadLine, encode, read_lines
from harness.policy.rule import INET, MKDEV, MOUNT, PATH, PATH2, PATH_NUMBER, UNIX
from harness.policy.word import is_namespace

VERSION = 20150505
AUDIT_RING = 1024
"""Records that the kernel keeps where no profile says how many (`CONFIG_SECURITY_TOMOYO_MAX_AUDIT_LOG`)."""
# The kernel takes a profile of TOMOYO 2.5 for one of 2.6.
_OLDER_VERSION = 20110903
MODES = ("disabled", "learning", "permissive", "enforcing")

_FILE = (
    *("execute", "open", "create", "unlink", "getattr", "mkdir", "rmdir", "mkfifo", "mksock", "truncate"),
    *(
        "symlink",
        "mkblock",
        "mkchar",
        "link",
        "rename",
        "chmod",
        "chown",
        "chgrp",
        "ioctl",
        "chroot",
        "mount",
    ),
    *("unmount", "pivot_root"),
)
_NETWORK = (
    *(f"inet_stream_{operation}" for operation in ("bind", "listen", "connect")),
    *(f"inet_{protocol}_{operation}" for protocol in ("dgram", "raw") for operation in ("bind", "send")),
    *(f"unix_stream_{operation}" for operation in ("bind", "listen", "connect")),
    *(f"unix_dgram_{operation}" for operation in ("bind", "send")),
    *(f"unix_seqpacket_{operation}" for operation in ("bind", "listen", "connect")),
)
FUNCTIONS = (
    *(f"file::{name}" for name in _FILE),
    *(f"network::{name}" for name in _NETWORK),
    "misc::env",
)
CATEGORIES = ("file", "network", "misc")
_OPENING = ("read", "write", "append")

_LINE = re.compile(r"([0-9]+)-([A-Z]+)((?:::[a-z_]+)*)=(.*)")
_PREFERENCE = re.compile(r"\{(?: max_audit_log=([0-9]+))?(?: max_learning_entry=([0-9]+))? \}")
_RING = re.compile(rb"\bmax_audit_log=(\d+)")
_CONFIG = re.compile(r"\{(?: mode=([a-z]+))?(?: grant_log=(yes|no))?(?: reject_log=(yes|no))? \}")


@dataclass(frozen=True, slots=True)
class Config:
    """How a kind of access is treated: the mode, and which of its accesses reach the audit."""

    mode: str = "disabled"
    grant_log: bool = True
    reject_log: bool = True

    def __str__(self) -> str:
        yes_no = {True: "yes", False: "no"}
        return (
            f"{{ mode={self.mode} grant_log={yes_no[self.grant_log]} reject_log={yes_no[self.reject_log]} }}"
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile.

    Attributes:
        comment: its name for people.
        max_audit_log: how many audit records may wait for a reader.
        max_learning_entry: how many permissions a domain may learn.
        default: what holds for an access that `configs` does not name.
        configs: by function (`file::execute`) or category (`file`).
    """

    comment: str = ""
    max_audit_log: int = 1024
    max_learning_entry: int = 2048
    default: Config = Config()
    configs: Mapping[str, Config] = field(default_factory=lambda: MappingProxyType({}))

    def config(self, function: str) -> Config:
        """What holds for one of `FUNCTIONS`: its own config, else its category's, else the default."""
        category = function.partition("::")[0]
        return self.configs.get(function) or self.configs.get(category) or self.default

    def lines(self, number: int) -> list[str]:
        """The profile as the kernel prints it under this number."""
        lines = [
            f"{number}-COMMENT={self.comment}",
            f"{number}-PREFERENCE={{ max_audit_log={self.max_audit_log}"
            f" max_learning_entry={self.max_learning_entry} }}",
            f"{number}-CONFIG={self.default}",
        ]
        for name in (*FUNCTIONS, *CATEGORIES):
            if name in self.configs:
                lines.append(f"{number}-CONFIG::{name}={self.configs[name]}")  # noqa: PERF401 - reads as it prints
        return lines


@dataclass(frozen=True, slots=True)
class ProfilePolicy:
    """All profiles, by namespace and number, in the kernel's order.

    Attributes:
        namespaces: profiles by number for each namespace.
        prefixed: every line begins with its namespace.
        source: the file it was read from, for messages.
        bad_lines: what a lenient reading set aside.
    """

    namespaces: Mapping[str, Mapping[int, Profile]]
    prefixed: bool = False
    source: str = field(default="", compare=False)
    bad_lines: tuple[BadLine, ...] = field(default=(), compare=False)

    def profiles(self, namespace: str = KERNEL) -> Mapping[int, Profile]:
        """A namespace's profiles by number."""
        return self.namespaces.get(namespace, {})

    def text(self) -> str:
        """The profiles as the kernel prints them."""
        lines = []
        for namespace, profiles in self.namespaces.items():
            prefix = f"{namespace} " if self.prefixed else ""
            lines.append(f"{prefix}PROFILE_VERSION={VERSION}\n")
            for number in sorted(profiles):
                lines += [f"{prefix}{line}\n" for line in profiles[number].lines(number)]
        return "".join(lines)

    def dump(self) -> bytes:
        """`text` as bytes."""
        return encode(self.text())


def parse_profile(data: bytes | str, *, source: str = "", lenient: bool = False) -> ProfilePolicy:
    """Reads profiles.

    Raises:
        PolicyError: at the first bad line, unless lenient. The kernel is more patient here than elsewhere: it
            looks for words that it knows and ignores the rest, so that after a misspelt mode the old one
            stays in force.
    """
    namespaces: dict[str, dict[int, Profile]] = {KERNEL: {}}
    prefixed = False

    def take(text: str, _: int) -> None:
        nonlocal prefixed
        namespace, line = KERNEL, text
        if text.startswith("<"):
            namespace, line = text.split(" ", 1) if " " in text else (text, "")
            prefixed = True
            if not is_namespace(namespace):
                raise PolicyError(f"not a namespace: {namespace}", expected="a word in < and >")
        _take(namespaces.setdefault(namespace, {}), line)

    bad_lines = read_lines(data, take, source=source, lenient=lenient)
    return ProfilePolicy(namespaces, prefixed, source, bad_lines)


def function_of(rule_keyword: str, operation: str) -> str:
    """The function, one of `FUNCTIONS`, whose mode decides about a rule's operation.

    Args:
        rule_keyword: a shape's keyword: `file`, `misc`, `network inet stream`, …
        operation: one of the shape's operations.

    Raises:
        KeyError: nothing decides: `task` is checked in every mode, and the kernel knows of no such access.
    """
    function = _FUNCTION_OF.get((rule_keyword, operation))
    if function is None:
        raise KeyError(f"{rule_keyword} {operation}")
    return function


def _functions() -> dict[tuple[str, str], str]:
    functions = {("misc", "env"): "misc::env"}
    for shape in (PATH, PATH2, PATH_NUMBER, MKDEV, MOUNT):
        for operation in shape.operations:
            functions["file", operation] = f"file::{'open' if operation in _OPENING else operation}"
    for shape in (*INET.values(), *UNIX.values()):
        for operation in shape.operations:
            name = f"{'_'.join(shape.keyword.split()[1:])}_{operation}"
            if name in _NETWORK:
                functions[shape.keyword, operation] = f"network::{name}"
    return functions


_FUNCTION_OF = _functions()


def _take(profiles: dict[int, Profile], line: str) -> None:
    if line.startswith("PROFILE_VERSION="):
        version = line.partition("=")[2]
        if version not in (str(VERSION), str(_OLDER_VERSION)):
            raise PolicyError(
                f"profiles of version {version}",
                column=len("PROFILE_VERSION=") + 1,
                expected=str(VERSION),
                hint="write the profiles anew: the kernel panics at a version that it does not support",
            )
        return
    match = _LINE.fullmatch(line)
    if match is None or int(match[1]) >= MAX_PROFILES:
        raise PolicyError(
            f"not a line of a profile: {line}",
            expected=f"N-COMMENT=, N-PREFERENCE= or N-CONFIG=, N < {MAX_PROFILES}",
        )
    number, keyword, name, value = int(match[1]), match[2], match[3].removeprefix("::"), match[4]
    profile = profiles.get(number, Profile())
    if keyword == "COMMENT" and not name:
        profiles[number] = replace(profile, comment=value)
    elif keyword == "PREFERENCE" and not name:
        profiles[number] = _preference(profile, value)
    elif keyword == "CONFIG" and (not name or name in FUNCTIONS or name in CATEGORIES):
        profiles[number] = _configured(profile, name, value)
    else:
        raise PolicyError(f"unknown: {line.partition('=')[0]}", expected="; ".join((*FUNCTIONS, *CATEGORIES)))


def _preference(profile: Profile, value: str) -> Profile:
    match = _PREFERENCE.fullmatch(value)
    if match is None:
        raise PolicyError(f"not a preference: {value}", expected="{ max_audit_log=N max_learning_entry=N }")
    return replace(
        profile,
        max_audit_log=profile.max_audit_log if match[1] is None else int(match[1]),
        max_learning_entry=profile.max_learning_entry if match[2] is None else int(match[2]),
    )


def _configured(profile: Profile, name: str, value: str) -> Profile:
    configs = dict(profile.configs)
    if value == "use_default" and name:
        configs.pop(name, None)
        return replace(profile, configs=MappingProxyType(configs))
    match = _CONFIG.fullmatch(value)
    if match is None or match[1] not in (*MODES, None):
        raise PolicyError(
            f"not a config: {value}",
            expected=f"{{ mode={'|'.join(MODES)} grant_log=yes|no reject_log=yes|no }} or use_default",
        )
    before = configs.get(name) if name else profile.default
    if before is None and match[1] is None:
        # Without a mode the function goes on following its category.
        return profile
    before = before or Config()
    config = Config(
        match[1] or before.mode,
        before.grant_log if match[2] is None else match[2] == "yes",
        before.reject_log if match[3] is None else match[3] == "yes",
    )
    if not name:
        return replace(profile, default=config)
    configs[name] = config
    return replace(profile, configs=MappingProxyType(configs))


def audit_ring(profiles: bytes) -> int:
    """How many audit records the kernel keeps at most, as a `profile.conf` says; nothing else is read."""
    return max(map(int, _RING.findall(profiles)), default=AUDIT_RING)
