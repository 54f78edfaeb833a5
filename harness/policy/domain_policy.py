"""The domain policy: which domain may do what.

The format is what `tomoyo_read_domain` prints and `tomoyo_write_domain` takes (`security/tomoyo/common.c`).
A desktop's policy has tens of thousands of lines and a comparison of releases has millions, so the lines
stay text here; `harness.policy.rule.parse_rule` gives a line its meaning when somebody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from harness.errors import PolicyError
from harness.policy.line import BadLine, decode, encode, is_tidy, normalise
from harness.policy.rule import Rule, parse_rule
from harness.policy.word import is_domain_name

MAX_PROFILES = 256
MAX_GROUPS = 256

_HEAD = re.compile(
    r"(<[^\n]*)\nuse_profile ([0-9]+)\n(quota_exceeded\n)?(transition_failed\n)?((?:use_group [0-9]+\n)*)\n"
)
_NO_RULE = re.compile(r"\n(?!file |network inet |network unix |misc env |task )")
_RULE = re.compile(r"file |network inet |network unix |misc env |task ")
_OLD_SYNTAX = re.compile(r"allow_[a-z]+|[0-7] |(?:ignore_global|ignore_global_allow_[a-z]+)\b")


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain: its name, how it is governed, and its rules.

    Attributes:
        name: the chain of programs, e.g. `<kernel> /usr/sbin/init /usr/bin/dash`.
        profile: the number of the profile that governs it, 0 to 255.
        groups: the `acl_group` numbers whose rules hold here too, ascending.
        quota_exceeded: learning stopped here because the profile's `max_learning_entry` was reached.
        transition_failed: a program started from here could not be given its domain.
        rules: the lines, in the order of the text.
        lines: for each rule its line number in the text that was read; empty when it comes from none.
    """

    name: str
    profile: int = 0
    groups: tuple[int, ...] = ()
    quota_exceeded: bool = False
    transition_failed: bool = False
    rules: tuple[str, ...] = ()
    lines: Sequence[int] = field(default=(), compare=False, repr=False)

    @property
    def programs(self) -> tuple[str, ...]:
        """The name's parts: the namespace, then each program of the chain."""
        return tuple(self.name.split(" "))

    @property
    def namespace(self) -> str:
        """The first part of the name, `<kernel>` unless namespaces are in use."""
        return self.name.partition(" ")[0]

    def parsed(self, rules: Iterable[str] | None = None, *, source: str = "") -> list[Rule]:
        """The domain's rules, or some of them, as values.

        Args:
            rules: lines out of `rules`; None for all.
            source: the file that the domain was read from, for messages.

        Raises:
            PolicyError: a line that the kernel does not take, with its place.
        """
        return [self._parse(line, source) for line in (self.rules if rules is None else rules)]

    def _parse(self, line: str, source: str) -> Rule:
        try:
            return parse_rule(line)
        except PolicyError as error:
            error.source, error.line = source, self._number(line)
            error.domain, error.text = self.name, line
            raise

    def _number(self, line: str) -> int:
        """A rule's line number; 0 for one that is in no text, or was added behind those that are."""
        index = self.rules.index(line)
        return self.lines[index] if index < len(self.lines) else 0

    def head(self) -> list[str]:
        """The lines above the rules, without the blank line that ends them."""
        lines = [self.name, f"use_profile {self.profile}"]
        if self.quota_exceeded:
            lines.append("quota_exceeded")
        if self.transition_failed:
            lines.append("transition_failed")
        lines += [f"use_group {group}" for group in self.groups]
        return lines

    def text(self) -> str:
        """The domain as the kernel prints it, with the blank line that ends it."""
        return "\n".join([*self.head(), "", *self.rules, "", ""])


class DomainPolicy(Mapping[str, Domain]):
    """Domains by name, in the order of the text. A value: nothing changes it.

    Attributes:
        source: the file it was read from, for messages; empty when it was made.
        bad_lines: what a lenient reading set aside.
    """

    __slots__ = ("_domains", "bad_lines", "source")

    def __init__(
        self, domains: Iterable[Domain] = (), *, source: str = "", bad_lines: Iterable[BadLine] = ()
    ) -> None:
        self._domains = {domain.name: domain for domain in domains}
        self.source = source
        self.bad_lines = tuple(bad_lines)

    def __getitem__(self, name: str) -> Domain:
        return self._domains[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._domains)

    def __len__(self) -> int:
        return len(self._domains)

    def __repr__(self) -> str:
        return f"DomainPolicy({len(self)} domains, {self.rule_count} rules, source={self.source!r})"

    @property
    def rule_count(self) -> int:
        """How many rules there are in all domains together."""
        return sum(len(domain.rules) for domain in self._domains.values())

    def unreadable(self) -> list[BadLine]:
        """The rules that the kernel would not take, each with its error and place."""
        bad = []
        for domain in self._domains.values():
            for line in domain.rules:
                try:
                    domain.parsed([line], source=self.source)
                except PolicyError as error:
                    bad.append(BadLine(domain.name, line, error))
        return bad

    def text(self) -> str:
        """The policy as the kernel prints it; for a text that the kernel printed, the same text."""
        return "".join(domain.text() for domain in self._domains.values())

    def dump(self) -> bytes:
        """`text` as bytes, for a file or for the kernel."""
        return encode(self.text())


def parse_domain_policy(data: bytes | str, *, source: str = "", lenient: bool = False) -> DomainPolicy:
    """Reads a domain policy: the kernel's own print, or a file written by hand.

    A rule's keyword is checked here and the rest of it when it is parsed (`harness.policy.rule`).
    Lines that begin with `#` are skipped, as the kernel skips them.

    Args:
        data: the text; any bytes are survived.
        source: where it comes from, for messages.
        lenient: keep going at a bad line and list it in `bad_lines`.

    Returns:
        The policy. A domain that the text names twice appears once, with the rules of both places.

    Raises:
        PolicyError: at the first bad line, unless lenient.
    """
    text = decode(data)
    if not is_tidy(text):
        text = "\n".join(normalise(line) for line in text.split("\n"))
    reader = _Reader(source, lenient)
    reader.read(text)
    return DomainPolicy(reader.domains.values(), source=source, bad_lines=reader.bad_lines)


@dataclass(slots=True)
class _Reader:
    """Reads text block by block where it is the kernel's print, and line by line where it is not."""

    source: str
    lenient: bool
    domains: dict[str, Domain] = field(default_factory=dict)
    bad_lines: list[BadLine] = field(default_factory=list)

    def read(self, text: str) -> None:
        position, line = 0, 1
        while position < len(text):
            end, lines = self._printed(text, position, line)
            if not end:
                end = text.find("\n<", position) + 1 or len(text)
                block = text[position:end]
                self._written(block.removesuffix("\n").split("\n"), line)
                lines = block.count("\n")
            position, line = end, line + lines

    def _printed(self, text: str, start: int, line: int) -> tuple[int, int]:
        """Takes one domain as the kernel prints it; its end and its number of lines, or (0, 0)."""
        head = _HEAD.match(text, start)
        if head is None or head[1] in self.domains or not is_domain_name(head[1]):
            return 0, 0
        first = head.end()
        rules: tuple[str, ...] = ()
        last = text.find("\n\n", first - 1) if first < len(text) else -1
        if last < 0:
            return 0, 0
        if last >= first:
            if _NO_RULE.search(text, first - 1, last):
                return 0, 0
            rules = tuple(text[first:last].split("\n"))
        profile = int(head[2])
        groups = tuple(int(word) for word in head[5].split()[1::2])
        if (
            profile >= MAX_PROFILES
            or list(groups) != sorted(set(groups))
            or any(g >= MAX_GROUPS for g in groups)
        ):
            return 0, 0
        above = head[0].count("\n")
        lines = range(line + above, line + above + len(rules))
        self.domains[head[1]] = Domain(head[1], profile, groups, bool(head[3]), bool(head[4]), rules, lines)
        return last + 2, above + len(rules) + 1

    def _written(self, block: list[str], first: int) -> None:
        """Takes lines in any order: at most one domain's name, at the beginning."""
        draft: _Draft | None = None
        for number, line in enumerate(block, first):
            if not line or line.startswith("#"):
                continue
            try:
                if line.startswith("<"):
                    draft = _Draft(self.domains.get(line) or _new_domain(line))
                elif draft is None:
                    _refuse_outside(line)
                else:
                    draft.take(line, number)
            except PolicyError as error:
                error.source, error.line = self.source, number
                if not self.lenient:
                    raise
                self.bad_lines.append(BadLine(draft.domain.name if draft else "", line, error))
        if draft is not None:
            domain = draft.finished()
            self.domains[domain.name] = domain


class _Draft:
    """A domain that is being read line by line."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._profile = domain.profile
        self._groups = set(domain.groups)
        self._flags = {
            "quota_exceeded": domain.quota_exceeded,
            "transition_failed": domain.transition_failed,
        }
        self._rules = dict(zip(domain.rules, domain.lines, strict=True))

    def take(self, line: str, number: int) -> None:
        if _RULE.match(line):
            self._rules.setdefault(line, number)
        elif line in self._flags:
            self._flags[line] = True
        elif line.startswith("use_profile "):
            self._profile = _number(line, MAX_PROFILES)
        elif line.startswith("use_group "):
            self._groups.add(_number(line, MAX_GROUPS))
        else:
            raise _unknown(line)

    def finished(self) -> Domain:
        return Domain(
            self.domain.name,
            self._profile,
            tuple(sorted(self._groups)),
            self._flags["quota_exceeded"],
            self._flags["transition_failed"],
            tuple(self._rules),
            tuple(self._rules.values()),
        )


def _new_domain(line: str) -> Domain:
    if is_domain_name(line):
        return Domain(line)
    raise PolicyError(
        f"not a domain's name: {line}",
        column=1,
        expected="<namespace>, then absolute program names, each after one space",
    )


def _refuse_outside(line: str) -> NoReturn:
    raise PolicyError(
        f"a line outside of any domain: {line}", column=1, expected="a domain's name before its rules"
    )


def _number(line: str, limit: int) -> int:
    keyword, _, word = line.partition(" ")
    if word.isascii() and word.isdigit() and int(word) < limit:
        return int(word)
    raise PolicyError(
        f"{keyword} with {word}", column=len(keyword) + 2, expected=f"a number from 0 to {limit - 1}"
    )


def _unknown(line: str) -> PolicyError:
    keyword = line.partition(" ")[0]
    if keyword == "delete":
        return PolicyError(
            "a line that deletes",
            column=1,
            expected="a policy",
            hint="this text is a list of changes: hand it to harness.policy.patch",
        )
    if _OLD_SYNTAX.match(line):
        return PolicyError(
            f"a line of TOMOYO 2.3 or older: {line}",
            column=1,
            expected="the syntax of TOMOYO 2.4 and later",
            hint="convert the file first: harness.policy.legacy",
        )
    return PolicyError(
        f"a line that no domain policy has: {line}",
        column=1,
        expected="file, network, misc, task, use_profile, use_group, quota_exceeded or transition_failed",
    )
