from types import MappingProxyType

import pytest

from harness.errors import PolicyError
from harness.policy import parse_domain_policy, parse_exception_policy, parse_profile, parse_rule
from harness.policy.access import Access, Execution, access_of
from harness.policy.decide import Outcome, ReferenceMonitor, Verdict

PROFILES = parse_profile("""\
PROFILE_VERSION=20150505
0-CONFIG={ mode=disabled grant_log=no reject_log=no }
1-CONFIG={ mode=learning grant_log=no reject_log=no }
1-PREFERENCE={ max_audit_log=1 max_learning_entry=2 }
2-CONFIG={ mode=permissive grant_log=no reject_log=no }
3-CONFIG={ mode=enforcing grant_log=no reject_log=no }
3-CONFIG::network={ mode=disabled grant_log=no reject_log=no }
""")


def monitor(rules: str, *, profile: int = 3, exceptions: str = "", more: str = "") -> ReferenceMonitor:
    domain = f"<kernel> /d\nuse_profile {profile}\nuse_group 1\n\n{rules}\n\n{more}"
    return ReferenceMonitor(parse_domain_policy(domain), parse_exception_policy(exceptions), PROFILES)


def ask(rules: str, line: str, *, profile: int = 3, exceptions: str = "", **attributes: int) -> Verdict:
    known = {name.replace("__", "."): value for name, value in attributes.items()}
    access = access_of(parse_rule(line), attributes=MappingProxyType(known))
    return monitor(rules, profile=profile, exceptions=exceptions).decide("<kernel> /d", access).verdict


@pytest.mark.parametrize(
    ("profile", "verdict"),
    [
        (0, Verdict.UNCHECKED),
        (1, Verdict.LEARNED),
        (2, Verdict.LET_THROUGH),
        (3, Verdict.DENIED),
        (9, Verdict.UNCHECKED),  # a profile that is not defined
    ],
)
def test_what_an_access_without_a_rule_comes_to(profile: int, verdict: Verdict) -> None:
    assert ask("file read /b", "file read /a", profile=profile) is verdict
    assert ask("file read /a", "file read /a", profile=profile) in (Verdict.GRANTED, Verdict.UNCHECKED)


def test_a_full_domain_learns_no_more() -> None:
    assert ask("file read/write /b", "file read /a", profile=1) is Verdict.LET_THROUGH


def test_the_first_rule_that_fits_is_named_and_groups_come_last() -> None:
    decided = monitor("file read /b\nfile read /a\nfile read /\\*").decide(
        "<kernel> /d", access_of(parse_rule("file read /a"))
    )
    assert str(decided.rule) == "file read /a"
    assert decided.group is None
    decided = monitor("file read /b", exceptions="acl_group 1 file read @A\npath_group A /a").decide(
        "<kernel> /d", access_of(parse_rule("file read /a"))
    )
    assert (decided.verdict, str(decided.rule), decided.group) == (Verdict.GRANTED, "file read @A", 1)


@pytest.mark.parametrize(
    ("rule", "line", "granted"),
    [
        ("file create /a 0600-0644", "file create /a 0640", True),
        ("file create /a 0600-0644", "file create /a 0700", False),
        ("file create /a @N", "file create /a 7", True),
        ("file create /a @NONE", "file create /a 7", False),
        ("file rename /a /\\*", "file rename /a /b", True),
        ("file rename /a /\\*", "file rename /b /a", False),
        ("file mkchar /a 0600 1 3", "file mkchar /a 0600 1 3", True),
        ("file mkchar /a 0600 1 3", "file mkchar /a 0600 1 5", False),
        ("misc env LC_\\*", "misc env LC_ALL", True),
        ("misc env LC_\\*", "misc env LANG", False),
        ("task manual_domain_transition <kernel> /x", "task manual_domain_transition <kernel> /x", True),
        ("task manual_domain_transition <kernel> /x", "task manual_domain_transition <kernel> /y", False),
    ],
)
def test_operands(rule: str, line: str, granted: bool) -> None:
    verdict = ask(rule, line, exceptions="number_group N 0-10")
    assert (verdict is Verdict.GRANTED) is granted


def test_a_protocol_is_not_compared_and_an_unchecked_function_is_let_through() -> None:
    profiles = parse_profile(
        "PROFILE_VERSION=20150505\n3-CONFIG={ mode=enforcing grant_log=no reject_log=no }"
    )
    domains = parse_domain_policy(
        "<kernel> /d\nuse_profile 3\n\nnetwork inet stream bind 10.0.0.0-10.0.0.9 80\n\n"
    )
    engine = ReferenceMonitor(domains, parse_exception_policy(""), profiles)

    def verdict(line: str) -> Verdict:
        return engine.decide("<kernel> /d", access_of(parse_rule(line))).verdict

    assert verdict("network inet dgram bind 10.0.0.5 80") is Verdict.GRANTED
    assert verdict("network inet stream bind 10.0.0.10 80") is Verdict.DENIED
    assert verdict("network inet stream bind ::1 80") is Verdict.DENIED
    assert verdict("network inet stream send 10.0.0.10 80") is Verdict.UNCHECKED
    assert ask("file read /a", "network inet stream bind 10.0.0.5 80") is Verdict.UNCHECKED


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("task.uid=0-999", True),
        ("task.uid!=0-999", False),
        ("task.uid=path1.uid", True),
        ("path1.gid=0", False),  # what an object does not have holds neither way
        ("path1.gid!=0", False),
        ("path1.perm=owner_write", True),
        ("path1.perm!=setuid", True),
        ("path1.uid=setuid", False),  # a bit means something beside permissions only
        ("setuid=owner_write", False),
        ("path1.type=file", True),
        ("exec.argc=1", False),
        ("0-9=@N", True),
        ("task.uid=@NONE", False),
    ],
)
def test_comparisons(condition: str, holds: bool) -> None:
    verdict = ask(
        f"file read /a {condition}",
        "file read /a",
        exceptions="number_group N 5",
        task__uid=500,
        path1__uid=500,
        path1__perm=0o644,
        path1__type=0o100000,
    )
    assert (verdict is Verdict.GRANTED) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('exec.argv[0]="ls"', True),
        ('exec.argv[0]!="ls"', False),
        ('exec.argv[2]="-l"', False),
        ('exec.argv[2]!="-l"', True),
        ('exec.envp["HOME"]="/\\*"', True),
        ('exec.envp["HOME"]=NULL', False),
        ('exec.envp["NONE"]=NULL', True),
        ('exec.envp["NONE"]!="x"', True),
        ('exec.envp["\\*"]!=NULL', True),
        ('exec.realpath="/usr/bin/\\*"', True),
        ("exec.envc=2", True),
        ('symlink.target="/x"', False),
    ],
)
def test_conditions_on_an_execution(condition: str, holds: bool) -> None:
    outcome = monitor(f"file execute /bin/ls {condition}").execute(
        "<kernel> /d", Execution("/bin/ls", "/usr/bin/ls", ("ls", "-l"), ("HOME=/root", "A="))
    )
    assert (outcome.decision.verdict is Verdict.GRANTED) is holds


def test_a_symlinks_target() -> None:
    rules = monitor('file symlink /a symlink.target="/x"')
    rule = parse_rule("file symlink /a")
    assert rules.decide("<kernel> /d", access_of(rule, symlink_target="/x")).verdict is Verdict.GRANTED
    assert rules.decide("<kernel> /d", access_of(rule, symlink_target="/y")).verdict is Verdict.DENIED
    assert rules.decide("<kernel> /d", access_of(rule)).verdict is Verdict.DENIED


def run(rules: str, *, exceptions: str = "", more: str = "", profile: int = 3) -> Outcome:
    return monitor(rules, exceptions=exceptions, more=more, profile=profile).execute(
        "<kernel> /d", Execution("/bin/x")
    )


def test_an_execution_ends_in_a_child_domain() -> None:
    assert run("file execute /bin/x").domain == "<kernel> /d /bin/x"


def test_the_rules_text_becomes_the_name() -> None:
    assert run("file execute /bin/\\*").domain == "<kernel> /d /bin/\\*"
    assert run("file execute @X", exceptions="path_group X /bin/\\?").domain == "<kernel> /d /bin/\\?"


def test_an_aggregator_renames_before_the_rule_is_looked_for() -> None:
    assert run("file execute /y", exceptions="aggregator /bin/\\* /y").domain == "<kernel> /d /y"
    assert run("file execute /bin/x", exceptions="aggregator /bin/\\* /y").failure


@pytest.mark.parametrize(
    ("preference", "domain"),
    [
        ("keep", "<kernel> /d"),
        ("child", "<kernel> /d /bin/x"),
        ("initialize", "<kernel> /bin/x"),
        ("parent", "<kernel>"),
        ("/other", "<kernel> /d /other"),
        ("<kernel> /far", "<kernel> /far"),
    ],
)
def test_a_preference_overrules_the_exceptions(preference: str, domain: str) -> None:
    outcome = run(
        f"file execute /bin/x {preference}",
        exceptions="initialize_domain /bin/x from any",
        more="<kernel>\nuse_profile 0\n\n\n",
    )
    assert (outcome.domain, outcome.failure) == (domain, "")


def test_a_namespace_that_is_not_ready_stops_the_execution() -> None:
    outcome = run("file execute /bin/x reset", profile=2)
    assert outcome.domain == "<kernel> /d"
    assert "</bin/x> is not ready" in outcome.failure


def test_the_environment_is_checked_in_the_new_domain() -> None:
    engine = monitor("file execute /bin/x\nmisc env A", more="<kernel> /d /bin/x\nuse_profile 3\n\n\n")
    outcome = engine.execute("<kernel> /d", Execution("/bin/x", envp=("A=1",)))
    assert outcome.failure == "misc env A is denied"
    assert outcome.environment["A"].verdict is Verdict.DENIED


def test_a_pattern_whose_conditions_fail_still_names_the_domain_when_nothing_is_enforced() -> None:
    rules = "file execute /bin/\\* exec.argc=9"
    assert run(rules, profile=2).domain == "<kernel> /d /bin/\\*"


def test_a_chain_stops_where_it_fails() -> None:
    engine = monitor("file execute /a", more="<kernel> /d /a\nuse_profile 3\n\nfile execute /b\n\n")
    outcomes = engine.chain("<kernel> /d", iter([Execution("/a"), Execution("/b"), Execution("/c")]))
    assert [outcome.domain for outcome in outcomes] == [
        "<kernel> /d /a",
        "<kernel> /d /a /b",
        "<kernel> /d /a /b",
    ]
    assert outcomes[-1].failure == "file execute /c is denied"


def test_what_cannot_be_asked() -> None:
    with pytest.raises(PolicyError, match="there is no domain"):
        monitor("").decide("<kernel> /nowhere", access_of(parse_rule("file read /a")))
    with pytest.raises(ValueError, match="more than one"):
        access_of(parse_rule("file read/write /a"))
    with pytest.raises(ValueError, match="more than one"):
        access_of(parse_rule("file create /a 0-7"))


def test_the_device_of_a_mount_without_one_is_not_compared() -> None:
    rule = parse_rule("file mount none /x/ tmpfs 0")
    asked = Access(rule.shape, "mount", (None, "/x/", "tmpfs", 0))
    assert monitor("file mount /dev/sda1 /x/ tmpfs 0").decide("<kernel> /d", asked).verdict is Verdict.GRANTED
