"""A shipped policy made ready: one profile, every denial in the audit, the instruments out of it."""

from dataclasses import replace

import pytest

from harness.errors import PolicyError
from harness.guest.tomoyo import AGENT_DOMAIN
from harness.lab.enforcement import RING, enforcement
from harness.policy import Domain, DomainPolicy, parse_profile
from harness.record.explanation import INSTRUMENT, Explanation, Removed
from harness.record.schema import Mode
from tests.unit.enforced_run import BASH, POLICY


@pytest.mark.parametrize(("mode", "number"), [("enforcing", 3), ("permissive", 2)])
def test_every_domain_is_in_the_modes_profile(mode: Mode, number: int) -> None:
    made = enforcement(POLICY, mode, "boot")
    assert made.profile == number
    assert made.policies.domains[BASH].profile == number
    assert made.policies.profiles.profiles()[number].default.mode == mode


def test_denials_reach_an_audit_with_room() -> None:
    for mode in ("enforcing", "permissive"):
        made = enforcement(POLICY, mode, "boot")  # type: ignore[arg-type]
        profile = made.policies.profiles.profiles()[made.profile]
        assert profile.default.reject_log
        assert not profile.default.grant_log
        assert profile.max_audit_log >= RING


def test_a_function_that_the_policy_leaves_alone_stays_alone() -> None:
    text = POLICY.profiles.text() + "3-CONFIG::network={ mode=disabled grant_log=no reject_log=no }\n"
    made = enforcement(replace(POLICY, profiles=parse_profile(text)), "permissive", "boot")
    assert made.policies.profiles.profiles()[2].configs["network"].mode == "disabled"


def test_the_instruments_are_beside_the_policy() -> None:
    made = enforcement(POLICY, "enforcing", "boot")
    assert made.policies.domains[AGENT_DOMAIN] == Domain(AGENT_DOMAIN, 0, (0,))
    assert "initialize_domain /usr/sbin/qemu-ga from any\n" in made.policies.exceptions.text()
    assert made.unconfined == ()


def test_what_tuning_took_away_as_the_harnesss_own_is_back() -> None:
    agent = "file execute /usr/sbin/qemu-ga"
    removed = Removed(domain=BASH, why=INSTRUMENT, rules=(agent,))
    made = enforcement(replace(POLICY, explanation=Explanation(removed=(removed,))), "enforcing", "boot")
    assert agent in made.policies.domains[BASH].rules


def test_the_kernels_own_domain_is_governed_even_where_the_policy_forgot_it() -> None:
    made = enforcement(replace(POLICY, domains=DomainPolicy([POLICY.domains[BASH]])), "enforcing", "boot")
    assert made.policies.domains["<kernel>"].profile == 3


def test_a_domain_that_the_policy_does_not_govern_is_told() -> None:
    loose = DomainPolicy([replace(POLICY.domains[BASH], profile=0)])
    made = enforcement(replace(POLICY, domains=loose), "enforcing", "boot")
    assert made.unconfined == (BASH,)
    assert made.policies.domains[BASH].profile == 0


@pytest.mark.parametrize("line", ["", "3-CONFIG={ mode=learning grant_log=no reject_log=yes }\n"])
def test_a_profile_that_does_not_enforce_is_refused(line: str) -> None:
    profiles = parse_profile("PROFILE_VERSION=20150505\n" + line)
    with pytest.raises(PolicyError, match="profile 3 is"):
        enforcement(replace(POLICY, profiles=profiles), "enforcing", "boot")


def test_the_key_changes_with_policy_mode_and_start() -> None:
    other = DomainPolicy([replace(POLICY.domains[BASH], rules=("file read /x",))])
    keys = {
        enforcement(POLICY, "enforcing", "boot").key,
        enforcement(POLICY, "permissive", "boot").key,
        enforcement(POLICY, "enforcing", "checkpoint").key,
        enforcement(replace(POLICY, domains=other), "enforcing", "boot").key,
    }
    assert len(keys) == 4
