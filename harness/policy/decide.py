"""What the kernel would answer: a reference monitor in the place of `security/tomoyo`.

The order of questions is that of `tomoyo_check_acl` and `tomoyo_find_next_domain`: a domain's own rules as
they stand, then its groups by number; the first rule that fits decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from harness.errors import PolicyError
from harness.policy.access import Access, Execution
from harness.policy.covering import Groups
from harness.policy.domain_policy import Domain, DomainPolicy
from harness.policy.evaluation import Evaluator
from harness.policy.exception_policy import ExceptionPolicy
from harness.policy.profile import ProfilePolicy, function_of
from harness.policy.rule import ENV, INET, PATH, TASK, UNIX, Rule, Shape
from harness.policy.transitions import aggregated, control, destination, namespace_of
from harness.policy.word import is_domain_name

_INET_SHAPES = frozenset(INET.values())
_UNIX_SHAPES = frozenset(UNIX.values())


class Verdict(Enum):
    """The answer to an access."""

    GRANTED = "granted"
    """A rule allows it."""
    DENIED = "denied"
    """No rule allows it, and the mode is enforcing."""
    LEARNED = "would be learned"
    """No rule allows it; in learning mode it is let through and becomes a rule."""
    LET_THROUGH = "let through"
    """No rule allows it; the mode is permissive, or the domain has learned all that it may."""
    UNCHECKED = "unchecked"
    """The mode is disabled, or the kernel has no check for this access."""

    @property
    def allowed(self) -> bool:
        """Whether the access takes place."""
        return self is not Verdict.DENIED


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer and its reason.

    Attributes:
        verdict: the answer.
        mode: of the profile for this access: disabled, learning, permissive or enforcing.
        rule: the rule that allows it.
        group: the acl_group that the rule is in, None if it is the domain's own.
    """

    verdict: Verdict
    mode: str
    rule: Rule | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an execution came to.

    Attributes:
        decision: about `file execute` in the old domain.
        domain: where the process is afterwards; the old domain if the execution failed.
        failure: why the execution fails, "" if it does not.
        transition_failed: the execution goes on in the old domain, because the new one cannot be made.
        environment: the decision about each variable that was asked for, in the new domain.
    """

    decision: Decision
    domain: str
    failure: str = ""
    transition_failed: bool = False
    environment: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Fit:
    """The rule that was found, and the name that the new domain gets from the search.

    `named` is the pattern that the program matched in the last rule that was looked at. The kernel keeps
    it even when that rule's conditions then failed.
    """

    rule: Rule | None
    group: int | None
    named: str | None


class ReferenceMonitor:
    """Answers accesses under a policy, without changing it.

    Raises:
        PolicyError: from the methods, when a rule of the domain in question cannot be read.
    """

    def __init__(self, domains: DomainPolicy, exceptions: ExceptionPolicy, profiles: ProfilePolicy) -> None:
        self._domains = domains
        self._exceptions = exceptions
        self._profiles = profiles
        self._evaluators: dict[str, Evaluator] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._group_rules: dict[tuple[str, int], tuple[Rule, ...]] = {}

    def decide(self, domain: str, access: Access) -> Decision:
        """The kernel's answer to an access of a process in `domain`.

        Raises:
            PolicyError: there is no such domain.
        """
        return self._decide(self._domain(domain), access)[0]

    def execute(self, domain: str, execution: Execution) -> Outcome:
        """What becomes of a process in `domain` that executes a program.

        Raises:
            PolicyError: there is no such domain.
        """
        return self._execute(self._domain(domain), execution)[0]

    def chain(self, domain: str, executions: Iterator[Execution]) -> list[Outcome]:
        """Executions one after another, up to the first that fails; domains are made as the kernel does."""
        outcomes = []
        place = self._domain(domain)
        for execution in executions:
            outcome, place = self._execute(place, execution)
            outcomes.append(outcome)
            if outcome.failure:
                break
        return outcomes

    def _decide(self, domain: Domain, access: Access) -> tuple[Decision, _Fit]:
        mode = self._mode(domain, access.shape, access.operation)
        asked_always = access.shape is TASK or (access.shape is PATH and access.operation == "execute")
        if mode == "disabled" and not asked_always:
            return Decision(Verdict.UNCHECKED, mode), _Fit(None, None, None)
        fit = self._find(domain, access)
        if fit.rule is not None:
            return Decision(Verdict.GRANTED, mode, fit.rule, fit.group), fit
        if access.shape is TASK:
            return Decision(Verdict.DENIED, mode), fit
        return Decision(self._without_rule(domain, mode), mode), fit

    def _without_rule(self, domain: Domain, mode: str) -> Verdict:
        if mode == "learning":
            profile = self._profiles.profiles(domain.namespace)[domain.profile]
            held = sum(len(rule.operations) for rule in self._own_rules(domain))
            return Verdict.LEARNED if held < profile.max_learning_entry else Verdict.LET_THROUGH
        return {
            "enforcing": Verdict.DENIED,
            "permissive": Verdict.LET_THROUGH,
            "disabled": Verdict.UNCHECKED,
        }[mode]

    def _find(self, domain: Domain, access: Access) -> _Fit:
        evaluator = self._evaluator(domain.namespace)
        named: str | None = None
        for number, rule in self._candidates(domain):
            if not _same_kind(rule.shape, access.shape) or access.operation not in rule.operations:
                continue
            if access.shape is PATH:
                assert isinstance(access.operands[0], str)
                named = evaluator.matching_name(rule.operands[0], access.operands[0])
                fits = named is not None
            elif access.shape is TASK:
                fits = rule.operands == access.operands
            else:
                fits = all(
                    evaluator.admits(operand, asked)
                    for operand, asked in zip(rule.operands, access.operands, strict=True)
                )
            if fits and evaluator.hold(rule.conditions, access):
                return _Fit(rule, number, named)
        return _Fit(None, None, named)

    def _candidates(self, domain: Domain) -> Iterator[tuple[int | None, Rule]]:
        for rule in self._own_rules(domain):
            yield None, rule
        for number in domain.groups:
            key = (domain.namespace, number)
            if key not in self._group_rules:
                self._group_rules[key] = self._exceptions.acl_group(number, domain.namespace)
            for rule in self._group_rules[key]:
                yield number, rule

    def _execute(self, domain: Domain, execution: Execution) -> tuple[Outcome, Domain]:
        program = aggregated(self._exceptions.aggregators(domain.namespace), execution.program)
        decision, fit = self._decide(domain, Access(PATH, "execute", (program,), execution=execution))
        if not decision.verdict.allowed:
            return Outcome(decision, domain.name, f"file execute {program} is denied"), domain
        program = fit.named or program
        preference = fit.rule.transition if fit.rule is not None else ""
        decided_by = preference or control(
            self._exceptions.transitions(domain.namespace), domain.name, program
        )
        name = destination(domain.name, program, decided_by)
        place = domain if name == domain.name else self._enter(domain, name)
        if place is None:
            must_move = bool(preference) or decided_by == "reset_domain" or decision.mode == "enforcing"
            if must_move:
                return Outcome(decision, domain.name, f"the domain {name} is not ready"), domain
        environment = self._environment(place or domain, execution)
        refused = [name for name, answer in environment.items() if not answer.verdict.allowed]
        outcome = Outcome(
            decision,
            domain.name if refused else (place or domain).name,
            f"misc env {refused[0]} is denied" if refused else "",
            place is None,
            environment,
        )
        return outcome, domain if refused else place or domain

    def _enter(self, domain: Domain, name: str) -> Domain | None:
        """The domain of that name, made if need be; None when the kernel refuses (tomoyo_assign_domain)."""
        known = self._domains.get(name)
        if known is not None:
            return known if known.profile in self._profiles.profiles(known.namespace) else None
        if not is_domain_name(name) or namespace_of(name) != domain.namespace:
            return None
        return Domain(name, domain.profile, domain.groups)

    def _environment(self, domain: Domain, execution: Execution) -> dict[str, Decision]:
        answers: dict[str, Decision] = {}
        for variable in execution.envp:
            name = variable.partition("=")[0]
            if not name:
                continue
            answers[name], _ = self._decide(domain, Access(ENV, "env", (name,), execution=execution))
            if not answers[name].verdict.allowed:
                break
        return answers

    def _mode(self, domain: Domain, shape: Shape, operation: str) -> str:
        profile = self._profiles.profiles(domain.namespace).get(domain.profile)
        if profile is None:
            return "disabled"
        function = "file::execute"
        if shape is not TASK:
            try:
                function = function_of(shape.keyword, operation)
            except KeyError:
                return "disabled"
        return profile.config(function).mode

    def _domain(self, name: str) -> Domain:
        if name not in self._domains:
            raise PolicyError(
                f"there is no domain {name}",
                source=self._domains.source,
                expected="the full name of a domain of the policy",
            )
        return self._domains[name]

    def _own_rules(self, domain: Domain) -> tuple[Rule, ...]:
        if domain.name not in self._rules:
            self._rules[domain.name] = tuple(domain.parsed(source=self._domains.source))
        return self._rules[domain.name]

    def _evaluator(self, namespace: str) -> Evaluator:
        if namespace not in self._evaluators:
            self._evaluators[namespace] = Evaluator(Groups.of(self._exceptions, namespace))
        return self._evaluators[namespace]


def _same_kind(rule: Shape, access: Shape) -> bool:
    """Whether the kernel compares this rule with this access at all.

    It does not look at the protocol of a socket rule: `network inet stream bind` allows `dgram bind` too.
    """
    return (
        rule is access
        or (rule in _INET_SHAPES and access in _INET_SHAPES)
        or (rule in _UNIX_SHAPES and access in _UNIX_SHAPES)
    )
