"""From learned rules to a policy to ship: the stages in their order.

1. Domains get the names that the domains file gives them; domains that become one are joined.
2. What the harness itself did is taken away.
3. Tuning rules rewrite each permission; a layer's name follows the file's own.
4. Permissions that another one of the domain now covers go into it.
5. Rules that domains have in common become acl_groups.

Whatever is left of a learned permission on its way remembers it, so that each line of the policy can say
what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from harness.analysis.tuning import elsewhere, instruments, layers
from harness.analysis.tuning.learned import Learned
from harness.analysis.tuning.permission import Paths, names
from harness.analysis.tuning.rewriting import Rewriter
from harness.analysis.tuning.rules import EVERYBODY, RuleSet
from harness.analysis.tuning.sharing import SharedRules, find_shared
from harness.errors import PolicyError
from harness.policy import Domain, DomainPolicy, ExceptionPolicy, parse_profile, parse_rule
from harness.policy.covering import RuleIndex
from harness.policy.exception_policy import Entry, GroupRule, kernel_order
from harness.policy.rule import Rule
from harness.policy.sets import joined as joined_rules
from harness.policy.what_if import Gain, relocated, what_if
from harness.progress import Progress, silent
from harness.record.explanation import (
    INSTRUMENT,
    AppliedRule,
    Explanation,
    Figures,
    Removed,
    ShippedDomain,
    ShippedRule,
)
from harness.record.explanation import Learned as LearnedRule
from harness.record.shipped import ShippedPolicy

ENFORCING, PERMISSIVE = 3, 2
_PROFILES = """\
PROFILE_VERSION=20150505
0-COMMENT=disabled
0-PREFERENCE={ max_audit_log=1024 max_learning_entry=2048 }
0-CONFIG={ mode=disabled grant_log=no reject_log=no }
2-COMMENT=permissive
2-PREFERENCE={ max_audit_log=1024 max_learning_entry=2048 }
2-CONFIG={ mode=permissive grant_log=no reject_log=yes }
3-COMMENT=enforcing
3-PREFERENCE={ max_audit_log=1024 max_learning_entry=2048 }
3-CONFIG={ mode=enforcing grant_log=no reject_log=yes }
"""
SHARED = "common-rules"
_SHARED_REASON = (
    "Rules that several domains have in common stand once, in an acl_group; nobody gains a right."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What to do.

    Attributes:
        rules: tuning rules; none, with `overlay` and `groups` off, ships rules as they were learned.
        domains: lines of exception policy that choose domains, laid over the learned ones.
        profile: the profile of every domain: 3 enforces, 2 only says what it would refuse.
        overlay: grant overlayfs's second look once for all domains.
        groups: make acl_groups of rules that domains have in common.
        remove_harness: take away what the harness itself did.
        paths: the image's paths, for over-permission and for files that come to be in both layers.
    """

    rules: tuple[RuleSet, ...] = ()
    domains: tuple[Entry, ...] = ()
    profile: int = ENFORCING
    overlay: bool = True
    groups: bool = True
    remove_harness: bool = True
    paths: frozenset[str] | None = None

    def __post_init__(self) -> None:
        """Refuse at once what would be refused at the end.

        Raises:
            PolicyError: there is no such profile to ship.
        """
        # Profile 0 is there for the harness's agent, and governs nothing.
        if self.profile not in (ENFORCING, PERMISSIVE):
            raise PolicyError(
                f"there is no profile {self.profile} to ship",
                expected="3 to enforce, 2 to let through and record",
            )


@dataclass(frozen=True, slots=True)
class Tuned:
    """The outcome.

    Attributes:
        policy: with its explanation.
        merged: domain → the learned domains that became it, for those that are more than one.
        gains: what processes may do more because their domain was merged with others.
        incomplete: domains in which learning had stopped at a quota.
        damaged: records of the runs that cannot be read: what was learned there is missing.
        groups: the acl_groups that were made of common rules.
        of_the_test: lines that name a scenario's servers, which no real machine meets.
    """

    policy: ShippedPolicy
    merged: Mapping[str, tuple[str, ...]]
    gains: tuple[Gain, ...]
    incomplete: tuple[str, ...]
    damaged: tuple[str, ...]
    groups: tuple[SharedRules, ...]
    of_the_test: tuple[str, ...] = ()

    @property
    def explanation(self) -> Explanation:
        """Why each line is there."""
        assert self.policy.explanation is not None
        return self.policy.explanation


@dataclass(slots=True)
class _Draft:
    """A rule on its way, with what it stands for: (domain, line) → sources."""

    rule: Rule
    learned: dict[tuple[str, str], int] = field(default_factory=dict)
    by: dict[str, None] = field(default_factory=dict)

    def absorb(self, other: _Draft) -> None:
        for key, bits in other.learned.items():
            self.learned[key] = self.learned.get(key, 0) | bits
        self.by.update(other.by)


_Drafts = dict[Rule, _Draft]


def tune(learned: Learned, settings: Settings, *, version: str = "", progress: Progress = silent) -> Tuned:
    """Make a policy to ship.

    Args:
        learned: what runs learned.
        settings: what to do with it.
        version: of Tomograph, for the record.
        progress: gets a line for each stage, and for each domain that is rewritten.

    Raises:
        PolicyError: a tuning rule goes beyond a bound, or something of the harness is left.
    """
    return _Tuning(learned, settings, version, progress).done()


class _Tuning:
    """The stages, and what is known in between."""

    def __init__(self, learned: Learned, settings: Settings, version: str, progress: Progress) -> None:
        self._learned = learned
        self._settings = settings
        self._version = version
        self._progress = progress
        self._rewriter = Rewriter(settings.rules)
        self._removed: dict[tuple[str, str], dict[str, None]] = {}
        self._gains: tuple[Gain, ...] = ()
        self._sources: dict[str, list[str]] = {}
        self._shared: dict[int, _Drafts] = {}
        self._users: dict[int, set[str]] = {}
        self._rewrote: dict[str, int] = {}
        self._never_root: frozenset[str] = frozenset()

    def done(self) -> Tuned:
        exceptions = self._learned.exceptions
        places = self._places(exceptions)
        exceptions = replace(exceptions, entries=kernel_order([*exceptions.entries, *self._settings.domains]))
        if self._settings.remove_harness:
            exceptions, gone = instruments.without_instruments(exceptions)
            self._remove("", INSTRUMENT, gone)
        drafts = self._drafts(places)
        self._progress("joining rules")
        if self._settings.rules:
            self._share(drafts)
            for domain in drafts.values():
                _absorb_covered(domain)
        joined = {name: _joined(domain) for name, domain in drafts.items()}
        if layers.ACL_GROUP in self._shared:
            self._must_be_free(layers.ACL_GROUP, layers.RULE, "give the image's group another number")
            exceptions = replace(exceptions, entries=kernel_order([*exceptions.entries, *layers.members()]))
        if any(rule.addresses for rules in self._settings.rules for rule in rules.rules):
            exceptions = replace(
                exceptions, entries=kernel_order([*exceptions.entries, *elsewhere.members()])
            )
        common = self._common(joined, exceptions) if self._settings.groups else []
        groups = {number: _joined(shared) for number, shared in self._shared.items()}
        exceptions = replace(
            exceptions,
            entries=kernel_order(
                [*exceptions.entries, *(GroupRule(n, rule) for n in sorted(groups) for rule in groups[n])]
            ),
        )
        uses = {name: self._uses(name) for name in joined}
        self._refuse_loss(joined, groups, places, uses)
        domains = DomainPolicy(
            Domain(
                name,
                self._settings.profile,
                uses[name],
                rules=tuple(str(rule) for rule in _in_order(joined[name])),
            )
            for name in joined
        )
        if self._settings.remove_harness:
            instruments.refuse_leftovers(instruments.leftovers(domains, exceptions))
        self._progress("writing down where each rule comes from")
        policy = ShippedPolicy(
            domains,
            exceptions,
            parse_profile(_PROFILES),
            self._learned.managers,
            self._explain(joined, groups, exceptions, domains),
        )
        return Tuned(
            policy,
            {name: tuple(old) for name, old in self._sources.items() if len(old) > 1},
            self._gains,
            tuple(self._learned.incomplete),
            tuple(self._learned.damaged),
            tuple(common),
            tuple(filter(instruments.names_the_test, (*_lines(domains), *map(str, exceptions.entries)))),
        )

    def _places(self, exceptions: ExceptionPolicy) -> dict[str, str]:
        """For each learned domain the name that it gets."""
        places = {name: name for name in self._learned.rules}
        if not (self._settings.domains or self._rewriter.moves_domains):
            return places
        policy = DomainPolicy(
            Domain(name, 1, self._learned.groups.get(name, ()), rules=tuple(rules))
            for name, rules in self._learned.rules.items()
        )
        places |= what_if(policy, exceptions, self._settings.domains).moved
        if self._rewriter.moves_domains:
            for name, place in places.items():
                namespace, *programs = place.split(" ")
                places[name] = " ".join([namespace, *map(self._rewriter.program, programs)])
        self._gains = relocated(policy, exceptions, places).gains
        return places

    def _drafts(self, places: Mapping[str, str]) -> dict[str, _Drafts]:
        drafts: dict[str, _Drafts] = {}
        self._never_root = self._without_root(places)
        for number, (name, lines) in enumerate(self._learned.rules.items(), 1):
            self._progress(f"rewriting domain {number} of {len(self._learned.rules)}")
            why = self._reason_to_remove(name)
            if why:
                self._remove(name, why, lines)
                continue
            domain = drafts.setdefault(places[name], {})
            self._sources.setdefault(places[name], []).append(name)
            for line, bits in lines.items():
                self._draft(domain, places[name], name, line, bits)
        if self._settings.overlay:
            self._follow_moving_files(drafts)
        return drafts

    def _follow_moving_files(self, drafts: Mapping[str, _Drafts]) -> None:
        """What root may read in one layer of a file that moves to the other, it may read in the other.

        A shell has its script open until the next program is executed, which closes it: that program asks for
        the writable layer's file when the script was written anew meanwhile.
        """
        learned = (line for lines in self._learned.rules.values() for line in lines)
        moving = layers.moving(learned, self._settings.paths or frozenset())
        for place, domain in drafts.items():
            if place in self._never_root:
                continue
            for draft in list(domain.values()):
                other = layers.in_the_other_layer(draft.rule)
                if other is None or other in domain:
                    continue
                moved = {key: bits for key, bits in draft.learned.items() if layers.is_of(key[1], moving)}
                if moved:
                    self._follow(domain, other, moved)
            caller = place.rpartition(" ")[0]
            script = caller.rpartition(" ")[2]
            if script in moving and caller in drafts:
                read, closed = layers.read_and_closed(script)
                if read in drafts[caller] and closed not in domain:
                    self._follow(domain, closed, drafts[caller][read].learned)

    def _follow(self, domain: _Drafts, rule: Rule, learned: Mapping[tuple[str, str], int]) -> None:
        domain[rule] = _Draft(rule, dict(learned), {layers.MOVING: None})
        self._rewrote[layers.MOVING] = self._rewrote.get(layers.MOVING, 0) + len(learned)

    def _draft(self, domain: _Drafts, place: str, name: str, line: str, bits: int) -> None:
        seen = layers.seen_through(line) if self._settings.overlay else layers.Layered(line, "")
        rewritten = self._rewriter.rewrite(name, layers.parsed(name, line, seen))
        rule, by = rewritten.rule, rewritten.by
        if seen.layer:
            rule = parse_rule(layers.in_layer(rule, seen.layer))
        if self._settings.remove_harness and instruments.is_instrument(line):
            self._remove(place, INSTRUMENT, [str(rule)])
            return
        for tuning in by:
            self._rewrote[tuning] = self._rewrote.get(tuning, 0) + 1
        if self._settings.remove_harness and self._no_logins and instruments.starts_login(line):
            self._remove(place, instruments.CONSOLE_LOGIN, [str(rule)])
            return
        draft = _Draft(rule, {(name, line): bits}, dict.fromkeys(by))
        together = layers.shared(parse_rule(line)) if self._settings.overlay else None
        if together is not None and place in self._never_root:
            draft.by = {layers.RULE: None}
            self._rewrote[layers.RULE] = self._rewrote.get(layers.RULE, 0) + 1
            _put(self._shared.setdefault(layers.ACL_GROUP, {}), _with_rule(draft, together))
            self._users.setdefault(layers.ACL_GROUP, set()).add(place)
        else:
            _put(domain, draft)

    def _without_root(self, places: Mapping[str, str]) -> frozenset[str]:
        """The domains of the policy in which something was asked for, and nothing ever by root."""
        seen: dict[str, set[int]] = {}
        for name, place in places.items():
            seen.setdefault(place, set()).update(self._learned.users.get(name) or {layers.ROOT})
        return frozenset(place for place, users in seen.items() if layers.ROOT not in users)

    def _reason_to_remove(self, domain: str) -> str:
        if not self._settings.remove_harness:
            return ""
        if instruments.is_instrument(domain):
            return INSTRUMENT
        if instruments.is_login(domain) and self._no_logins:
            return instruments.CONSOLE_LOGIN
        return ""

    @property
    def _no_logins(self) -> bool:
        return not self._learned.console_sources

    def _remove(self, domain: str, why: str, lines: Iterable[str]) -> None:
        self._removed.setdefault((domain, why), {}).update(dict.fromkeys(lines))

    @property
    def _learned_groups(self) -> set[int]:
        """Numbers that domains of the image's policy use; a group may well be empty."""
        return {number for numbers in self._learned.groups.values() for number in numbers}

    def _groups_of(self, place: str) -> tuple[int, ...]:
        numbers = {n for old in self._sources.get(place, [place]) for n in self._learned.groups.get(old, ())}
        return tuple(sorted(numbers))

    def _share(self, drafts: Mapping[str, _Drafts]) -> None:
        """Rules of the rule sets' shares go into acl_groups, a rule into each that it belongs to."""
        taken: dict[str, set[Rule]] = {}
        for share in (share for rules in self._settings.rules for share in rules.shares):
            if share.group != EVERYBODY:
                self._must_be_free(share.group, f"the share {share.name}", "give the share another group")
            index = RuleIndex(share.parsed)
            shared = {rule: _Draft(rule, by={share.name: None}) for rule in share.parsed}
            users = set()
            for name, domain in drafts.items():
                if not share.applies_in(name):
                    continue
                if share.group == EVERYBODY and EVERYBODY not in self._groups_of(name):
                    continue
                for rule, draft in domain.items():
                    place = rule if rule in shared else next(iter(index.covering(rule)), None)
                    if place is not None:
                        shared[place].absorb(draft)
                        self._rewrote[share.name] = self._rewrote.get(share.name, 0) + len(draft.learned)
                        taken.setdefault(name, set()).add(rule)
                        users.add(name)
            if users:
                for draft in shared.values():
                    _put(self._shared.setdefault(share.group, {}), draft)
                self._users[share.group] = users
        for name, gone in taken.items():
            for rule in gone:
                del drafts[name][rule]

    def _must_be_free(self, group: int, who: str, hint: str) -> None:
        if self._learned.exceptions.acl_group(group) or (group and group in self._learned_groups):
            raise PolicyError(
                f"{who} wants acl_group {group}, which the image's policy uses",
                expected="a number that is free",
                hint=hint,
            )

    def _common(self, joined: Mapping[str, _Drafts], exceptions: ExceptionPolicy) -> list[SharedRules]:
        """Rules that domains have in common move into groups."""
        lines = {
            name: {str(rule): rule for rule in domain if "execute" not in rule.operations}
            for name, domain in joined.items()
        }
        taken = {entry.number for entry in exceptions.entries if isinstance(entry, GroupRule)}
        taken |= self._shared.keys() | self._learned_groups
        found = find_shared({name: frozenset(rules) for name, rules in lines.items()}, frozenset(taken))
        for group in found:
            shared = self._shared.setdefault(group.number, {})
            self._users[group.number] = set(group.domains)
            for name in group.domains:
                for line in group.rules:
                    draft = joined[name].pop(lines[name][line])
                    draft.by[SHARED] = None
                    self._rewrote[SHARED] = self._rewrote.get(SHARED, 0) + 1
                    _put(shared, draft)
        return found

    def _uses(self, name: str) -> tuple[int, ...]:
        """The acl_groups of a domain of the policy."""
        return tuple(sorted({*self._groups_of(name), *(n for n, u in self._users.items() if name in u)}))

    def _refuse_loss(
        self,
        joined: Mapping[str, _Drafts],
        groups: Mapping[int, _Drafts],
        places: Mapping[str, str],
        uses: Mapping[str, tuple[int, ...]],
    ) -> None:
        """Whatever was learned in a domain and went into a group must be among what the domain has.

        What is granted to a second domain because of the first (`_follow_moving_files`) may be in a group
        of the second alone.
        """
        apart = [
            (name, line, number, rule)
            for number, drafts in groups.items()
            for rule, draft in drafts.items()
            for name, line in draft.learned
            if number not in uses[places[name]]
        ]
        for name, line, number, rule in apart:
            place = places[name]
            held = (joined[place], *(groups[n] for n in uses[place] if n in groups))
            if not any((name, line) in draft.learned for drafts in held for draft in drafts.values()):
                raise PolicyError(
                    f"{line} of {name} went into acl_group {number} as {rule}, which it does not use",
                    expected="each learned permission granted: this is a mistake in Tomograph",
                )

    def _explain(
        self,
        joined: Mapping[str, _Drafts],
        groups: Mapping[int, _Drafts],
        exceptions: ExceptionPolicy,
        domains: DomainPolicy,
    ) -> Explanation:
        scale = _Scale(self._settings.paths, exceptions)
        scale.prepare(rule for drafts in (*joined.values(), *groups.values()) for rule in drafts)
        explained = {}
        total = 0
        for name, drafts in joined.items():
            rules = tuple(self._shipped(name, drafts[rule], scale) for rule in _in_order(drafts))
            beyond = scale.domain(
                drafts, [groups[n] for n in domains[name].groups if n in groups], self._sources[name]
            )
            total += beyond or 0
            sources = self._sources[name]
            explained[name] = ShippedDomain(
                learned=tuple(sources) if sources != [name] else (), rules=rules, beyond=beyond
            )
        shared = {
            str(number): ShippedDomain(
                rules=tuple(self._shipped("", drafts[rule], scale) for rule in _in_order(drafts))
            )
            for number, drafts in sorted(groups.items())
        }
        raw = joined_rules(
            DomainPolicy(
                Domain(name, 1, self._learned.groups.get(name, ()), rules=tuple(lines))
                for name, lines in self._learned.rules.items()
            )
        )
        return Explanation(
            tomograph=self._version,
            runs=tuple(self._learned.runs),
            sources=tuple(self._learned.sources),
            rules=tuple(self._applied()),
            own_rules={rules.name: rules.text for rules in self._settings.rules if rules.text},
            domains=explained,
            acl_groups=shared,
            removed=tuple(
                Removed(domain=domain, why=why, rules=tuple(rules))
                for (domain, why), rules in self._removed.items()
            ),
            figures=Figures(
                learned=raw.rule_count,
                layered=sum(map(layers.is_layered, _lines(raw))),
                layered_shipped=sum(map(layers.is_layered, _lines(domains)))
                + sum(layers.is_layered(str(rule)) for drafts in groups.values() for rule in drafts),
                shipped=domains.rule_count + sum(len(drafts) for drafts in groups.values()),
                lines_before=_line_count(raw, self._learned.exceptions),
                lines_after=_line_count(domains, exceptions),
                beyond=total if scale.known else None,
                image_paths=scale.size,
            ),
        )

    def _applied(self) -> Iterable[AppliedRule]:
        for rules in self._settings.rules:
            for rule in rules.all():
                yield AppliedRule(
                    name=rule.name,
                    reason=rule.reason,
                    file=rules.name,
                    rewrote=self._rewrote.get(rule.name, 0),
                )
        for name, reason in (
            (layers.RULE, layers.REASON),
            (layers.MOVING, layers.MOVING_REASON),
            (SHARED, _SHARED_REASON),
        ):
            if name in self._rewrote:
                yield AppliedRule(name=name, reason=reason, file="", rewrote=self._rewrote[name])

    def _shipped(self, domain: str, draft: _Draft, scale: _Scale) -> ShippedRule:
        line = str(draft.rule)
        bits = 0
        for sources in draft.learned.values():
            bits |= sources
        itself = list(draft.learned) == [(domain, line)]
        return ShippedRule(
            rule=line,
            learned=()
            if itself
            else tuple(
                LearnedRule(rule=learned, domain="" if place == domain else place)
                for place, learned in draft.learned
            ),
            by=tuple(draft.by),
            sources=self._learned.numbers(bits),
            beyond=scale.rule(draft),
        )


class _Scale:
    """Weighs rules by the paths of an image; without one it knows nothing."""

    def __init__(self, paths: frozenset[str] | None, exceptions: ExceptionPolicy) -> None:
        self._paths = Paths(paths) if paths is not None else None
        self._groups = {
            name: tuple(str(member) for member in members)
            for name, members in exceptions.groups("path_group").items()
        }

    @property
    def known(self) -> bool:
        return self._paths is not None

    @property
    def size(self) -> int | None:
        return len(self._paths) if self._paths is not None else None

    def prepare(self, rules: Iterable[Rule]) -> None:
        if self._paths is not None:
            self._paths.prepare(name for rule in rules for name in self._names(rule))

    def rule(self, draft: _Draft) -> int | None:
        if self._paths is None:
            return None
        return (self._admits([draft.rule]) & ~self._asked([draft])).bit_count()

    def domain(self, own: _Drafts, groups: Iterable[_Drafts], sources: Iterable[str]) -> int | None:
        """What a domain's own rules and those of its groups admit beyond what it learned itself."""
        if self._paths is None:
            return None
        drafts = [*own.values(), *(draft for group in groups for draft in group.values())]
        admitted = self._admits(draft.rule for draft in drafts)
        here = frozenset(sources)
        return (admitted & ~self._asked(drafts, here)).bit_count()

    def _names(self, rule: Rule) -> list[str]:
        # Overlayfs's second look admits no file that the first one refuses.
        return [] if rule in (layers.READ, layers.COPY_UP) else names(rule, self._groups)

    def _admits(self, rules: Iterable[Rule]) -> int:
        assert self._paths is not None
        bits = 0
        for rule in rules:
            for name in self._names(rule):
                bits |= self._paths.admitted(name)
        return bits

    def _asked(self, drafts: Iterable[_Draft], domains: frozenset[str] | None = None) -> int:
        return self._admits(
            parse_rule(line)
            for draft in drafts
            for domain, line in draft.learned
            if domains is None or domain in domains
        )


def _with_rule(draft: _Draft, rule: Rule) -> _Draft:
    return _Draft(rule, draft.learned, draft.by)


def _put(drafts: _Drafts, draft: _Draft) -> None:
    known = drafts.get(draft.rule)
    if known is None:
        drafts[draft.rule] = draft
    else:
        known.absorb(draft)


def _absorb_covered(drafts: _Drafts) -> None:
    """Permissions that another one of the domain grants too go into it."""
    index = RuleIndex(drafts)
    for rule in reversed(list(drafts)):
        by = next((other for other in index.covering(rule) if other in drafts), None)
        if by is not None:
            drafts[by].absorb(drafts.pop(rule))


def _joined(drafts: _Drafts) -> _Drafts:
    """Permissions that differ in nothing else as one rule, as the kernel holds them."""
    targets: dict[Rule, _Draft] = {}
    for rule, draft in drafts.items():
        known = targets.get(rule.target)
        if known is None:
            targets[rule.target] = _Draft(rule, dict(draft.learned), dict(draft.by))
        else:
            known.rule = known.rule.allowing((*known.rule.operations, *rule.operations))
            known.absorb(draft)
    return {draft.rule: draft for draft in targets.values()}


def _in_order(drafts: _Drafts) -> list[Rule]:
    return sorted(drafts, key=str)


def _lines(policy: DomainPolicy) -> Iterable[str]:
    return (line for domain in policy.values() for line in domain.rules)


def _line_count(domains: DomainPolicy, exceptions: ExceptionPolicy) -> int:
    return domains.text().count("\n") + len(exceptions.entries)
