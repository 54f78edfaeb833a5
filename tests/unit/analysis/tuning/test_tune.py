"""The stages of tuning, and what holds whatever was learned: nothing is lost, everything is explained."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.analysis.tuning import (
    Learned,
    Settings,
    Tuned,
    load_domains,
    load_rules,
    parse_domains,
    parse_rules,
    tune,
)
from harness.analysis.tuning.layers import READ
from harness.errors import PolicyError
from harness.policy import parse_domain_policy, parse_exception_policy, parse_rule, read_audit
from harness.policy.access import Access, Execution, access_of
from harness.policy.audit import AuditRecord, askers
from harness.policy.condition import ArgumentCondition, NameCondition
from harness.policy.decide import ReferenceMonitor, Verdict
from harness.policy.rule import PATH
from harness.policy.sets import singles
from harness.record.explanation import Source

CORPUS = Path(__file__).parents[3] / "corpus"
SETS = load_rules()
SHIP = Settings(rules=SETS)
AS_LEARNED = Settings(overlay=False, groups=False)
INIT = "<kernel> /usr/sbin/init"
SHELL = f"{INIT} /usr/bin/gnome-shell"
Make = Callable[..., Learned]


def monitor(tuned: Tuned) -> ReferenceMonitor:
    return ReferenceMonitor(tuned.policy.domains, tuned.policy.exceptions, tuned.policy.profiles)


def asked(line: str) -> Access:
    """The access that learned a rule; overlayfs opens a layer's file as root."""
    rule = parse_rule(line)
    values = {type(c).__name__ + getattr(c, "attribute", ""): c for c in rule.conditions}
    realpath, argument = values.get("NameConditionexec.realpath"), values.get("ArgumentCondition")
    target = values.get("NameConditionsymlink.target")
    execution = None
    if rule.shape is PATH and rule.operations == ("execute",):
        execution = Execution(
            str(rule.operands[0]),
            str(realpath.value) if isinstance(realpath, NameCondition) else "",
            (argument.value,) if isinstance(argument, ArgumentCondition) else (),
        )
    return access_of(
        rule,
        attributes={"task.uid": 0 if "squashfs:" in line or "tmpfs:" in line else 1000},
        symlink_target=str(target.value) if isinstance(target, NameCondition) else None,
        execution=execution,
    )


def lines(tuned: Tuned, domain: str) -> tuple[str, ...]:
    return tuned.policy.domains[domain].rules


# Names as machines give them: what varies varies.
_NUMBERS = st.integers(1, 99_999).map(str)
_HEX = st.integers(16**15, 16**16 - 1).map(lambda number: f"{number:x}")
_SUFFIX = st.text("abcXYZ019", min_size=6, max_size=6)
_TEMPLATES = st.sampled_from(
    [
        "proc:/{n}/stat",
        "proc:/{n}/task/{n}/comm",
        "/run/systemd/journal/streams/.#9:{n}{h}",
        "/run/systemd/sessions/.#{n}{h}",
        "/run/systemd/units/invocation:a{n}.service",
        "/run/udev/data/+input:input{n}",
        "/sys/devices/pci0000:00/input/input{n}/event{n}/uevent",
        "/sys/fs/cgroup/user.slice/user-1000.slice/app-{n}.scope/cgroup.procs",
        "/home/amnesia/.config/dconf/user.{s}",
        "/home/amnesia/Documents/{s}.txt",
        "/home/amnesia/.mozilla/firefox/abcd{n}.default/x",
        "/tmp/.{s}",
        "/etc/.#locale{h}",
        "/etc/file-{n}",
        "/usr/lib/python3/dist-packages/m{n}.py",
        "/usr/share/icons/theme/{n}.png",
        "/dev/pts/{n}",
        "/a\\040{n}\\\\",
    ]
)
_NAMES = st.builds(
    lambda template, n, h, s: template.format(n=n, h=h, s=s), _TEMPLATES, _NUMBERS, _HEX, _SUFFIX
)
_LAYERED = st.builds(
    lambda layer, name: layer + name if name.startswith("/") else name,
    st.sampled_from(["", "squashfs:", "tmpfs:/rw"]),
    _NAMES,
)
_RULES = st.one_of(
    st.builds("file {} {}".format, st.sampled_from(["read", "write", "read/write", "append"]), _LAYERED),
    st.builds("file {} {}".format, st.sampled_from(["unlink", "truncate", "getattr"]), _NAMES),
    st.builds("file create {} 0600".format, _NAMES),
    st.builds("file rename {} {}".format, _NAMES, _NAMES),
    st.builds('file symlink {} symlink.target="{}"'.format, _NAMES, st.one_of(_HEX, _NAMES)),
    st.builds(
        'file execute {0} exec.realpath="{0}" exec.argv[0]="{1}"'.format, _NAMES, st.sampled_from(["a", "/b"])
    ),
    st.builds("network unix stream bind {}".format, _NAMES),
    st.builds("network inet dgram bind 127.0.0.1 {}".format, st.integers(1, 65535)),
    st.builds("misc env {}".format, st.sampled_from(["HOME", "LANG", "LC_ALL", "LD_PRELOAD", "X"])),
)
_DOMAINS = st.sampled_from([INIT, SHELL, f"{SHELL} /usr/bin/a", f"{SHELL} /usr/bin/b", "<kernel>"])
_POLICIES = st.lists(
    st.dictionaries(_DOMAINS, st.lists(_RULES, max_size=12, unique=True), min_size=1), min_size=1, max_size=3
)


@pytest.mark.parametrize("how", [SHIP, AS_LEARNED], ids=["tuned", "as learned"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(policies=_POLICIES)
def test_tuning_only_widens(learned: Make, how: Settings, policies):
    evidence = learned(*policies)
    tuned = tune(evidence, how)
    kernel = monitor(tuned)
    for domain, rules in evidence.rules.items():
        for line in rules:
            decision = kernel.decide(domain, asked(line))
            assert decision.verdict is Verdict.GRANTED, (domain, line, lines(tuned, domain))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(policies=_POLICIES)
def test_every_learned_rule_is_explained_with_all_who_learned_it(learned: Make, policies):
    evidence = learned(*policies)
    explanation = tune(evidence, SHIP).explanation
    told: dict[tuple[str, str], set[int]] = {}
    for place, domain in explanation.domains.items():
        for rule in domain.rules:
            for entry in rule.learned:
                told.setdefault((entry.domain or place, entry.rule), set()).update(rule.sources)
            if not rule.learned:
                told.setdefault((place, rule.rule), set()).update(rule.sources)
    for group in explanation.acl_groups.values():
        for rule in group.rules:
            for entry in rule.learned:
                told.setdefault((entry.domain, entry.rule), set()).update(rule.sources)
    for domain, rules in evidence.rules.items():
        for line, bits in rules.items():
            assert set(evidence.numbers(bits)) <= told[domain, line]


def test_the_same_input_gives_the_same_bytes(learned: Make):
    policy = {SHELL: ["file read proc:/7/stat", "file write /tmp/a"], INIT: ["misc env HOME"]}
    one, two = (tune(learned(policy), SHIP).policy for _ in range(2))
    assert one.files() == two.files()
    assert one.explanation is not None
    assert two.explanation is not None
    assert one.explanation.dump() == two.explanation.dump()


def test_without_tuning_rules_are_shipped_as_learned(learned: Make):
    rules = ["file read/write /home/amnesia/x.AB12CD", "file read squashfs:/usr/a", "misc env HOME"]
    tuned = tune(learned({SHELL: rules}, {SHELL: ["file unlink /home/amnesia/x.AB12CD"]}), AS_LEARNED)
    assert set(lines(tuned, SHELL)) == {"file read/write/unlink /home/amnesia/x.AB12CD", *rules[1:]}
    assert tuned.policy.domains[SHELL].profile == 3


def test_every_domain_gets_the_profile_and_keeps_its_groups(learned: Make):
    tuned = tune(learned({INIT: [], SHELL: ["file read /a"]}), Settings(rules=SETS, profile=2))
    assert {(domain.profile, domain.groups) for domain in tuned.policy.domains.values()} == {(2, (0,))}
    assert tuned.policy.profiles.profiles()[2].default.mode == "permissive"
    with pytest.raises(PolicyError, match="no profile 1 to ship"):
        tune(learned({INIT: []}), Settings(profile=1))


def test_the_profile_refuses_and_records_what_it_refuses(learned: Make):
    config = tune(learned({INIT: []}), SHIP).policy.profiles.profiles()[3].default
    assert (config.mode, config.grant_log, config.reject_log) == ("enforcing", False, True)


def test_a_file_of_the_overlay_is_one_rule_with_its_aliases(learned: Make):
    tuned = tune(
        learned(
            {
                SHELL: [
                    "file read /usr/share/a",
                    "file read squashfs:/usr/share/a",
                    "file read/write /home/amnesia/.x.AB12CD",
                    "file read/write tmpfs:/rw/home/amnesia/.x.AB12CD",
                    "file write tmpfs:/work/work/#9a",
                ]
            }
        ),
        SHIP,
    )
    assert lines(tuned, SHELL) == (
        "file read /usr/share/a",
        r"file read/write /home/amnesia/.x.\?\?\?\?\?\?",
        r"file write tmpfs:/rw/home/amnesia/.x.\?\?\?\?\?\?",
    )
    figures = tuned.explanation.figures
    assert (figures.layered, figures.layered_shipped) == (3, 2)  # one of them in the group of the layers
    kernel = monitor(tuned)
    root, user = ({"task.uid": uid} for uid in (0, 1000))
    second = parse_rule("file read squashfs:/usr/share/other")
    assert kernel.decide(SHELL, access_of(second, attributes=root)).rule == READ
    assert not kernel.decide(SHELL, access_of(second, attributes=user)).verdict.allowed
    # Under the names by which a process itself can reach the layers, nothing is admitted.
    for name in ("/run/live/rootfs/filesystem.squashfs/usr/share/a", "/usr/share/other"):
        direct = access_of(parse_rule(f"file read {name}"), attributes=root)
        assert not kernel.decide(SHELL, direct).verdict.allowed


@pytest.mark.parametrize("users", [{0}, {0, 1000}, set()])
def test_a_domain_that_root_is_in_keeps_its_layers_names(learned: Make, users: set[int]):
    evidence = learned({SHELL: ["file read squashfs:/usr/share/a", "file write tmpfs:/work/work/#9a"]})
    evidence.users = {SHELL: users} if users else {}
    tuned = tune(evidence, SHIP)
    assert lines(tuned, SHELL) == (
        "file read squashfs:/usr/share/a",
        r"file write tmpfs:/work/work/#\X",
    )
    # By a clone of the mount root is asked for a layer's name alone.
    kernel = monitor(tuned)
    shadow = parse_rule("file read squashfs:/etc/shadow")
    assert not kernel.decide(SHELL, access_of(shadow, attributes={"task.uid": 0})).verdict.allowed


def test_a_file_that_the_system_writes_while_it_runs_is_read_in_either_layer(learned: Make):
    font, quiet, home = "/etc/console-setup/font.sh", "/etc/quiet", "/home/amnesia/new"
    evidence = learned(
        {
            INIT: [f"file read squashfs:{font}", f"file read squashfs:{quiet}"],
            SHELL: [f"file read {font}", f"file read tmpfs:/rw{font}", f"file read tmpfs:/rw{home}"],
        }
    )
    evidence.users = {}
    tuned = tune(evidence, SHIP)
    assert lines(tuned, INIT) == (
        f"file read squashfs:{font}",
        f"file read squashfs:{quiet}",
        f"file read tmpfs:/rw{font}",
    )
    assert f"file read squashfs:{font}" in lines(tuned, SHELL)
    assert f"file read squashfs:{home}" not in lines(tuned, SHELL)
    (added,) = (one for one in tuned.explanation.domains[INIT].rules if one.by)
    assert (added.by, [one.rule for one in added.learned]) == (
        ("moving-file",), [f"file read squashfs:{font}"],
    )  # fmt: skip
    assert "moving-file" in {rule.name for rule in tuned.explanation.rules}


def test_a_script_that_is_written_anew_is_closed_by_the_next_program(learned: Make):
    script = "/etc/console-setup/font.sh"
    shell, font = f"{INIT} {script}", f"{INIT} {script} /usr/bin/setfont"
    evidence = learned(
        {
            SHELL: [f"file write tmpfs:/rw{script}"],
            shell: [f"file read {script}", f"file read squashfs:{script}"],
            font: ["file read /etc/font"],
            f"{font} /usr/bin/gzip": ["file read /etc/font"],
        }
    )
    evidence.users = {}
    tuned = tune(evidence, SHIP)
    assert lines(tuned, font) == ("file read /etc/font", f"file read tmpfs:/rw{script}")
    assert lines(tuned, f"{font} /usr/bin/gzip") == ("file read /etc/font",)
    (added,) = (one for one in tuned.explanation.domains[font].rules if one.by)
    assert [(one.domain, one.rule) for one in added.learned] == [(shell, f"file read {script}")]


def test_a_file_that_only_the_writable_layer_was_seen_to_have_may_be_the_images_too(learned: Make):
    evidence = learned({SHELL: ["file read tmpfs:/rw/etc/motd", "file read tmpfs:/rw/etc/new"]})
    evidence.users = {}
    tuned = tune(evidence, replace(SHIP, paths=frozenset({"/etc/motd"})))
    assert set(lines(tuned, SHELL)) == {
        "file read tmpfs:/rw/etc/motd", "file read squashfs:/etc/motd", "file read tmpfs:/rw/etc/new",
    }  # fmt: skip


def test_a_group_that_the_image_uses_is_not_taken(learned: Make):
    evidence = learned(
        {SHELL: ["file read squashfs:/usr/share/a"]}, exceptions="acl_group 100 misc env HOME\n"
    )
    with pytest.raises(PolicyError, match="overlay-layer wants acl_group 100, which the image's policy uses"):
        tune(evidence, SHIP)


def test_what_is_granted_to_a_program_because_of_its_caller_may_be_shared(learned: Make):
    script = "/usr/lib/s.sh"
    shell = f"<kernel> {script}"
    common = [f"file read /etc/{number}" for number in range(15)]
    children = {f"{shell} /usr/bin/p{number}": common for number in range(3)}
    evidence = learned(
        {
            shell: [f"file read {script}", f"file read squashfs:{script}", f"file read tmpfs:/rw{script}"],
            **children,
        }
    )
    evidence.users = {}
    tuned = tune(evidence, SHIP)
    (group,) = tuned.groups
    assert group.domains == tuple(sorted(children))
    assert f"file read tmpfs:/rw{script}" in group.rules
    assert f"file read tmpfs:/rw{script}" in lines(tuned, shell)


def test_a_group_that_a_domain_uses_is_not_taken_though_it_is_empty(learned: Make):
    common = [f"file read /etc/{number}" for number in range(15)]
    evidence = learned({f"<kernel> /usr/bin/p{number}": common for number in range(3)})
    evidence.rules["<kernel> /usr/bin/other"] = {"file read /etc/other": 1}
    evidence.groups["<kernel> /usr/bin/other"] = (0, 1)
    tuned = tune(evidence, SHIP)
    assert [group.number for group in tuned.groups] == [2]
    assert tuned.policy.domains["<kernel> /usr/bin/other"].groups == (0, 1)
    assert not tuned.policy.exceptions.acl_group(1)


def test_who_asked_is_read_from_the_audit_without_overlayfs_own_looks():
    record = (
        "#2026/11/22 18:47:56# profile=1 mode=learning granted=no (global-pid=7) "
        "task={{ pid=7 ppid=1 uid={0} gid={0} euid={0} egid={0} suid={0} sgid={0} fsuid={0} fsgid={0} }}\n"
        "<kernel> {1}\n{2}\n"
    )
    learned = Learned()
    for line in (
        record.format(1000, "/a", "file read /etc/a"),
        record.format(0, "/a", "file read squashfs:/etc/a"),
        record.format(0, "/b", "file read /etc/b"),
        record.format(0, "/c", "file read tmpfs:/rw/etc/c"),
    ):
        (one,) = read_audit(line.encode() + b"\0")
        assert isinstance(one, AuditRecord)
        assert list(askers(line.encode())) == [(one.task.uid, one.domain, one.entry)]
        learned.asked_by(b"a drain\n" + line.encode() + b"\0")
    assert learned.users == {"<kernel> /a": {1000}, "<kernel> /b": {0}, "<kernel> /c": set()}


def test_what_the_harness_did_is_taken_away_and_kept_for_the_next_test(learned: Make):
    agent, login = "<kernel> /usr/sbin/qemu-ga", "<kernel> /usr/sbin/agetty /usr/bin/login /usr/bin/bash"
    execute = 'file execute /usr/sbin/qemu-ga exec.realpath="/usr/sbin/qemu-ga"'
    link = 'file symlink /dev/char/.#245:3b57fb42f5ff4a40a symlink.target="../vport0p2"'
    tty = "<kernel> /usr/sbin/agetty"
    start = 'file execute /usr/bin/login exec.realpath="/usr/bin/login"'
    policy = {INIT: [execute, "file read /a", link], agent: [], tty: [start], login: ["file read /b"]}
    tuned = tune(learned(policy), SHIP)
    assert list(tuned.policy.domains) == [INIT, tty]
    assert lines(tuned, tty) == ()
    assert lines(tuned, INIT) == ("file read /a",)
    assert "qemu-ga" not in tuned.policy.exceptions.text()
    back = tuned.policy.with_instruments()
    assert execute in back.domains[INIT].rules
    assert r'file symlink /dev/char/.#\* symlink.target="../vport0p2"' in back.domains[INIT].rules
    assert "keep_domain any from <kernel> /usr/sbin/qemu-ga\n" in back.exceptions.text()
    assert {entry.why for entry in tuned.explanation.removed} == {"instrument", "console login"}


def test_a_login_that_a_scenario_is_about_stays(learned: Make):
    login = "<kernel> /usr/sbin/agetty /usr/bin/login"
    start = 'file execute /usr/bin/login exec.realpath="/usr/bin/login"'
    evidence = learned({INIT: [start], login: ["file read /etc/passwd"]}, {login: ["file read /b"]})
    evidence.console_sources = 0b10
    tuned = tune(evidence, SHIP)
    assert login in tuned.policy.domains
    assert lines(tuned, INIT) == (start,)


def test_something_of_the_harness_that_is_left_is_an_error(learned: Make):
    share = """[[share]]
    name = "careless"
    reason = "names a file of the harness"
    group = 9
    rules = ["file read /a", "file read /usr/lib/environment.d/90-tomograph.conf"]
    """
    careless = parse_rules(share, source="careless.toml")
    with pytest.raises(PolicyError, match="1 lines of the harness's own are left") as caught:
        tune(learned({INIT: ["file read /a"]}), Settings(rules=(careless,)))
    assert "90-tomograph.conf" in str(caught.value)


def test_what_is_everybodys_is_so_once_one_domain_learned_it(learned: Make):
    count = "file read /sys/devices/system/cpu/online"
    tuned = tune(learned({INIT: [count, "file read /a"], SHELL: ["file read /a"]}), SHIP)
    assert lines(tuned, INIT) == lines(tuned, SHELL) == ("file read /a",)
    everybodys = tuned.policy.exceptions.acl_group(0)
    assert count in {str(rule) for rule in everybodys}
    assert all(0 in tuned.policy.domains[name].groups for name in (INIT, SHELL))
    assert tuned.explanation.acl_groups["0"].rules[0].by == ("libc",)
    without = tune(learned({INIT: ["file read /a"]}), SHIP)
    assert "cpu" not in without.policy.exceptions.text()


def test_domains_that_become_one_hold_the_rules_of_both(learned: Make):
    chosen = parse_domains(
        "[[domain]]\nreason = 'one gpg for all'\nlines = ['initialize_domain /usr/bin/gpg from any']",
        source="domains.toml",
    )
    one, two = f"{INIT} /usr/bin/gpg", f"{SHELL} /usr/bin/gpg"
    tuned = tune(
        learned({one: ["file read /a"], two: ["file read /b"], f"{two} /usr/bin/x": ["file read /c"]}),
        Settings(rules=SETS, domains=chosen),
    )
    assert lines(tuned, "<kernel> /usr/bin/gpg") == ("file read /a", "file read /b")
    assert lines(tuned, "<kernel> /usr/bin/gpg /usr/bin/x") == ("file read /c",)
    assert tuned.merged == {"<kernel> /usr/bin/gpg": (one, two)}
    assert {(gain.domain, str(gain.rules[0])) for gain in tuned.gains} == {
        (one, "file read /b"),
        (two, "file read /a"),
    }
    assert "initialize_domain /usr/bin/gpg from any\n" in tuned.policy.exceptions.text()
    explained = tuned.explanation.domains["<kernel> /usr/bin/gpg"]
    assert explained.learned == (one, two)
    assert [rule.learned[0].domain for rule in explained.rules] == [one, two]


def test_an_executable_is_generalised_together_with_its_domains(learned: Make):
    rules = parse_rules(
        r"""[[rule]]
        name = "plug-in-version"
        reason = "the version changes with each release"
        directives = ["file execute"]
        moves-domains = true
        match = '^/usr/lib/gimp/([0-9.]+)/'
        pattern = '\*'
        """,
        source="gimp.toml",
    )
    program = "/usr/lib/gimp/{0}/x"
    start = f'file execute {program} exec.realpath="{program}" exec.argv[0]="{program}"'
    tuned = tune(
        learned(
            {
                SHELL: [start.format("2.10"), start.format("2.99")],
                f"{SHELL} /usr/lib/gimp/2.10/x": ["file read /a"],
                f"{SHELL} /usr/lib/gimp/2.99/x": ["file read /b"],
            }
        ),
        Settings(rules=(rules,)),
    )
    child = rf"{SHELL} /usr/lib/gimp/\*/x"
    assert sorted((gain.becomes, [str(rule) for rule in gain.rules]) for gain in tuned.gains) == [
        (child, ["file read /a"]), (child, ["file read /b"]),
    ]  # fmt: skip
    assert lines(tuned, child) == ("file read /a", "file read /b")
    assert lines(tuned, SHELL) == (start.format(r"\*"),)
    new = program.format("3.0")
    assert monitor(tuned).execute(SHELL, Execution(new, new, (new,))).domain == child


def test_rules_that_move_domains_follow_each_other_in_rule_and_name_alike(learned: Make):
    rule = """
        [[rule]]
        name = "{0}"
        reason = "because it is a test"
        directives = ["file execute"]
        moves-domains = true
        match = '{1}'
        pattern = '\\$'
        """
    rules = parse_rules(
        rule.format("one", "^/opt/([0-9]+)/") + rule.format("two", r"\.([0-9]+)$"), source="x"
    )
    tuned = tune(
        learned({SHELL: ["file execute /opt/12/run.34"], f"{SHELL} /opt/12/run.34": ["file read /a"]}),
        Settings(rules=(rules,)),
    )
    assert lines(tuned, SHELL) == (r"file execute /opt/\$/run.\$",)
    assert lines(tuned, rf"{SHELL} /opt/\$/run.\$") == ("file read /a",)


def test_a_share_goes_to_domains_that_learned_some_of_it(learned: Make):
    tuned = tune(
        learned({SHELL: ["misc env HOME", "misc env LD_PRELOAD"], INIT: ["misc env LD_PRELOAD"]}), SHIP
    )
    assert tuned.policy.domains[SHELL].groups == (0, 101)
    assert tuned.policy.domains[INIT].groups == (0,)
    assert lines(tuned, SHELL) == ("misc env LD_PRELOAD",)
    assert parse_rule("misc env LANG") in tuned.policy.exceptions.acl_group(101)


def test_rules_in_common_stand_once_and_nobody_gains(learned: Make):
    common = [f"file read /usr/share/x{number}.css" for number in range(30)]
    policy = {f"<kernel> /usr/bin/p{number}": [*common, f"file read /own{number}"] for number in range(4)}
    tuned = tune(learned(policy), SHIP)
    (group,) = tuned.groups
    assert (len(group.rules), len(group.domains), group.saved) == (30, 4, 86)
    for number, domain in enumerate(tuned.policy.domains.values()):
        assert domain.rules == (f"file read /own{number}",)
        assert domain.groups == (0, group.number)
    assert tuned.explanation.figures.lines_after < tuned.explanation.figures.lines_before


def test_what_is_admitted_beyond_is_counted(learned: Make):
    paths = frozenset(
        {*(f"/usr/share/icons/t/24/{n}.png" for n in range(10)), "/usr/share/icons/t/24/", "/etc/passwd"}
    )
    asked_for = [f"file read /usr/share/icons/t/24/{n}.png" for n in (1, 2)]
    tuned = tune(learned({SHELL: [*asked_for, "file read /etc/passwd"]}), Settings(rules=SETS, paths=paths))
    explanation = tuned.explanation
    beyond = {rule.rule: rule.beyond for rule in explanation.domains[SHELL].rules}
    assert beyond == {r"file read /usr/share/icons/t/\{\*\}/\*": 8, "file read /etc/passwd": 0}
    assert explanation.domains[SHELL].beyond == 8
    assert (explanation.figures.beyond, explanation.figures.image_paths) == (8, len(paths))


def test_of_the_denials_of_a_strict_policy_few_are_left():
    """The policy as learned gave 830 denials on a real machine while Firefox was opened."""

    def read(name: str) -> bytes:
        return gzip.decompress((CORPUS / f"{name}.gz").read_bytes())

    evidence = Learned()
    for name in ("debian12-ready", "debian12-firefox"):
        policy = parse_domain_policy(read(f"{name}.domain_policy.conf"))
        evidence.add(Source(run=0, kind="checkpoint", id=name), policy)
    evidence.exceptions = parse_exception_policy((CORPUS / "debian12.exception_policy.conf").read_bytes())
    denied = [
        record
        for record in read_audit(read("debian12-enforcing.audit.log"))
        if isinstance(record, AuditRecord) and record.mode == "enforcing"
    ]
    kernel = monitor(tune(evidence, Settings(rules=SETS, domains=())))
    left = [record.entry for record in denied if not _allowed(kernel, record)]
    assert len(denied) == 830
    # Most of the rest is tracker, which removes its database only when it finds it broken.
    assert len(left) <= 50
    assert sum("/tracker3/" in entry for entry in left) >= 40


def _allowed(kernel: ReferenceMonitor, record: AuditRecord) -> bool:
    access = access_of(
        parse_rule(record.entry),
        attributes={"task.uid": record.task.uid},
        symlink_target=record.symlink_target,
    )
    return kernel.decide(record.domain, access).verdict.allowed


def test_the_reference_image_s_domains_on_a_real_policy():
    data = gzip.decompress((CORPUS / "debian12-firefox.domain_policy.conf.gz").read_bytes())
    evidence = Learned()
    policy = parse_domain_policy(data)
    evidence.add(Source(run=0, kind="checkpoint", id="x"), policy)
    tuned = tune(evidence, Settings(domains=load_domains("reference"), overlay=False, groups=False))
    assert "<kernel> /usr/bin/gpgconf" in tuned.merged
    assert not any(
        " /usr/bin/gpgconf" in name and not name.startswith("<kernel> /usr/bin/gpgconf")
        for name in tuned.policy.domains
    )
    shipped = {
        single
        for domain in tuned.policy.domains.values()
        for rule in domain.rules
        for single in singles(rule)
    }
    kept = {single for name in policy for rule in policy[name].rules for single in singles(rule)}
    assert shipped <= kept
