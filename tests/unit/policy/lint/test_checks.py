"""Each check fires where it should, and keeps quiet beside it."""

from __future__ import annotations

import pytest

from harness.errors import PolicyError
from harness.policy import parse_domain_policy, parse_exception_policy, parse_profile
from harness.policy.lint import CHECKS, Finding, Subject, Waiver, lint, parse_waivers
from harness.policy.lint.names import random_part


def found(check: str, policy: str, exceptions: str | None = None, paths: set[str] | None = None):
    subject = Subject(
        parse_domain_policy(policy),
        None if exceptions is None else parse_exception_policy(exceptions),
        None if paths is None else frozenset(paths),
    )
    return lint(subject, checks=[check]).findings


def rules(check: str, *lines: str, exceptions: str | None = None, paths: set[str] | None = None) -> list[str]:
    text = "<kernel>\n" + "".join(f"{line}\n" for line in lines)
    return [finding.rule for finding in found(check, text, exceptions, paths)]


def test_a_finding_says_where():
    (finding,) = found("quota-exceeded", "<kernel> /a\nquota_exceeded\nfile read /a\n")
    assert finding == Finding(
        "quota-exceeded", "<kernel> /a", "", "learning stopped after 1 rules: more are missing", 0
    )
    (finding,) = found("process-number", "<kernel>\n\nfile read proc:/77/stat\n")
    assert (finding.rule, finding.line) == ("file read proc:/77/stat", 3)


def profile_findings(profiles: str) -> list[str]:
    text = "<kernel>\nuse_profile 3\n\n<kernel> /a\nuse_profile 3\n\n<kernel> /b\nuse_profile 0\n"
    subject = Subject(parse_domain_policy(text), profiles=parse_profile(profiles))
    return [finding.message for finding in lint(subject, checks=["not-enforcing"]).findings]


def test_profiles_that_do_not_enforce():
    enforcing = "0-CONFIG={ mode=enforcing }\n3-CONFIG={ mode=enforcing }\n"
    assert profile_findings(enforcing) == []
    assert profile_findings("0-CONFIG={ mode=disabled }\n3-CONFIG={ mode=learning }\n") == [
        "profile 0, which 1 domain is in, has mode=disabled for everything",
        "profile 3, which 2 domains are in, has mode=learning for everything",
    ]
    assert profile_findings(enforcing + "3-CONFIG::file::open={ mode=disabled }\n") == [
        "profile 3, which 2 domains are in, has mode=disabled for file::open"
    ]
    assert profile_findings("3-CONFIG={ mode=enforcing }\n") == [
        "profile.conf has no profile 0, which 1 domain is in"
    ]
    assert found("not-enforcing", "<kernel>\nuse_profile 0\n") == ()


def test_rules_that_the_kernel_would_drop():
    text = "<kernel>\n\nfile read /a\nfile raed /b\n"
    (finding,) = found("unreadable-rule", text)
    assert (finding.rule, finding.line) == ("file raed /b", 4)
    assert found("write-system", text + "file write /etc/a\n")[0].rule == "file write /etc/a"


def test_flags():
    text = "<kernel>\nuse_profile 1\n\n\n<kernel> /a\nuse_profile 1\ntransition_failed\n\n\n"
    assert [finding.domain for finding in found("transition-failed", text)] == ["<kernel> /a"]
    assert found("quota-exceeded", text) == ()


def test_stale_paths():
    paths = {"/usr/", "/usr/bin/cat", "/usr/lib/libc.so.7", "/usr/share/", "/usr/share/a/"}
    lines = {
        "file read /usr/lib/libc.so.6": "the image has no /usr/lib/libc.so.6, but /usr/lib/libc.so.7",
        "file read squashfs:/usr/bin/dog": "the image has no /usr/bin/dog",
        "file read /usr/lib64/\\*": "the image has nothing that matches /usr/lib64/\\*",
    }
    fine = [
        *("file read /usr/bin/cat", "file read squashfs:/usr/bin/cat", "file read /usr/lib/libc\\*"),
        *("file read /var/x", "file create /usr/bin/new 0644", "misc env A", "file read /usr/share/a"),
    ]
    text = "<kernel>\n" + "".join(f"{line}\n" for line in (*lines, *fine))
    findings = found("stale-path", text, paths=paths)
    assert {finding.rule: finding.message for finding in findings} == lines
    assert found("stale-path", text) == ()
    (finding,) = found("stale-path", "<kernel> /usr/bin/cat /usr/bin/dog\n", paths=paths)
    assert finding.message == "the image has no /usr/bin/dog"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("/tmp/.org.chromium.Xa91Bq/a", "Xa91Bq"),
        ("/run/udev/data/.#c10:2287jEN3M", "2287jEN3M"),
        (
            "/home/a/.cache/fontconfig/d82eb4fd963d448e2fcb7d7b793b5df3-le64.cache-8",
            "d82eb4fd963d448e2fcb7d7b793b5df3",
        ),
        ("/etc/0b0ad0e4-94a5-4c4a-9d2c-3f6f1f1b2c3d", "0b0ad0e4-94a5-4c4a-9d2c-3f6f1f1b2c3d"),
        ("/tmp/ssh-XXq3mPzW1b/agent", "XXq3mPzW1b"),
        ("/tmp/notes.txt", ""),
        ("/home/amnesia/Documents/Report2024.odt", ""),
        ("/run/user/1000/gnome-shell-disable-extensions", ""),
        ("/var/lib/NetworkManager/timestamps", ""),
        ("/usr/lib/2287jEN3M", ""),
        ("/home/a/.config/libreoffice/4/user", ""),
        ("/run/systemd/PrivateDevices", ""),
        ("/var/lib/systemd/timers/stamp-e2scrub_all.timer", ""),
        ("/run/a.e2x9k3", "e2x9k3"),
        ("/var/lib/NetworkManager/internal-enp1s0.lease", ""),
    ],
)
def test_parts_that_look_random(name, part):
    assert random_part(name) == part


def test_temporary_names():
    assert rules(
        "temporary-name", "file read tmpfs:/rw/tmp/a.Xa91Bq", "file read /tmp/a", "misc env Xa91Bq9"
    ) == ["file read tmpfs:/rw/tmp/a.Xa91Bq"]


def test_process_numbers():
    numbered = [
        "file read proc:/77/stat",
        "file read /proc/77",
        "file ioctl socket:[99] 1",
        "file read proc:/a/task/9",
    ]
    fine = [
        "file read proc:/1/stat",
        "file read proc:/sys/a",
        "file read proc:/\\$/stat",
        "file read pipe:[\\$]",
    ]
    assert rules("process-number", *numbered, *fine) == numbered


def test_covered_rules():
    assert rules("covered-rule", "file read /a", "file read /\\*") == ["file read /a"]
    text = "<kernel>\nuse_group 0\nfile read /lib/a\nfile write /lib/a\n"
    (finding,) = found("covered-rule", text, "acl_group 0 file read @L\npath_group L /lib/\\*\n")
    (same,) = found("covered-rule", text, "acl_group 0 file read /lib/a\n")
    assert same.rule == "file read /lib/a"
    assert (finding.rule, finding.message) == ("file read /lib/a", "granted already by: file read @L")


def test_undefined_groups():
    text = (
        "<kernel>\nuse_group 3\nfile read @A\nfile read @B\nfile ioctl /a @N\n"
        "network inet stream bind @I @N task.uid=@N\nfile execute /a exec.realpath=@A\n"
    )
    exceptions = "path_group B /b\nacl_group 0 file read @C\n"
    messages = [finding.message for finding in found("undefined-group", text, exceptions)]
    assert messages == [
        "use_group 3, and that group is empty",
        "there is no path_group A",
        "there is no number_group N",
        "there is no address_group I",
        "there is no number_group N",
        "there is no number_group N",
        "there is no path_group A",
        "there is no path_group C",
    ]
    assert found("undefined-group", text) == ()


def test_unreachable_domains():
    text = (
        "<kernel>\nfile execute /init\n\n"
        "<kernel> /init\nuse_group 1\nfile execute /old keep\nfile execute @P\n"
        "file execute /z exec.argc=1\ntask manual_domain_transition <kernel> /manual\n\n"
        + "".join(
            f"<kernel> {name}\n\n"
            for name in (
                "/init /a",
                "/init /old",
                "/manual",
                "/init /shared",
                "/gpg",
                "/init /gpg",
                "/init /z",
                "/lost",
            )
        )
    )
    exceptions = (
        "path_group P /a\npath_group P /gpg\nacl_group 1 file execute /shared\n"
        "initialize_domain /gpg from any\n"
    )
    unreached = [finding.domain for finding in found("unreachable-domain", text, exceptions)]
    assert unreached == ["<kernel> /init /old", "<kernel> /init /gpg", "<kernel> /lost"]


def test_changes_of_the_system():
    dangerous = [
        *("file write /etc/passwd", "file create squashfs:/usr/bin/a 0755", "file unlink /\\{\\*\\}/\\*"),
        *("file rename /tmp/a /bin/sh", "file chmod @ALL 0777", "file write proc:/sys/kernel/modprobe"),
        *("file write securityfs:/tomoyo/domain_policy", "file write /var/\\{\\*\\}/\\*"),
    ]
    fine = [
        "file read /etc/passwd",
        "file write /tmp/a",
        "file write /var/log/\\{\\*\\}/\\*",
        "misc env write",
    ]
    assert rules("write-system", *dangerous, *fine, exceptions="path_group ALL /usr/\\*\n") == dangerous


@pytest.mark.parametrize(
    ("check", "line"),
    [
        ("write-system", "file write /etc/shadow"),
        ("execute-writable", "file execute /home/amnesia/Downloads/tool"),
        ("process-number", "file read proc:/123/mem"),
        ("temporary-name", "file write /tmp/abcXYZ12"),
        ("stale-path", "file read /usr/lib/libc.so.6"),
    ],
)
def test_the_rules_of_a_group_are_looked_at_once(check: str, line: str):
    text = "<kernel>\nuse_group 5\n\nmisc env A\n\n<kernel> /usr/bin/a\nuse_group 5\n\nmisc env B\n"
    paths = {"/usr/bin/a"}
    assert [(one.domain, one.rule) for one in found(check, text, f"acl_group 5 {line}\n", paths)] == [
        ("acl_group 5", line)
    ]
    assert found(check, text, f"acl_group 6 {line}\n", paths) == ()


def test_execution_of_what_may_be_written():
    lines = [
        "file execute /home/a/x",
        "file execute /opt/tool",
        "file execute /\\*/x",
        "file execute /usr/bin/cat",
    ]
    assert rules("execute-writable", *lines, "file write /opt/\\*") == lines[:3]
    assert rules("execute-writable", "file execute /\\{\\*\\}/\\*") == ["file execute /\\{\\*\\}/\\*"]
    assert rules("execute-writable", "file execute @A", exceptions="path_group A /tmp/\\*\n") == [
        "file execute @A"
    ]


def test_interpreters_with_wide_rights():
    text = (
        "<kernel> /usr/bin/python3.11\nfile execute /usr/bin/\\*\n"
        "file write /home/\\{\\*\\}/\\*\nfile read /\\*\n\n"
        "<kernel> /usr/bin/cat\nfile execute /usr/bin/\\*\n"
    )
    findings = found("wide-interpreter", text)
    assert [finding.rule for finding in findings] == [
        "file execute /usr/bin/\\*",
        "file write /home/\\{\\*\\}/\\*",
    ]
    many = "<kernel> /bin/bash\n" + "".join(f"file write /tmp/{number}\n" for number in range(51))
    assert [finding.message for finding in found("wide-interpreter", many)] == [
        "an interpreter with 51 rules that change something"
    ]


def test_every_check_runs_on_a_real_policy(corpus):
    subject = Subject(
        parse_domain_policy(corpus("debian12-ready.domain_policy.conf.gz")),
        parse_exception_policy(corpus("debian12.exception_policy.conf")),
    )
    counts = {
        check: len(lint(subject, checks=[check]).findings) for check in CHECKS if check != "covered-rule"
    }
    assert counts["unreachable-domain"] == counts["undefined-group"] == counts["quota-exceeded"] == 0
    assert counts["process-number"] > 900
    assert counts["temporary-name"] > 1500


def test_waivers():
    subject = Subject(parse_domain_policy("<kernel> /sed\nfile write /etc/a\nfile write /etc/b\n"))
    text = """
    [[waiver]]
    check = "write-system"
    domain = "/sed"
    rule = "/etc/a"
    reason = "live-config edits it"

    [[waiver]]
    check = "stale-path"
    reason = "not needed any more"
    """
    waivers = parse_waivers(text, CHECKS)
    report = lint(subject, waivers=waivers)
    assert [finding.rule for finding in report.findings if finding.check == "write-system"] == [
        "file write /etc/b"
    ]
    assert [(finding.rule, waiver.reason) for finding, waiver in report.waived] == [
        ("file write /etc/a", "live-config edits it")
    ]
    assert report.unused == (Waiver("stale-path", "not needed any more"),)


@pytest.mark.parametrize(
    "text",
    [
        "[[waiver]",
        "waiver = 1",
        "[[waiver]]\ncheck = 'stale-path'",
        "[[waiver]]\ncheck = 'stale-path'\nreason = ' '",
        "[[waiver]]\ncheck = 'frob'\nreason = 'x'",
        "[[waiver]]\ncheck = 'stale-path'\nreason = 'x'\nwho = 'me'",
        "[[waiver]]\ncheck = 1\nreason = 'x'",
        b"\x7fELF\x80",
    ],
)
def test_waivers_that_do_not_read(text):
    with pytest.raises(PolicyError) as caught:
        parse_waivers(text, CHECKS, source="w.toml")
    assert caught.value.source == "w.toml"
