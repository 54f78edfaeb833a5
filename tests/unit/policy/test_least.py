"""The least rule of a record is what the kernel learned from the same access."""

from harness.policy import AuditRecord, read_audit
from harness.policy.least import is_new_domain, least_rule

TASK = "task={ pid=7 ppid=1 uid=0 gid=0 euid=0 egid=0 suid=0 sgid=0 fsuid=0 fsgid=0 }"


def record(extra: str, entry: str) -> AuditRecord:
    head = f"#2026/11/22 18:47:56# profile=3 mode=enforcing granted=no (global-pid=7) {TASK}{extra}"
    (found,) = read_audit(f"{head}\n<kernel> /usr/bin/bash\n{entry}\n\0".encode())
    assert isinstance(found, AuditRecord)
    return found


EXEC = ' exec={ realpath="/usr/bin/dash" argc=2 envc=0 argv[]={ "sh" "-c" } envp[]={ } }'


def test_a_file_is_its_entry() -> None:
    assert least_rule(record("", "file read /etc/shadow")) == "file read /etc/shadow"


def test_a_program_goes_by_its_file_and_first_argument_as_in_learning() -> None:
    rule = least_rule(record(EXEC, "file execute /usr/bin/sh"))
    assert rule == 'file execute /usr/bin/sh exec.realpath="/usr/bin/dash" exec.argv[0]="sh"'


def test_a_variable_is_its_entry_although_a_program_is_started() -> None:
    assert least_rule(record(EXEC, "misc env HOME")) == "misc env HOME"


def test_a_link_goes_by_its_target() -> None:
    rule = least_rule(record(' symlink.target="/run/log"', "file symlink /dev/log"))
    assert rule == 'file symlink /dev/log symlink.target="/run/log"'


def test_a_new_domain_is_no_access() -> None:
    assert is_new_domain(record("", "use_profile 3"))
    assert not is_new_domain(record("", "file read /etc/shadow"))
