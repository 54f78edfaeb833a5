"""The join of rules with records, on what real machines wrote and on single cases."""

from collections.abc import Callable
from datetime import UTC, datetime

from harness.analysis import attribute, unknown_reasons
from harness.policy import AuditRecord, Domain, DomainPolicy, difference, parse_domain_policy, read_audit
from harness.record import Drain, RuleProvenance

AT = datetime(2026, 11, 22, 18, 47, 56, tzinfo=UTC)
FIREFOX = "<kernel> /usr/bin/gnome-shell /usr/lib/firefox"


def record(
    entry: str, *, pid: int = 7, domain: str = FIREFOX, time: str = "18:47:56", extra: str = ""
) -> bytes:
    task = "{ pid=7 ppid=1 uid=1000 gid=1000 euid=1000 egid=1000 suid=1000 sgid=1000 fsuid=1000 fsgid=1000 }"
    head = f"#2026/11/22 {time}# profile=1 mode=learning granted=no (global-pid={pid}) task={task}{extra}"
    return f"{head}\n{domain}\n{entry}\n".encode() + b"\0"


def execution(realpath: str, *argv: str) -> str:
    words = "".join(f'"{word}" ' for word in argv)
    return f' exec={{ realpath="{realpath}" argc={len(argv)} envc=0 argv[]={{ {words}}} envp[]={{ }} }}'


def of_rules(rules: list[str], *drains: Drain, ring: int = 1024) -> list[RuleProvenance]:
    return attribute(DomainPolicy([Domain(FIREFOX, rules=tuple(rules))]), drains, ring=ring)


def test_every_record_of_a_real_boot_finds_its_rule(corpus: Callable[[str], bytes]) -> None:
    policy = parse_domain_policy(corpus("debian12-ready.domain_policy.conf"))
    audit = corpus("debian12-boot.audit.log")
    records = [record for record in read_audit(audit) if isinstance(record, AuditRecord)]

    lines = attribute(policy, [Drain(None, AT, audit)])

    # A new domain's record names its profile and group, which are no rules.
    assert sum(line.records for line in lines) == sum(" use_" not in f" {r.entry}" for r in records)
    assert len(lines) == policy.rule_count
    init = next(line for line in lines if line.rule == "misc env BOOT_IMAGE" or line.rule == "misc env SHLVL")
    assert init.process is not None
    assert (init.process.program, init.process.argv) == (
        "/usr/lib/systemd/systemd",
        ("/sbin/init", "noeject"),
    )


def test_a_real_fragment_names_the_processes(corpus: Callable[[str], bytes]) -> None:
    ready = parse_domain_policy(corpus("debian12-ready.domain_policy.conf"))
    fragment = difference(parse_domain_policy(corpus("debian12-firefox.domain_policy.conf")), ready)

    lines = attribute(fragment, [Drain(2, AT, corpus("debian12-enforcing.audit.log"))])

    known = [line for line in lines if not line.unknown]
    assert len(known) > 100
    assert {line.step for line in known} == {2}
    assert all(line.process and line.process.uid in {0, 1000} | set(range(100, 200)) for line in known)
    assert sum(unknown_reasons(lines).values()) == len(lines) - len(known)


def test_the_first_access_decides_even_when_the_guests_clock_jumps_back() -> None:
    (line,) = of_rules(
        ["file read/write /x"],
        Drain(0, AT, record("file write /x", time="18:50:00")),
        Drain(1, AT, record("file read /x", time="18:40:00")),
    )
    assert (line.step, line.records) == (0, 2)
    assert line.time == datetime(2026, 11, 22, 18, 50, tzinfo=UTC)


def test_arguments_are_carried_over_from_the_start_of_the_process() -> None:
    start = execution("/usr/lib/firefox-esr", "firefox", "--new-window")
    drain = Drain(0, AT, record("misc env HOME", extra=start) + record("file read /x"))
    (line,) = of_rules(["file read /x"], drain)
    assert line.process is not None
    assert line.process.program == "/usr/lib/firefox-esr"
    assert line.process.argv == ("firefox", "--new-window")


def test_arguments_of_another_process_are_not_taken() -> None:
    start = execution("/usr/lib/firefox", "firefox")
    drain = Drain(0, AT, record("misc env HOME", extra=start) + record("file read /x", pid=8))
    (line,) = of_rules(["file read /x"], drain)
    assert line.process is not None
    assert (line.process.program, line.process.argv) == ("/usr/lib/firefox", None)


def test_an_execute_rule_tells_what_was_started_and_by_whom() -> None:
    extra = execution("/usr/bin/dash", "sh", "-c", "true")
    rule = 'file execute /usr/bin/sh exec.realpath="/usr/bin/dash" exec.argv[0]="sh"'
    other = 'file execute /usr/bin/sh exec.realpath="/usr/bin/dash" exec.argv[0]="/bin/sh"'
    line, unseen = of_rules([rule, other], Drain(0, AT, record("file execute /usr/bin/sh", extra=extra)))
    assert line.starts == ("sh", "-c", "true")
    assert line.process is not None
    assert (line.process.program, line.process.argv) == ("/usr/lib/firefox", None)
    assert unseen.unknown


def test_a_symbolic_link_is_told_by_its_target() -> None:
    drain = Drain(0, AT, record("file symlink /run/l", extra=' symlink.target="a"'))
    first, second = of_rules(
        ['file symlink /run/l symlink.target="a"', 'file symlink /run/l symlink.target="b"'], drain
    )
    assert not first.unknown
    assert second.unknown


def test_the_same_entry_in_another_domain_is_another_rule() -> None:
    (line,) = of_rules(["file read /x"], Drain(0, AT, record("file read /x", domain="<kernel>")))
    assert line.unknown


def test_a_rule_without_a_record_says_why() -> None:
    def reason(*drains: Drain, ring: int = 1024) -> str:
        return of_rules(["file read /missing"], *drains, ring=ring)[0].unknown

    one = record("file read /x")
    assert reason() == "the audit held no record"
    assert reason(Drain(0, AT, one)) == "no record: the kernel logged no access for this line"
    assert reason(Drain(0, AT, one + b"#2026/11/22 half a rec")) == "no record; 1 of them were torn"
    full = reason(Drain(None, AT, one * 2), Drain(0, AT, one), Drain(1, AT, one * 2), ring=2)
    assert full == "records were lost: the kernel's audit was full (before the first step, step 2)"


def test_bytes_that_are_no_text_can_be_written_down() -> None:
    start = execution("/usr/lib/firefox", "X").encode().replace(b"X", b"\xff\xfe")
    drain = Drain(0, AT, record("misc env HOME", extra="EXTRA").replace(b"EXTRA", start))
    (line,) = of_rules(["misc env HOME"], drain)
    assert line.process is not None
    assert line.process.argv == (r"\udcff\udcfe",)
    assert r"\\udcff" in line.model_dump_json()
