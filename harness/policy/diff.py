"""What changed from one policy to another, by meaning.

A diff of lines does not see that a rule became wider, that a rule which came anew adds no right, that a
domain only got another name, or that a right is shared now which each domain had before. This one does;
`harness.policy.patch` gives the same difference as lines that tomoyo-loadpolicy takes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

from harness.policy.alias import merged_line
from harness.policy.covering import Groups, RuleIndex
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.exception_policy import ExceptionPolicy, GroupRule
from harness.policy.loading import exception_lines
from harness.policy.manager import ManagerPolicy
from harness.policy.profile import ProfilePolicy
from harness.policy.rule import Rule, split_operations

# Two domains are one under two names when they share this part of the rules of both. Where the same program
# runs in both, less is enough; where another one does, two small domains may be alike by chance.
_SAME_RULES = 0.5
_SAME_PROGRAM = 0.3
_FEWEST_SHARED = 8
# A rule that many domains have (every program reads the C library) says nothing about which domain is which.
_COMMON = 16
# A wildcard, a group or a range.
_WIDE = re.compile(r"\\[^\\0-3]|[ =]@|[0-9a-f]-[0-9a-f:]")

_NONE = ExceptionPolicy()

_Rules = dict[Rule, None]


class Kind(Enum):
    """What happened to a right."""

    ADDED = "added"
    REMOVED = "removed"
    WIDENED = "widened"
    NARROWED = "narrowed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of rules that belong together.

    Attributes:
        kind: what happened; `REPLACED` when permissions on the same object were both won and lost.
        before: the rules that were there, none for `ADDED`.
        after: the rules that are there, none for `REMOVED`.
        redundant: nothing is won or lost: another rule of the domain grants the same before and after.
    """

    kind: Kind
    before: tuple[Rule, ...] = ()
    after: tuple[Rule, ...] = ()
    redundant: bool = False

    @property
    def merged(self) -> str:
        """The rule that stands for the change, with merged names: aliases of one file give the same text."""
        return merged_line(str((self.after or self.before)[0]))


@dataclass(frozen=True, slots=True)
class HeadChange:
    """Another profile, group or flag.

    Attributes:
        what: `profile`, `groups`, `quota_exceeded` or `transition_failed`.
        before: its text before, empty where there was none.
        after: its text after.
    """

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DomainDiff:
    """What happened to one domain.

    Attributes:
        before: its name before; None for a new domain.
        after: its name after; None for a domain that is gone.
        head: changes of profile, groups and flags.
        changes: changes of rules. All rules of a new domain are added, all of a lost one removed.
    """

    before: str | None
    after: str | None
    head: tuple[HeadChange, ...]
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """The name after, or the last one it had."""
        return self.after or self.before or ""

    @property
    def moved(self) -> bool:
        """The domain got another name."""
        return None not in (self.before, self.after) and self.before != self.after


@dataclass(frozen=True, slots=True)
class EntryChange:
    """A line beside the domains that came or went; a shared rule is a change of its domains."""

    kind: Kind
    line: str


class PolicyDiff:
    """The domains that changed, in the order of the new policy, then those that are gone.

    Attributes:
        domains: the changes.
        entries: what changed in the exception policy beside shared rules.
        profiles: what changed in the profiles.
        managers: what changed in who may write policy.
    """

    def __init__(
        self,
        domains: Iterable[DomainDiff],
        entries: Iterable[EntryChange] = (),
        profiles: Iterable[EntryChange] = (),
        managers: Iterable[EntryChange] = (),
    ) -> None:
        self.domains = tuple(domains)
        self.entries = tuple(entries)
        self.profiles = tuple(profiles)
        self.managers = tuple(managers)

    def __bool__(self) -> bool:
        return bool(self.domains or self.entries or self.profiles or self.managers)

    @cached_property
    def counts(self) -> Counter[Kind]:
        """How many changes there are of each kind, those without effect left out."""
        return Counter(
            change.kind for domain in self.domains for change in domain.changes if not change.redundant
        )


def diff(
    old: DomainPolicy,
    new: DomainPolicy,
    was: ExceptionPolicy = _NONE,
    now: ExceptionPolicy = _NONE,
    *,
    profiles: tuple[ProfilePolicy, ProfilePolicy] | None = None,
    managers: tuple[ManagerPolicy, ManagerPolicy] | None = None,
) -> PolicyDiff:
    """Compares two policies.

    Where an exception policy has an `acl_group`, its rules count as each domain's own on both sides, and by
    which number a domain gets them does not.

    Args:
        old: the policy before.
        new: the policy after.
        was: the exception policy before.
        now: the exception policy after; `@GROUP` covers what its group holds here.
        profiles: those before and after; None where they are not compared.
        managers: likewise.

    Raises:
        PolicyError: a rule that changed does not read.
    """
    renamed = find_renamed(old, new)
    if any(isinstance(entry, GroupRule) for entry in (*was.entries, *now.entries)):
        # Not before: what all domains share would make strangers alike.
        old, new = _spelled_out(old, was), _spelled_out(new, now)
    return PolicyDiff(
        _domains(old, new, renamed, Groups.of(now)),
        _entry_changes(was, now),
        _line_changes(*(one.text() for one in profiles)) if profiles is not None else (),
        _line_changes(*(one.text() for one in managers)) if managers is not None else (),
    )


def _entry_changes(was: ExceptionPolicy, now: ExceptionPolicy) -> Iterator[EntryChange]:
    """The lines of the exception policy that came or went, without those of `acl_group`."""
    before, after = (
        exception_lines(
            replace(policy, entries=tuple(one for one in policy.entries if not isinstance(one, GroupRule)))
        )
        for policy in (was, now)
    )
    yield from _came_or_went(before, after)


def _line_changes(before: str, after: str) -> Iterator[EntryChange]:
    """The lines of two texts, as the kernel prints them, that came or went."""
    return _came_or_went(*(dict.fromkeys(text.splitlines()) for text in (before, after)))


def _came_or_went(before: Iterable[str], after: Iterable[str]) -> Iterator[EntryChange]:
    was, now = frozenset(before), frozenset(after)
    yield from (EntryChange(Kind.ADDED, line) for line in after if line not in was)
    yield from (EntryChange(Kind.REMOVED, line) for line in before if line not in now)


def _spelled_out(policy: DomainPolicy, exceptions: ExceptionPolicy) -> DomainPolicy:
    """The policy with what its domains share among each one's own rules, and without groups' numbers."""
    shared: dict[tuple[str, tuple[int, ...]], tuple[str, ...]] = {}
    domains = []
    for domain in policy.values():
        key = domain.namespace, domain.groups
        if key not in shared:
            shared[key] = tuple(map(str, exceptions.shared_with(domain)))
        # The own rules come first, so that their line numbers stay theirs.
        rules = tuple(dict.fromkeys((*domain.rules, *shared[key])))
        domains.append(replace(domain, groups=(), rules=rules))
    return DomainPolicy(domains, source=policy.source)


def find_renamed(old: DomainPolicy, new: DomainPolicy) -> dict[str, str]:
    """Domains that are in `old` under one name and in `new` under another.

    Returns:
        New name → old name. Likeness decides: the part that common rules are of all rules of both. Each
        domain is taken once, the most alike first.
    """
    gone = [old[name] for name in old if name not in new and old[name].rules]
    came = [new[name] for name in new if name not in old and new[name].rules]
    holders: dict[str, list[str]] = {}
    for domain in came:
        for rule in domain.rules:
            holders.setdefault(rule, []).append(domain.name)
    scored = sorted(
        (score for domain in gone for score in _likenesses(domain, new, holders)),
        key=lambda score: -score[0],
    )
    renamed: dict[str, str] = {}
    taken: set[str] = set()
    for _, before, after in scored:
        if before not in taken and after not in renamed:
            taken.add(before)
            renamed[after] = before
    return renamed


def _likenesses(
    domain: Domain, new: DomainPolicy, holders: dict[str, list[str]]
) -> Iterator[tuple[float, str, str]]:
    shared = Counter(
        name
        for rule in domain.rules
        for name in (holders.get(rule, ()) if len(holders.get(rule, ())) <= _COMMON else ())
    )
    rules = frozenset(domain.rules)
    for name in shared:
        partner = new[name]
        common = len(rules.intersection(partner.rules))
        likeness = common / (len(rules) + len(partner.rules) - common)
        if partner.programs[-1] == domain.programs[-1]:
            if likeness >= _SAME_PROGRAM:
                yield 1 + likeness, domain.name, name
        elif likeness >= _SAME_RULES and common >= _FEWEST_SHARED:
            yield likeness, domain.name, name


def _domains(
    old: DomainPolicy, new: DomainPolicy, renamed: dict[str, str], groups: Groups
) -> Iterator[DomainDiff]:
    for name, domain in new.items():
        before = old.get(renamed.get(name, name))
        if before is None:
            yield DomainDiff(
                None,
                name,
                _head(Domain(name), domain),
                tuple(Change(Kind.ADDED, (), (rule,)) for rule in domain.parsed(source=new.source)),
            )
        elif before != domain:
            head = _head(before, domain)
            changes = tuple(_Comparison(before, domain, old.source, new.source, groups).changes())
            if head or changes or before.name != name:
                yield DomainDiff(before.name, name, head, changes)
    moved = set(renamed.values())
    for name, domain in old.items():
        if name not in new and name not in moved:
            rules = domain.parsed(source=old.source)
            yield DomainDiff(name, None, (), tuple(Change(Kind.REMOVED, (rule,)) for rule in rules))


def _head(before: Domain, after: Domain) -> tuple[HeadChange, ...]:
    pairs = [
        ("profile", str(before.profile), str(after.profile)),
        ("groups", " ".join(map(str, before.groups)), " ".join(map(str, after.groups))),
        *(
            (flag, flag if getattr(before, flag) else "", flag if getattr(after, flag) else "")
            for flag in ("quota_exceeded", "transition_failed")
        ),
    ]
    return tuple(HeadChange(what, was, now) for what, was, now in pairs if was != now)


class _Comparison:
    """Two states of one domain."""

    def __init__(
        self, before: Domain, after: Domain, old_source: str, new_source: str, groups: Groups
    ) -> None:
        self._groups = groups
        self._after, self._new_source = after, new_source
        was, now = frozenset(before.rules), frozenset(after.rules)
        # A kernel has one line for a target, but a domain and what it shares may have one each: what another
        # line says of the same target counts too.
        targets = {_target(rule) for rule in was ^ now}
        removed = [rule for rule in before.rules if _target(rule) in targets]
        added = [rule for rule in after.rules if _target(rule) in targets]
        self._removed = dict.fromkeys(before.parsed(removed, source=old_source))
        self._added = dict.fromkeys(after.parsed(added, source=new_source))
        self._stayed = [rule for rule in after.rules if rule in was]

    def changes(self) -> Iterator[Change]:
        stayed = RuleIndex(self._after.parsed(self._wide_rules(), source=self._new_source), self._groups)
        for change in self._found():
            granted = all(_is_covered(rule, stayed) for rule in (*change.before, *change.after))
            yield replace(change, redundant=granted)

    def _found(self) -> Iterator[Change]:
        yield from self._same_target()
        yield from self._covered(Kind.WIDENED, wide=self._added, narrow=self._removed)
        yield from self._covered(Kind.NARROWED, wide=self._removed, narrow=self._added)
        yield from (Change(Kind.ADDED, (), (rule,)) for rule in self._added)
        yield from (Change(Kind.REMOVED, (rule,)) for rule in self._removed)

    def _same_target(self) -> Iterator[Change]:
        """Rules that differ in their permissions alone, whether these stand in one line or in several."""
        removed, added = _by_target(self._removed), _by_target(self._added)
        for target in [one for one in added if one in removed]:
            before, after = removed[target], added[target]
            for rule in before:
                del self._removed[rule]
            for rule in after:
                del self._added[rule]
            was = {operation for rule in before for operation in rule.operations}
            now = {operation for rule in after for operation in rule.operations}
            if was != now:
                kind = Kind.WIDENED if was < now else Kind.NARROWED if now < was else Kind.REPLACED
                yield Change(kind, tuple(before), tuple(after))

    def _covered(self, kind: Kind, *, wide: _Rules, narrow: _Rules) -> Iterator[Change]:
        """Rules that went into a wider one, or came out of it."""
        index = RuleIndex(wide, self._groups)
        inside: dict[Rule, list[Rule]] = {}
        for rule in list(narrow):
            by = next(index.covering(rule), None)
            if by is not None:
                inside.setdefault(by, []).append(rule)
                del narrow[rule]
        for rule, rules in inside.items():
            del wide[rule]
            before, after = (tuple(rules), (rule,)) if kind is Kind.WIDENED else ((rule,), tuple(rules))
            yield Change(kind, before, after)

    def _wide_rules(self) -> Iterator[str]:
        """The unchanged rules that could cover a changed one: few, so that the many need not be parsed."""
        changed = {str(rule.operands[0]) for rule in (*self._added, *self._removed)}
        if not changed:
            return
        for line in self._stayed:
            if _WIDE.search(line) or split_operations(line)[2][1:].partition(" ")[0] in changed:
                yield line


def _target(line: str) -> tuple[str, str]:
    """What a line is about, whatever it permits."""
    begins, _operations, rest = split_operations(line)
    return begins, rest


def _is_covered(rule: Rule, index: RuleIndex) -> bool:
    return next(index.covering(rule), None) is not None


def _by_target(rules: Iterable[Rule]) -> dict[Rule, list[Rule]]:
    found: dict[Rule, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.target, []).append(rule)
    return found
