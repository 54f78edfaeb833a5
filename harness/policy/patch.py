"""Changes as text: lines that tomoyo-loadpolicy -d takes, with `delete ` in front of what goes.

Additions come before deletions, permission by permission, so that no right is missing for a moment while the
kernel reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.errors import PolicyError
from harness.policy.domain_policy import MAX_GROUPS, MAX_PROFILES, Domain, DomainPolicy
from harness.policy.line import read_lines
from harness.policy.rule import Rule, parse_rule
from harness.policy.sets import joined
from harness.policy.word import is_domain_name

_FLAGS = ("quota_exceeded", "transition_failed")
_DELETE = "delete "


def patch_lines(old: DomainPolicy, new: DomainPolicy) -> Iterator[str]:
    """The lines that make a kernel which holds `old` hold `new`.

    The kernel appends what is new, so the order of rules in a domain may differ afterwards. A profile is set
    even if it is the same; the kernel never deletes `<kernel>` itself.

    Raises:
        PolicyError: a rule of a domain that changes does not read.
    """
    for name, domain in new.items():
        before = old.get(name)
        if before != domain:
            yield from _domain_lines(before or Domain(name), domain, old.source, new.source)
    for name in old:
        if name not in new:
            yield f"{_DELETE}{name}"


def apply(policy: DomainPolicy, patch: bytes | str, *, source: str = "") -> DomainPolicy:
    """The policy after a kernel that holds `policy` read these lines.

    Raises:
        PolicyError: a line that the kernel does not take, or a rule of the policy that does not read.
    """
    state = _State(policy)
    read_lines(patch, state.take, source=source, lenient=False)
    return state.policy()


def _domain_lines(before: Domain, after: Domain, old_source: str, new_source: str) -> Iterator[str]:
    yield after.name
    yield f"use_profile {after.profile}"
    yield from (flag for flag in _FLAGS if getattr(after, flag) and not getattr(before, flag))
    yield from (f"use_group {group}" for group in after.groups if group not in before.groups)
    held, wanted = before.parsed(source=old_source), after.parsed(source=new_source)
    yield from _missing(wanted, held)
    yield from (f"{_DELETE}{line}" for line in _missing(held, wanted))
    yield from (f"{_DELETE}{flag}" for flag in _FLAGS if getattr(before, flag) and not getattr(after, flag))
    yield from (f"{_DELETE}use_group {group}" for group in before.groups if group not in after.groups)


def _missing(rules: Iterable[Rule], others: Iterable[Rule]) -> Iterator[str]:
    """Each rule with the permissions that the others, together, do not have on the same target."""
    there: dict[Rule, set[str]] = {}
    for rule in others:
        there.setdefault(rule.target, set()).update(rule.operations)
    for rule in rules:
        left = rule.allowing(tuple(op for op in rule.operations if op not in there.get(rule.target, ())))
        if left.operations:
            yield str(left)


class _State:
    """What a kernel holds while it reads lines (`tomoyo_write_domain`)."""

    def __init__(self, policy: DomainPolicy) -> None:
        self._heads = dict(policy)
        self._rules = {
            name: {rule.target: rule for rule in domain.parsed(source=policy.source)}
            for name, domain in joined(policy).items()
        }
        self._current = ""

    def take(self, text: str, _: int) -> None:
        line = text.removeprefix(_DELETE)
        delete = line != text
        if line.startswith("<"):
            self._select(line, delete=delete)
        elif not self._current:
            raise PolicyError(f"a line outside of any domain: {text}", expected="a domain's name first")
        elif line in _FLAGS:
            self._set_head(**{line: not delete})
        elif line.startswith("use_profile "):
            if not delete:
                self._set_head(profile=_number(line, MAX_PROFILES))
        elif line.startswith("use_group "):
            group = {_number(line, MAX_GROUPS)}
            groups = set(self._heads[self._current].groups)
            self._set_head(groups=tuple(sorted(groups - group if delete else groups | group)))
        else:
            self._rule(parse_rule(line), delete=delete)

    def policy(self) -> DomainPolicy:
        return DomainPolicy(
            replace(head, rules=tuple(map(str, self._rules[name].values())), lines=())
            for name, head in self._heads.items()
        )

    def _select(self, name: str, *, delete: bool) -> None:
        if not is_domain_name(name):
            raise PolicyError(f"not a domain's name: {name}", expected="<namespace> and programs")
        self._current = "" if delete else name
        if delete:
            self._heads.pop(name, None)
            self._rules.pop(name, None)
        elif name not in self._heads:
            self._heads[name] = Domain(name)
            self._rules[name] = {}

    def _set_head(self, **changes: object) -> None:
        self._heads[self._current] = replace(self._heads[self._current], **changes)  # type: ignore[arg-type]

    def _rule(self, rule: Rule, *, delete: bool) -> None:
        rules = self._rules[self._current]
        held = rules[rule.target].operations if rule.target in rules else ()
        if not delete:
            rules[rule.target] = rule.allowing((*held, *rule.operations))
            return
        left = rule.allowing(tuple(op for op in held if op not in rule.operations))
        if left.operations:
            rules[rule.target] = left
        else:
            rules.pop(rule.target, None)


def _number(line: str, limit: int) -> int:
    keyword, _, word = line.partition(" ")
    if word.isascii() and word.isdigit() and int(word) < limit:
        return int(word)
    raise PolicyError(f"{keyword} with {word}", expected=f"a number from 0 to {limit - 1}")
