"""What the audit of a machine under a policy says, access by access."""

from datetime import UTC, datetime

import pytest

from harness.analysis.denials import Alike, alike, by_domain, denials, verdict_of
from harness.record.drains import Drain
from harness.record.schema import Denial, Outcome, Verdict

BASH = "<kernel> /usr/sbin/agetty /usr/bin/login /usr/bin/bash"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TASK = "task={ pid=7 ppid=1 uid=1000 gid=0 euid=0 egid=0 suid=0 sgid=0 fsuid=0 fsgid=0 }"


def record(entry: str, domain: str = BASH, mode: str = "enforcing", granted: str = "no") -> bytes:
    head = f"#2026/11/22 18:47:56# profile=3 mode={mode} granted={granted} (global-pid=7) {TASK}"
    return f"{head}\n{domain}\n{entry}\n\0".encode()


def drain(step: int | None, *records: bytes) -> Drain:
    return Drain(step, NOW, b"".join(records))


def test_an_access_is_told_once_with_its_first_step_and_how_often() -> None:
    shadow, passwd = record("file read /etc/shadow"), record("file read /etc/passwd")
    found = denials([drain(0, passwd), drain(2, shadow, shadow)], ring=1024).denials
    assert [(one.entry, one.step, one.count) for one in found] == [
        ("file read /etc/passwd", 0, 1),
        ("file read /etc/shadow", 2, 2),
    ]
    assert found[0].process is not None
    assert (found[0].process.program, found[0].process.uid) == ("/usr/bin/bash", 1000)


@pytest.mark.parametrize("mode", ["enforcing", "permissive"])
def test_both_modes_deny(mode: str) -> None:
    assert len(denials([drain(0, record("file read /x", mode=mode))], ring=9).denials) == 1


@pytest.mark.parametrize(
    "harmless",
    [
        record("file read /x", mode="learning"),
        record("file read /x", granted="yes"),
        record("use_profile 3\nuse_group 0"),
        b"damage\0",
    ],
)
def test_what_is_no_denial(harmless: bytes) -> None:
    assert denials([drain(0, harmless)], ring=9).denials == ()


def test_a_domain_that_the_kernel_made_is_told_apart() -> None:
    found = denials([drain(0, record("use_profile 3", f"{BASH} /usr/bin/new"))], ring=9)
    assert found.made == (f"{BASH} /usr/bin/new",)


def test_what_had_to_be_refused_is_marked() -> None:
    audit = [drain(1, record("file read /etc/shadow"), record("file read /etc/passwd"))]
    found = denials(audit, ring=9, expected={(BASH, "file read /etc/shadow")}).denials
    assert [one.expected for one in found] == [True, False]


def test_tuning_has_a_say_in_the_least_rule() -> None:
    found = denials(
        [drain(0, record("file read proc:/12/stat"))],
        ring=9,
        tuned=lambda _domain, rule: (rule.replace("12", r"\$"),),
    )
    assert found.denials[0].least == (r"file read proc:/\$/stat",)


def test_a_full_audit_is_told() -> None:
    audit = [drain(0, *[record(f"file read /{n}") for n in range(4)]), drain(1, record("file read /x"))]
    assert denials(audit, ring=4).lost == 1
    assert denials(audit, ring=9).lost == 0


DENIED = Denial(domain=BASH, entry="file read /x")
REFUSED = Denial(domain=BASH, entry="file read /y", expected=True)


@pytest.mark.parametrize(
    ("outcome", "denied", "ours", "verdict"),
    [
        ("passed", [], False, "passed"),
        ("passed", [REFUSED], False, "passed"),
        ("passed", [REFUSED, DENIED], False, "passed with denials"),
        ("failed", [], False, "failed"),
        ("error", [DENIED], False, "failed"),
        ("error", [DENIED], True, "not tried"),
        ("skipped", [], False, "not tried"),
    ],
)
def test_the_verdict(outcome: Outcome, denied: list[Denial], ours: bool, verdict: Verdict) -> None:
    assert verdict_of(outcome, denied, ours=ours) == verdict


def test_denials_are_grouped_by_domain() -> None:
    other = Denial(domain="<kernel>", entry="file read /z")
    found = by_domain(alike([DENIED, other, REFUSED]))
    assert {domain: [one.first for one in same] for domain, same in found.items()} == {
        BASH: [DENIED, REFUSED],
        "<kernel>": [other],
    }


def test_denials_that_one_rule_prevents_are_one() -> None:
    first, second = (
        Denial(
            domain=BASH, entry=f"file create /tmp/{name}", least=(r"file create /tmp/\?\?\?",), count=times
        )
        for name, times in (("abc", 2), ("xyz", 3))
    )
    elsewhere = first.model_copy(update={"domain": "<kernel>"})
    assert alike([first, DENIED, second, elsewhere]) == [
        Alike(first, 1, 5),
        Alike(DENIED, 0, DENIED.count),
        Alike(elsewhere, 0, 2),
    ]
