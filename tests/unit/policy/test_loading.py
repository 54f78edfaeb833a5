"""From one policy to another in a running kernel; `harness.policy.patch.apply` stands in for the kernel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import PolicyError
from harness.policy import (
    DomainPolicy,
    parse_domain_policy,
    parse_exception_policy,
    parse_manager,
    parse_profile,
)
from harness.policy.loading import Policies, Stage, difference, resting, stages
from harness.policy.patch import apply

AGENT = "<kernel> /usr/sbin/qemu-ga"
KEEP = frozenset({AGENT})
PROFILES = parse_profile(
    "PROFILE_VERSION=20150505\n2-CONFIG={ mode=permissive grant_log=no reject_log=yes }\n"
    "3-CONFIG={ mode=enforcing grant_log=no reject_log=yes }\n"
)
MANAGERS = parse_manager("/usr/sbin/tomoyo-loadpolicy\n")


def policies(domains: str, exceptions: str = "") -> Policies:
    return Policies(parse_domain_policy(domains), parse_exception_policy(exceptions), PROFILES, MANAGERS)


LEARNING = policies(
    "<kernel>\nuse_profile 1\nuse_group 0\n\nfile execute /sbin/init\n\n"
    f"{AGENT}\nuse_profile 0\nuse_group 0\n\n\n"
    "<kernel> /a\nuse_profile 1\nuse_group 0\n\nfile read/write /x\nfile read /old\n\n"
    "<kernel> /gone\nuse_profile 1\nuse_group 0\n\nfile read /secret\n\n",
    "initialize_domain /a from any\nacl_group 0 file read/write /shared\npath_group G /one\n",
)
RESTING = replace(
    LEARNING, domains=parse_domain_policy(LEARNING.domains.text().replace("profile 1", "profile 2"))
)
WANTED = policies(
    "<kernel>\nuse_profile 3\nuse_group 0\n\nfile execute /sbin/init\n\n"
    "<kernel> /a\nuse_profile 3\nuse_group 0\n\nfile read /x\nfile read /new\n\n"
    "<kernel> /b\nuse_profile 3\nuse_group 0\n\nfile read @G\n\n",
    "acl_group 0 file read /shared\npath_group G /one\npath_group G /two\n",
)


def plan() -> list[tuple[str, tuple[str, ...]]]:
    return [(s.option, s.lines) for s in stages(RESTING, WANTED, final=3, waiting=2, keep=KEEP)]


def after(count: int | None = None) -> DomainPolicy:
    """The kernel's domains after the first `count` domain stages."""
    domains = RESTING.domains
    for lines in [lines for option, lines in plan() if option == "-d"][:count]:
        domains = apply(domains, "".join(f"{line}\n" for line in lines))
    return domains


def test_in_the_end_the_kernel_holds_the_policy_and_the_agents_domain_as_it_was() -> None:
    end = after()
    assert end[AGENT] == LEARNING.domains[AGENT]
    held = replace(WANTED, domains=end)
    assert difference(WANTED, held, keep=KEEP).must_be_none() is None
    assert set(end) == {*WANTED.domains, AGENT}


def rest(held: Policies) -> list[Stage]:
    return resting(held, WANTED, waiting=2, keep=KEEP)


def test_a_kernel_is_put_to_rest_before_it_is_read_for_good() -> None:
    profiles, domains = rest(LEARNING)
    assert profiles.lines == tuple(PROFILES.text().splitlines())
    assert apply(LEARNING.domains, domains.text().decode()) == RESTING.domains
    assert rest(RESTING) == []


def test_what_was_learned_before_it_rested_goes() -> None:
    domains = apply(
        LEARNING.domains, "<kernel> /a\nfile read /learned/meanwhile\n<kernel> /a /new\nuse_profile 1\n"
    )
    (_, awake) = rest(replace(LEARNING, domains=domains))
    domains = apply(domains, awake.text().decode())
    for stage in stages(replace(LEARNING, domains=domains), WANTED, final=3, waiting=2, keep=KEEP):
        if stage.option == "-d":
            domains = apply(domains, stage.text().decode())
    assert difference(WANTED, replace(WANTED, domains=domains), keep=KEEP).must_be_none() is None


def test_while_rules_change_nobody_is_denied_and_nobody_learns() -> None:
    profiles = {name: domain.profile for name, domain in after(1).items() if name != AGENT}
    assert set(profiles.values()) == {2}


def test_processes_of_a_deleted_domain_are_left_with_no_rule_and_enforced() -> None:
    before_it_goes = after(2)["<kernel> /gone"]
    assert before_it_goes.rules == ()
    assert before_it_goes.profile == 3


def test_a_permission_less_is_taken_away_and_another_stays() -> None:
    assert "file read /x" in after()["<kernel> /a"].rules


def test_exceptions_come_before_and_go_after_the_rules_that_need_them() -> None:
    options = [option for option, _ in plan()]
    exceptions = [lines for option, lines in plan() if option == "-e"]
    assert options.index("-e") < options.index("-d") < options.index("-e", options.index("-d"))
    assert exceptions == [
        ("path_group G /two",),
        ("delete initialize_domain /a from any", "delete acl_group 0 file write /shared"),
    ]


def test_a_kernel_that_holds_the_policy_gets_profiles_only() -> None:
    lines = [
        line
        for stage in stages(WANTED, WANTED, final=3, waiting=2, keep=KEEP)
        for line in stage.lines
        if stage.option != "-p" and not line.startswith(("<", "use_profile"))
    ]
    assert lines == []


def test_a_line_that_was_dropped_is_named() -> None:
    held = replace(WANTED, domains=apply(WANTED.domains, "<kernel> /a\ndelete file read /new\n"))
    with pytest.raises(PolicyError, match="the kernel did not take: <kernel> /a: file read /new"):
        difference(WANTED, held, keep=KEEP).must_be_none()


def test_a_domain_that_was_dropped_is_named() -> None:
    held = replace(WANTED, domains=apply(WANTED.domains, "delete <kernel> /b\n"))
    assert difference(WANTED, held, keep=KEEP).missing == ("<kernel> /b",)


def test_a_rule_too_much_is_named() -> None:
    held = replace(WANTED, domains=apply(WANTED.domains, "<kernel> /a\nfile read /learned\n"))
    with pytest.raises(PolicyError, match="holds beside the policy: <kernel> /a: file read /learned"):
        difference(WANTED, held, keep=KEEP).must_be_none()


def test_another_profile_is_named() -> None:
    held = replace(WANTED, domains=apply(WANTED.domains, "<kernel> /a\nuse_profile 1\n"))
    found = difference(WANTED, held, keep=KEEP)
    assert found.missing == ("<kernel> /a: use_profile 3",)
    assert found.extra == ("<kernel> /a: use_profile 1",)


def test_a_domain_that_the_kernel_made_by_itself_is_told_and_no_error() -> None:
    held = replace(WANTED, domains=apply(WANTED.domains, "<kernel> /a /c\nuse_profile 3\nuse_group 0\n"))
    found = difference(WANTED, held, keep=KEEP)
    assert found.made == ("<kernel> /a /c",)
    assert found.must_be_none() is None


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("exception_policy.conf", "path_group G /two"),
        ("profile.conf", "3-CONFIG={ mode=enforcing grant_log=no reject_log=yes }"),
        ("manager.conf", "/usr/sbin/tomoyo-loadpolicy"),
    ],
)
def test_the_other_three_files_are_compared_too(place: str, line: str) -> None:
    empty = Policies(
        WANTED.domains,
        parse_exception_policy(""),
        parse_profile("PROFILE_VERSION=20150505\n"),
        parse_manager(""),
    )
    assert f"{place}: {line}" in difference(WANTED, empty, keep=KEEP).missing


def test_many_lines_are_counted_and_the_first_are_named() -> None:
    rules = "".join(f"file read /{number}\n" for number in range(50))
    wanted = policies(f"<kernel> /a\nuse_profile 3\n\n{rules}\n")
    held = policies("<kernel> /a\nuse_profile 3\n\n\n")
    with pytest.raises(PolicyError, match=r"50 lines are missing(?s:.*)and 30 more"):
        difference(wanted, held, keep=KEEP).must_be_none()
