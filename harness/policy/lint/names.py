"""Checks of names that will not be the same next time: of another image, another boot, another run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from harness.policy.alias import merged_name
from harness.policy.lint.finding import Finding, Subject
from harness.policy.pattern import PatternSet
from harness.policy.rule import Rule
from harness.policy.word import has_wildcard

# Directories whose content is the image's alone: elsewhere a running system makes files of its own.
_OF_THE_IMAGE = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/", "/boot/")
_MAKES = frozenset(
    ("create", "mkdir", "mkfifo", "mksock", "symlink", "mkblock", "mkchar", "link", "rename", "mount")
)

_WRITABLE = ("/tmp/", "/var/", "/run/", "/dev/shm/", "/home/", "/root/")  # noqa: S108 - a policy's paths
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEX = re.compile(r"(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}")
_MIXED = re.compile(r"(?=[A-Za-z0-9]*[a-z])(?=[A-Za-z0-9]*[A-Z0-9])[A-Za-z0-9]{6,}")
_LOWER = re.compile(r"[a-z]+[0-9]*")
_WORD_WITH_DIGIT = re.compile(r"[a-z]+[0-9][a-z]+")
_NETWORK_CARD = re.compile(r"(?:en|wl|ww)(?:[Pposdf][0-9]+)+")
# The first process is always 1.
_PROCESS = re.compile(r"(?:/proc|proc:)/(?!1(?:/|$))[0-9]+(?=/|$)|(?:/proc|proc:)/\S*/task/[0-9]+")
_NUMBERED = re.compile(r"[a-z_]+:\[[0-9]+\]")
_DIGITS = re.compile(r"[0-9]+")


def stale_path(subject: Subject) -> Iterator[Finding]:
    """Names of files that the image does not have."""
    if subject.paths is None:
        return
    paths = subject.paths
    versions: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        versions[_DIGITS.sub("#", path)].append(path)
    asked = {name for _, rule in subject.everywhere() for name in _image_names(rule)}
    there = {name for name in asked if name in paths or f"{name}/" in paths}
    there |= _matched({name for name in asked - there if has_wildcard(name)}, paths)
    for domain in subject.policy.values():
        for program in map(merged_name, domain.programs[1:]):
            if program.startswith(_OF_THE_IMAGE) and not has_wildcard(program) and program not in paths:
                yield subject.finding("stale-path", domain, _missing(program, versions))
    for place, rule in subject.everywhere():
        for name in _image_names(rule):
            if name not in there:
                yield subject.finding("stale-path", place, _missing(name, versions), rule)


def temporary_name(subject: Subject) -> Iterator[Finding]:
    """Names that a program made up for one run."""
    for place, rule in subject.everywhere():
        for name in map(merged_name, file_names(rule)):
            part = random_part(name)
            if part:
                yield subject.finding("temporary-name", place, f"{part!r} looks made up for one run", rule)
                break


def process_number(subject: Subject) -> Iterator[Finding]:
    """Numbers that the kernel gave to a process, a pipe or a socket."""
    for place, rule in subject.everywhere():
        for name in file_names(rule):
            match = _PROCESS.match(name) or _NUMBERED.fullmatch(name)
            if match:
                yield subject.finding(
                    "process-number", place, f"{match[0]} has another number next time", rule
                )
                break


def file_names(rule: Rule) -> Iterator[str]:
    """The names of files in a rule's operands."""
    if rule.shape.keyword == "file" or rule.shape.keyword.startswith("network unix"):
        yield from (operand for operand in rule.operands if isinstance(operand, str))


def random_part(name: str) -> str:
    """The part of a name that looks random, empty if none does.

    A UUID anywhere; where users and services write, a long number in hexadecimal or a part of mixed case and
    digits, as mkstemp makes it.
    """
    uuid = _UUID.search(name)
    if uuid:
        return uuid[0]
    if not name.startswith(_WRITABLE):
        return ""
    for component in name.split("/")[2:]:
        for part in re.split(r"[-._:#@+~]", component):
            if _HEX.fullmatch(part) or (_MIXED.fullmatch(part) and _is_jumbled(part)):
                return part
    return ""


def _is_jumbled(part: str) -> bool:
    """Whether cases and digits change more often than in a word, a CamelCase name or a version.

    `e2scrub` is a word, and `enp1s0` a network card called by its place (systemd.net-naming-scheme(7)).
    """
    if _WORD_WITH_DIGIT.fullmatch(part) or _NETWORK_CARD.fullmatch(part):
        return False
    if _LOWER.fullmatch(part.lower()) and (part[1:].islower() or part.islower() or part.isupper()):
        return False
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in part]
    changes = sum(a != b and (a, b) != ("u", "l") for a, b in pairwise(kinds))
    return changes >= 2 and ("d" in kinds or changes >= 3)


def _image_names(rule: Rule) -> Iterator[str]:
    if rule.shape.keyword != "file" or _MAKES.intersection(rule.operations):
        return
    for name in map(merged_name, file_names(rule)):
        if name.startswith(_OF_THE_IMAGE):
            yield name


def _matched(patterns: set[str], paths: frozenset[str]) -> set[str]:
    """The patterns that match at least one path."""
    collection = PatternSet(sorted(patterns))
    return {pattern for path in paths for pattern in collection.all(path)} if patterns else set()


def _missing(name: str, versions: dict[str, list[str]]) -> str:
    others = versions.get(_DIGITS.sub("#", name), [])
    if others and not has_wildcard(name):
        return f"the image has no {name}, but {min(others)}"
    return f"the image has nothing that matches {name}" if has_wildcard(name) else f"the image has no {name}"
