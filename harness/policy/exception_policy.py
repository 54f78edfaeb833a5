"""The exception policy: where domains begin and end, what groups hold, which rules many domains share.

The format is what `tomoyo_read_exception` prints and `tomoyo_write_exception` takes (`common.c`, `domain.c`
and `group.c` in the kernel's `security/tomoyo/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from harness.errors import PolicyError
from harness.policy.domain_policy import MAX_GROUPS, Domain
from harness.policy.line import BadLine, encode, read_lines
from harness.policy.operand import (
    AddressRange,
    NumberRange,
    parse_address_range,
    parse_number_range,
)
from harness.policy.rule import Rule, parse_rule
from harness.policy.word import has_wildcard, is_domain_name, is_namespace, is_path, is_word

KERNEL = "<kernel>"
# In the order in which the kernel looks at them.
TRANSITIONS = (
    *("no_reset_domain", "reset_domain"),
    *("no_initialize_domain", "initialize_domain"),
    *("no_keep_domain", "keep_domain"),
)
GROUP_KINDS = ("path_group", "number_group", "address_group")
_KEYWORDS = (*TRANSITIONS, "aggregator", *GROUP_KINDS, "acl_group")
_SHORT_FORM = ("no_keep_domain", "keep_domain")
_ANY = "any"


@dataclass(frozen=True, slots=True)
class TransitionControl:
    """`initialize_domain PROGRAM from DOMAIN` and its five relatives.

    Attributes:
        kind: one of `TRANSITIONS`.
        program: the program that is started; None for any.
        domain: the domain that starts it, or the last program of that domain's name; None for any.
        namespace: whose transitions it controls.
    """

    kind: str
    program: str | None
    domain: str | None
    namespace: str = KERNEL

    def __str__(self) -> str:
        return f"{self.kind} {self.program or _ANY} from {self.domain or _ANY}"


@dataclass(frozen=True, slots=True)
class Aggregator:
    """`aggregator PATTERN PROGRAM`: a program whose name matches is treated as another program."""

    pattern: str
    program: str
    namespace: str = KERNEL

    def __str__(self) -> str:
        return f"aggregator {self.pattern} {self.program}"


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member of a group: a pattern, a range of numbers or a range of addresses, by the group's `kind`."""

    kind: str
    group: str
    member: str | NumberRange | AddressRange
    namespace: str = KERNEL

    def __str__(self) -> str:
        return f"{self.kind} {self.group} {self.member}"


@dataclass(frozen=True, slots=True)
class GroupRule:
    """`acl_group N RULE`: a rule of every domain with `use_group N`."""

    number: int
    rule: Rule
    namespace: str = KERNEL

    def __str__(self) -> str:
        return f"acl_group {self.number} {self.rule}"


Entry = TransitionControl | Aggregator | GroupMember | GroupRule


@dataclass(frozen=True, slots=True)
class ExceptionPolicy:
    """An exception policy, as the kernel holds it after reading the text: each entry once.

    Attributes:
        entries: in the kernel's order.
        prefixed: every line begins with its namespace, as the kernel prints when there is another than
            `<kernel>`.
        source: the file it was read from, for messages.
        bad_lines: what a lenient reading set aside.
    """

    entries: tuple[Entry, ...] = ()
    prefixed: bool = False
    source: str = field(default="", compare=False)
    bad_lines: tuple[BadLine, ...] = field(default=(), compare=False)

    def transitions(self, namespace: str = KERNEL) -> tuple[TransitionControl, ...]:
        """The namespace's transition controls."""
        return tuple(
            entry
            for entry in self.entries
            if isinstance(entry, TransitionControl) and entry.namespace == namespace
        )

    def aggregators(self, namespace: str = KERNEL) -> tuple[Aggregator, ...]:
        """The namespace's aggregators; the first that matches decides."""
        return tuple(
            entry for entry in self.entries if isinstance(entry, Aggregator) and entry.namespace == namespace
        )

    def groups(
        self, kind: str, namespace: str = KERNEL
    ) -> dict[str, tuple[str | NumberRange | AddressRange, ...]]:
        """The namespace's groups of a kind (one of `GROUP_KINDS`), each with its members."""
        groups: dict[str, tuple[str | NumberRange | AddressRange, ...]] = {}
        for entry in self.entries:
            if isinstance(entry, GroupMember) and (entry.kind, entry.namespace) == (kind, namespace):
                groups[entry.group] = (*groups.get(entry.group, ()), entry.member)
        return groups

    def acl_group(self, number: int, namespace: str = KERNEL) -> tuple[Rule, ...]:
        """The rules that domains with `use_group number` share."""
        return tuple(
            entry.rule
            for entry in self.entries
            if isinstance(entry, GroupRule) and (entry.number, entry.namespace) == (number, namespace)
        )

    def shared_with(self, domain: Domain) -> list[Rule]:
        """The rules of all groups that a domain uses."""
        return [rule for number in domain.groups for rule in self.acl_group(number, domain.namespace)]

    def text(self) -> str:
        """The policy as the kernel prints it."""
        return "".join(
            f"{entry.namespace} {entry}\n" if self.prefixed else f"{entry}\n" for entry in self.entries
        )

    def dump(self) -> bytes:
        """`text` as bytes."""
        return encode(self.text())


def parse_exception_policy(data: bytes | str, *, source: str = "", lenient: bool = False) -> ExceptionPolicy:
    """Reads an exception policy, printed by the kernel or written by hand.

    Returns:
        What the kernel would hold: repeated entries once, the permissions of rules with one target joined.

    Raises:
        PolicyError: at the first bad line, unless lenient.
    """
    entries: list[Entry] = []
    prefixed = False

    def take(line: str, _: int) -> None:
        nonlocal prefixed
        entries.append(parse_entry(line))
        prefixed = prefixed or line.startswith("<")

    bad_lines = read_lines(data, take, source=source, lenient=lenient)
    return ExceptionPolicy(kernel_order(entries), prefixed, source, bad_lines)


def parse_entry(line: str) -> Entry:
    """One line, with or without its namespace in front.

    Raises:
        PolicyError: without a place other than the column; the caller knows the line.
    """
    namespace, text = KERNEL, line
    if line.startswith("<"):
        namespace, _, text = line.partition(" ")
        if not is_namespace(namespace):
            raise PolicyError(f"not a namespace: {namespace}", column=1, expected="a word in < and >")
    keyword, _, rest = text.partition(" ")
    if keyword not in _KEYWORDS:
        raise _unknown(keyword, len(line) - len(text) + 1)
    column = len(line) - len(rest) + 1
    try:
        return _entry(keyword, rest, namespace)
    except PolicyError as error:
        error.column = column + max(0, error.column - 1)
        raise


def _entry(keyword: str, rest: str, namespace: str) -> Entry:
    if keyword in TRANSITIONS:
        return _transition(keyword, rest, namespace)
    if keyword == "aggregator":
        return _aggregator(rest, namespace)
    if keyword in GROUP_KINDS:
        return _member(keyword, rest, namespace)
    return _group_rule(rest, namespace)


def _unknown(keyword: str, column: int) -> PolicyError:
    hint = ""
    if keyword == "delete":
        hint = "this text is a list of changes: hand it to harness.policy.patch"
    elif keyword.startswith("allow_") or keyword in ("file_pattern", "deny_rewrite", "alias"):
        hint = "this is the syntax of TOMOYO 2.3 or older: convert the file with harness.policy.legacy"
    return PolicyError(
        f"no exception policy has a line that begins with {keyword!r}",
        column=column,
        expected=", ".join(_KEYWORDS),
        hint=hint,
    )


def _transition(kind: str, rest: str, namespace: str) -> TransitionControl:
    program, separator, domain = rest.partition(" from ")
    if not separator:
        program, domain = (_ANY, rest) if kind in _SHORT_FORM else (rest, _ANY)
    if program != _ANY and not is_path(program):
        raise PolicyError(f"not a program: {program!r}", expected="any or the program's path")
    if domain != _ANY and not is_domain_name(domain) and not is_path(domain):
        raise PolicyError(
            f"not a domain: {domain!r}", expected="any, a domain or the last program of its name"
        )
    return TransitionControl(
        kind, None if program == _ANY else program, None if domain == _ANY else domain, namespace
    )


def _aggregator(rest: str, namespace: str) -> Aggregator:
    pattern, program = _exactly_two(rest, "a pattern and a program")
    if not is_word(pattern):
        raise PolicyError(f"not a pattern: {pattern!r}", expected="a name or a pattern")
    if not is_path(program) or has_wildcard(program):
        raise PolicyError(f"not a program: {program!r}", expected="the program's path, without wildcards")
    return Aggregator(pattern, program, namespace)


def _member(kind: str, rest: str, namespace: str) -> GroupMember:
    group, word = _exactly_two(rest, "a group's name and a member")
    if not is_word(group):
        raise PolicyError(f"not a group's name: {group!r}", expected="a word")
    member: str | NumberRange | AddressRange
    if kind == "number_group":
        member = parse_number_range(word)
    elif kind == "address_group":
        member = parse_address_range(word)
    elif is_word(word):
        member = word
    else:
        raise PolicyError(f"not a name: {word!r}", expected="a name or a pattern")
    return GroupMember(kind, group, member, namespace)


def _group_rule(rest: str, namespace: str) -> GroupRule:
    digits, _, line = rest.partition(" ")
    if not (digits.isascii() and digits.isdigit() and int(digits) < MAX_GROUPS):
        raise PolicyError(f"not an acl_group: {digits!r}", expected=f"a number from 0 to {MAX_GROUPS - 1}")
    try:
        return GroupRule(int(digits), parse_rule(line), namespace)
    except PolicyError as error:
        error.column += len(digits) + 1
        raise


def _exactly_two(rest: str, expected: str) -> tuple[str, str]:
    first, _, second = rest.partition(" ")
    if not second or " " in second:
        raise PolicyError(f"{len(rest.split())} words here", expected=expected)
    return first, second


def kernel_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries as the kernel keeps and prints them after reading them in this order."""
    kept = list(_merged(entries))
    namespaces = list(dict.fromkeys([KERNEL, *(entry.namespace for entry in kept)]))
    groups = list(
        dict.fromkeys((entry.kind, entry.group) for entry in kept if isinstance(entry, GroupMember))
    )

    def place(entry: Entry) -> tuple[int, int, int]:
        namespace = namespaces.index(entry.namespace)
        match entry:
            case TransitionControl():
                return namespace, 0, 0
            case Aggregator():
                return namespace, 1, 0
            case GroupMember():
                return namespace, 2 + GROUP_KINDS.index(entry.kind), groups.index((entry.kind, entry.group))
            case GroupRule():
                return namespace, 2 + len(GROUP_KINDS), entry.number

    return tuple(sorted(kept, key=place))


def _merged(entries: Iterable[Entry]) -> Iterator[Entry]:
    kept: dict[Entry, Entry] = {}
    for entry in entries:
        if not isinstance(entry, GroupRule):
            kept.setdefault(entry, entry)
            continue
        key = replace(entry, rule=entry.rule.target)
        before = kept.get(key)
        operations = before.rule.operations if isinstance(before, GroupRule) else ()
        kept[key] = replace(entry, rule=entry.rule.allowing((*operations, *entry.rule.operations)))
    yield from kept.values()
