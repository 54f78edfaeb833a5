"""A file of tuning rules: TOML, each with its name and its reason. `docs/tuning.md` describes the format."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.analysis.tuning import layers
from harness.analysis.tuning.bounds import check_share
from harness.analysis.tuning.elsewhere import is_elsewhere
from harness.analysis.tuning.mistakes import MistakeError, mistaken, nearest, no_toml
from harness.errors import PolicyError
from harness.policy import parse_rule
from harness.policy.domain_policy import MAX_GROUPS
from harness.policy.exception_policy import Aggregator, Entry, TransitionControl, parse_entry
from harness.policy.operand import AddressRange, NumberRange, parse_address_range, parse_number_range
from harness.policy.pattern import compile_pattern
from harness.policy.rule import DIRECTIVES, Rule
from harness.policy.word import has_wildcard, is_word

SHIPPED = ("kernel", "hardware", "temporary", "boot", "home", "own", "libraries", "environment", "network")
"""The rule sets in the package, in the order in which they apply."""

ALL = "all"
"""The name of all of `SHIPPED` together."""

REFERENCE = "reference"
"""The domains file of the package, for the reference image."""

Word = Literal["name", "target", "argument", "variable"]


_Content = TypeVar("_Content", bound=BaseModel)
_Parsed = TypeVar("_Parsed")


def _word(text: str) -> str:
    if not is_word(text):
        raise MistakeError(f"not a word of TOMOYO's: {text!r}")
    return text


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise MistakeError(f"not a regular expression: {error}") from None
    return text


def _parsed(parse: Callable[[str], _Parsed], text: str) -> _Parsed:
    try:
        return parse(text)
    except PolicyError as error:
        raise MistakeError(f"{text!r}: {error.seen}", expected=error.expected, hint=error.hint) from None


def _directive(text: str) -> str:
    if text not in DIRECTIVES:
        raise MistakeError(
            f"no line of policy begins with {text!r}",
            expected="the first words of a line with one permission: file, file read, network unix, …",
            hint=nearest(text, sorted(DIRECTIVES)),
        )
    return text


def _rule_line(line: str) -> str:
    _parsed(parse_rule, line)
    return line


def _ports(text: str) -> str:
    _parsed(parse_number_range, text)
    _parsed(parse_rule, f"network inet stream bind 127.0.0.1 {text}")
    return text


def _addresses(text: str) -> str:
    if not is_elsewhere(_parsed(parse_address_range, text)):
        raise MistakeError(f"{text} is this computer, and cannot become everywhere else")
    return text


def _domains_line(line: str) -> str:
    if not isinstance(_parsed(parse_entry, line), TransitionControl | Aggregator):
        raise MistakeError(f"not a line that chooses domains: {line}")
    return line


_Pattern = Annotated[str, AfterValidator(_word)]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_Reason = Annotated[str, Field(min_length=10)]


class _Model(BaseModel):
    # What is misspelt must not be overlooked: it would leave a rule wider than its author thinks.
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class _Named(_Model):
    name: _Name
    reason: _Reason
    domains: tuple[str, ...] = ()

    def applies_in(self, domain: str) -> bool:
        """Whether it looks at rules of this domain."""
        if not self.domains:
            return True
        programs = domain.split(" ")
        return any(
            domain == wanted if wanted.startswith("<") else _ends_with(programs, wanted.split(" "))
            for wanted in self.domains
        )


def _ends_with(programs: list[str], wanted: list[str]) -> bool:
    last = programs[-len(wanted) :]
    return len(last) == len(wanted) and all(
        compile_pattern(pattern).matches(program) for pattern, program in zip(wanted, last, strict=True)
    )


class TuningRule(_Named):
    r"""Rewrites words of learned rules into patterns.

    Attributes:
        name: how reports call it.
        reason: why this may be generalised; for the reviewer.
        directives: which rules it looks at: the first words of a line with one operation, such as
            `file`, `file read` or `network unix`.
        domains: in which domains, as patterns of a whole name's last program, of its last programs with
            spaces between, or full names; empty for all.
        within: patterns, one of which the whole word must match; empty for all.
        word: which word: an operand that is a name, a link's target, the argument 0 of a program that is
            started, or an environment variable.
        match: a regular expression; each place of the word that it matches becomes `pattern`, or of each
            place the part in its first parentheses.
        pattern: what `match` becomes; TOMOYO's wildcards.
        patterns: instead of both: a word that one of these admits becomes the first that does.
        ports: instead of all: ports in this range become the range.
        addresses: instead of all: an internet address in this range becomes everywhere but this computer;
            with `ports`, where both are within, both become what they are within.
        moves_domains: for `file execute`: names of domains change with the programs' names.
    """

    directives: tuple[Annotated[str, AfterValidator(_directive)], ...] = Field(("file",), min_length=1)
    within: tuple[_Pattern, ...] = ()
    word: Word = "name"
    match: Annotated[str, AfterValidator(_expression)] = ""
    pattern: str = ""
    patterns: tuple[_Pattern, ...] = ()
    ports: Annotated[str, AfterValidator(_ports)] = ""
    addresses: Annotated[str, AfterValidator(_addresses)] = ""
    moves_domains: bool = Field(default=False, alias="moves-domains")

    @model_validator(mode="after")
    def _one_way(self) -> TuningRule:
        ways = [bool(self.match), bool(self.patterns), self.is_about_network]
        if sum(ways) != 1:
            raise MistakeError("a rule has either match and pattern, or patterns, or ports and addresses")
        if self.match and not self.pattern:
            raise MistakeError("match needs the pattern that it becomes")
        if self.pattern and not self.match:
            raise MistakeError("pattern is what match becomes: leave it out")
        if self.is_about_network:
            idle = sorted({"within", "word", "moves_domains"} & self.model_fields_set)
            if idle:
                raise MistakeError(f"ports and addresses look at no word: leave {' and '.join(idle)} out")
            if not all(f"{directive} ".startswith("network inet ") for directive in self.directives):
                raise MistakeError('ports and addresses need directives that begin with "network inet"')
        if self.moves_domains and ("file execute" not in self.directives or self.word != "name"):
            raise MistakeError('moves-domains is about the names in "file execute": name it in directives')
        if self.moves_domains and self.domains:
            raise MistakeError("moves-domains moves them wherever the program is started: leave domains out")
        return self

    @property
    def is_about_network(self) -> bool:
        """Whether it looks at addresses or ports."""
        return bool(self.ports or self.addresses)

    @cached_property
    def port_range(self) -> NumberRange | None:
        """`ports`, parsed."""
        return parse_number_range(self.ports) if self.ports else None

    @cached_property
    def address_range(self) -> AddressRange | None:
        """`addresses`, parsed."""
        return parse_address_range(self.addresses) if self.addresses else None

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """`match`, compiled."""
        return re.compile(self.match)

    @cached_property
    def beginnings(self) -> tuple[str, ...]:
        """What a word that this rule may change begins with, one of them: a quick first look."""
        bounding = self.patterns or self.within
        return tuple({compile_pattern(pattern).word.constant for pattern in bounding}) or ("",)

    def is_within(self, word: str) -> bool:
        """Whether `within` admits a word."""
        return not self.within or any(compile_pattern(pattern).matches(word) for pattern in self.within)

    def applies_to(self, directive: str) -> bool:
        """Whether it looks at rules that begin so, e.g. `file read`; execution only where it is named."""
        if directive == "file execute":
            return "file execute" in self.directives
        return any(directive == wanted or directive.startswith(f"{wanted} ") for wanted in self.directives)


EVERYBODY = 0
"""The acl_group that tomoyo's tools give to each new domain."""


class Share(_Named):
    """Rules that every domain gets which learned one of them: an acl_group of the policy.

    Attributes:
        name: how reports call it.
        reason: why they belong together.
        domains: which domains may get them, as in a tuning rule; empty for all.
        group: the number of the acl_group; with `EVERYBODY` all domains get them once one has learned one.
        rules: lines of policy, one operation each.
    """

    group: int = Field(ge=0, lt=MAX_GROUPS)
    rules: tuple[Annotated[str, AfterValidator(_rule_line)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _for_some_or_for_all(self) -> Share:
        if self.group == EVERYBODY and self.domains:
            raise MistakeError("what is in acl_group 0 is every domain's: name another group, or no domains")
        return self

    @cached_property
    def parsed(self) -> tuple[Rule, ...]:
        """The lines as values."""
        return tuple(map(parse_rule, self.rules))


class _RulesFile(_Model):
    rule: tuple[TuningRule, ...] = ()
    share: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The tuning rules of one file.

    Attributes:
        name: of the file, without folder and ending.
        rules: in the order in which they apply.
        shares: groups of rules.
        text: the file's, where it is not one of Tomograph's own.
    """

    name: str
    rules: tuple[TuningRule, ...]
    shares: tuple[Share, ...] = ()
    text: str = ""

    def all(self) -> tuple[TuningRule | Share, ...]:
        """Everything in it that has a name."""
        return (*self.rules, *self.shares)


class _DomainsChoice(_Model):
    reason: _Reason
    lines: tuple[Annotated[str, AfterValidator(_domains_line)], ...] = Field(min_length=1)


class _DomainsFile(_Model):
    domain: tuple[_DomainsChoice, ...] = Field(min_length=1)


def parse_rules(text: str, *, source: str) -> RuleSet:
    """Reads tuning rules.

    Raises:
        PolicyError: no TOML, no rule, a key that there is not, a word that the kernel would not take, a name
            twice.
    """
    content = _parse(text, _RulesFile, source)
    if not (content.rule or content.share):
        raise PolicyError(
            "there is no rule in it",
            source=source,
            expected="a [[rule]] or a [[share]] at least: docs/tuning.md shows one",
            hint="leave the file out where nothing is to be generalised",
        )
    _refuse_twice((entry.name for entry in RuleSet(source, content.rule, content.share).all()), source)
    for entry in (*content.rule, *content.share):
        for pattern in entry.domains:
            if not pattern.startswith("<") and not all(map(is_word, pattern.split(" "))):
                raise PolicyError(f"{entry.name}: not a domain: {pattern}", source=source)
    for share in content.share:
        try:
            check_share(share.name, share.parsed, limited=bool(share.domains))
        except PolicyError as error:
            error.source = source
            raise
    for rule in content.rule:
        if rule.pattern and not has_wildcard(rule.pattern):
            raise PolicyError(
                f"{rule.name}: {rule.pattern} holds no wildcard",
                source=source,
                expected="a pattern that admits what it replaces, and more",
            )
    return RuleSet(Path(source).stem, content.rule, content.share)


def parse_domains(text: str, *, source: str) -> tuple[Entry, ...]:
    """Reads a domains file: lines of exception policy that choose domains, with reasons.

    Raises:
        PolicyError: no TOML, or a line that is no transition control and no aggregator.
    """
    content = _parse(text, _DomainsFile, source)
    return tuple(parse_entry(line) for choice in content.domain for line in choice.lines)


def load_domains(wanted: str) -> tuple[Entry, ...]:
    """The domains file of the reference image, by the name `reference`, or one from a path.

    Raises:
        PolicyError: it is missing or wrong.
    """
    if wanted == REFERENCE:
        return parse_domains(_packaged(f"domains/{REFERENCE}.toml"), source=f"{REFERENCE}.toml")
    return parse_domains(_read(wanted, f"a domains file, or {REFERENCE}"), source=wanted)


def _load(name: str, text: str | None) -> RuleSet:
    if text is None and name in SHIPPED:
        return parse_rules(_packaged(f"rulesets/{name}.toml"), source=f"{name}.toml")
    if text is None:
        text = _read(name, f"a file of tuning rules, or one of {', '.join((ALL, *SHIPPED))}")
    return replace(parse_rules(text, source=name), text=text)


def load_rules(
    wanted: Iterable[str] = SHIPPED, known: Mapping[str, str] = MappingProxyType({})
) -> tuple[RuleSet, ...]:
    """Rule sets by the names of `SHIPPED`, or from files.

    Args:
        wanted: names or paths; `ALL` for all of `SHIPPED`.
        known: texts of sets that are not Tomograph's own, by their names.

    Raises:
        PolicyError: a file is missing or wrong, or two of them use one name.
    """
    names = (SHIPPED if name == ALL and name not in known else (name,) for name in wanted)
    # Whoever names all sets and one of them means each once.
    unique = dict.fromkeys(name for several in names for name in several)
    sets = [_load(name, known.get(name)) for name in unique]
    _refuse_twice((rules.name for rules in sets), "the rule sets together")
    _refuse_twice((entry.name for rules in sets for entry in rules.all()), "the rule sets together")
    numbered = {layers.ACL_GROUP: layers.RULE}
    for share in (share for rules in sets for share in rules.shares if share.group != EVERYBODY):
        if (other := numbered.setdefault(share.group, share.name)) != share.name:
            raise PolicyError(
                f"the shares {other} and {share.name} both want acl_group {share.group}",
                source="the rule sets together",
                expected="a group of its own for each, since a domain that learned one gets the whole group",
            )
    return tuple(sets)


def _parse(text: str, model: type[_Content], source: str) -> _Content:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise no_toml(error, source, model.model_fields) from error
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise mistaken(error, document, model, source) from error


def _packaged(name: str) -> str:
    return resources.files("harness.analysis.tuning").joinpath(name).read_text()


def _read(path: str, expected: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}", expected=expected) from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path} is no text: {error}", expected=expected) from error


def _refuse_twice(names: Iterable[str], source: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PolicyError(
                f"two rules are called {name}",
                source=source,
                expected="a name for each, since reports use it",
            )
        seen.add(name)
