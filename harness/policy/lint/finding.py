"""What a check finds, and what a person decided about it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from harness.errors import PolicyError
from harness.policy.covering import Groups
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.exception_policy import ExceptionPolicy
from harness.policy.line import BadLine
from harness.policy.profile import ProfilePolicy
from harness.policy.rule import Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that a check complains about.

    Attributes:
        check: the check's id, which is also its page's name in docs/lint.
        domain: the domain's name.
        rule: the rule's line, empty when the domain itself is meant.
        message: what is wrong there.
        line: the line's number in the file, 0 when unknown.
    """

    check: str
    domain: str
    rule: str
    message: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person's reason to leave a finding be.

    Attributes:
        check: the check's id.
        reason: why; never empty.
        domain: a domain's name or the last program of one; empty for all.
        rule: a part of the rule's line; empty for all.
    """

    check: str
    reason: str
    domain: str = ""
    rule: str = ""

    def waives(self, finding: Finding) -> bool:
        """Whether this waiver is about that finding."""
        return (
            self.check == finding.check
            and self.domain in ("", finding.domain, finding.domain.rpartition(" ")[2])
            and self.rule in finding.rule
        )


def parse_waivers(text: str | bytes, checks: Iterable[str], *, source: str = "") -> tuple[Waiver, ...]:
    """Reads waivers: TOML, tables `[[waiver]]` with `check`, `reason` and, to narrow it, `domain` and `rule`.

    Args:
        text: the file's text.
        checks: the ids that there are.
        source: the file, for messages.

    Raises:
        PolicyError: not TOML, an unknown check, a key that does not belong, or a waiver without a reason.
    """
    try:
        readable = text if isinstance(text, str) else text.decode()
        tables = tomllib.loads(readable).get("waiver", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"not TOML: {error}", source=source, expected="tables [[waiver]]") from error
    if not isinstance(tables, list):
        raise PolicyError("waiver is no list of tables", source=source, expected="tables [[waiver]]")
    known = frozenset(checks)
    return tuple(_waiver(table, number, known, source) for number, table in enumerate(tables, 1))


def _waiver(table: object, number: int, checks: frozenset[str], source: str) -> Waiver:
    fields = table if isinstance(table, dict) else {}
    if (
        set(fields) - {"check", "reason", "domain", "rule"}
        or not all(isinstance(value, str) for value in fields.values())
        or not fields.get("reason", "").strip()
    ):
        raise PolicyError(
            f"waiver {number} is incomplete",
            source=source,
            expected="check and reason as text, and domain and rule where they narrow it",
        )
    if fields.get("check") not in checks:
        raise PolicyError(
            f"waiver {number} is for the check {fields.get('check')!r}",
            source=source,
            expected=", ".join(sorted(checks)),
        )
    return Waiver(**fields)


class Subject:
    """What the checks look at.

    Attributes:
        policy: the domain policy.
        exceptions: the exception policy that goes with it, None when it is not at hand.
        paths: the names of all files of the image, directories with a slash at the end; None if not known.
        profiles: the profiles that go with it, None when they are not at hand.
    """

    def __init__(
        self,
        policy: DomainPolicy,
        exceptions: ExceptionPolicy | None = None,
        paths: frozenset[str] | None = None,
        profiles: ProfilePolicy | None = None,
    ) -> None:
        self.policy = policy
        self.exceptions = exceptions
        self.paths = paths
        self.profiles = profiles

    @cached_property
    def rules(self) -> dict[str, list[Rule]]:
        """Each domain's own rules as values, by its name; those that do not read are in `unreadable`."""
        bad = {(line.domain, line.text) for line in self.unreadable}
        return {
            name: domain.parsed([line for line in domain.rules if (name, line) not in bad])
            for name, domain in self.policy.items()
        }

    @cached_property
    def unreadable(self) -> list[BadLine]:
        """The rules that the kernel would not take."""
        return self.policy.unreadable()

    def everywhere(self) -> Iterator[tuple[Domain, Rule]]:
        """Each domain's own rules, and once those of each group in use, whose place is `acl_group N`."""
        for domain in self.policy.values():
            yield from ((domain, rule) for rule in self.rules[domain.name])
        if self.exceptions is not None:
            used = {(domain.namespace, number) for domain in self.policy.values() for number in domain.groups}
            for namespace, number in sorted(used):
                place = Domain(f"acl_group {number}")
                yield from ((place, rule) for rule in self.exceptions.acl_group(number, namespace))

    def shared(self, domain: Domain) -> list[Rule]:
        """The rules of the groups that a domain uses."""
        return self.exceptions.shared_with(domain) if self.exceptions is not None else []

    def groups(self, namespace: str = "<kernel>") -> Groups:
        """What the groups hold."""
        return Groups.of(self.exceptions, namespace) if self.exceptions is not None else Groups()

    def finding(self, check: str, domain: Domain, message: str, rule: Rule | None = None) -> Finding:
        """A finding with its place."""
        line, number = "", 0
        if rule is not None:
            line = str(rule)
            if domain.lines and line in domain.rules:
                number = domain.lines[domain.rules.index(line)]
        return Finding(check, domain.name, line, message, number)
