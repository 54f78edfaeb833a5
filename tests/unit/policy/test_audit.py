"""Reading the audit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy import AuditReader, AuditRecord, TornRecord, read_audit
from harness.policy.audit import MAX_RECORD, Inode, Task

TASK = "task={ pid=11 ppid=9 uid=1000 gid=100 euid=0 egid=1 suid=2 sgid=3 fsuid=4 fsgid=5 }"
HEADER = f"#2026/11/22 18:45:52# profile=1 mode=learning granted=no (global-pid=211) {TASK}"
RENAME = (
    f"{HEADER} path1={{ uid=1 gid=2 ino=3 major=8 minor=1 perm=04755 type=char dev_major=5 dev_minor=1 }}"
    " path1.parent={ uid=0 gid=0 ino=149 perm=0755 }"
    " path2={ uid=0 gid=0 ino=7 major=8 minor=1 perm=0644 type=file }"
    " path2.parent={ uid=0 gid=0 ino=150 perm=01777 }\n<kernel> /bin/mv\nfile rename /tmp/a /tmp/b"
)


def execution(argc: int, arguments: str, environment: str) -> str:
    return (
        f'{HEADER} exec={{ realpath="/bin/a"b" argc={argc} envc=2'
        f" argv[]={{ {arguments} }} envp[]={environment} }}"
        "\n<kernel>\nfile execute /bin/a"
    )


EXECUTE = execution(4, '"sh" "" "a"b" "}"', r'{ "A=1" "B=\040" }')
CUT = execution(9, '"sh" ...', '{ "A=1" }')
UNREADABLE = execution(2, "...", " { ... }")
SYMLINK = f'{HEADER} symlink.target="../a"b"\n<kernel>\nfile symlink /c'
PLAIN = f"{HEADER}\n<kernel> /x\nuse_profile 1"
ALL = [RENAME, EXECUTE, CUT, UNREADABLE, SYMLINK, PLAIN]


def record(text: str) -> AuditRecord:
    (result,) = read_audit(text.encode() + b"\0")
    assert isinstance(result, AuditRecord)
    return result


def test_every_field_of_a_record():
    rename = record(RENAME)
    assert rename.time == datetime(2026, 11, 22, 18, 45, 52, tzinfo=UTC)
    assert (rename.profile, rename.mode, rename.granted, rename.global_pid) == (1, "learning", False, 211)
    assert rename.task == Task(11, 9, 1000, 100, 0, 1, 2, 3, 4, 5)
    assert rename.path1 == Inode(1, 2, 3, 0o4755, 8, 1, "char", 5, 1)
    assert rename.path1_parent == Inode(0, 0, 149, 0o755)
    assert rename.path2 == Inode(0, 0, 7, 0o644, 8, 1, "file")
    assert rename.path2_parent == Inode(0, 0, 150, 0o1777)
    assert (rename.domain, rename.entry) == ("<kernel> /bin/mv", "file rename /tmp/a /tmp/b")
    assert rename.exec is None
    assert rename.symlink_target is None


def test_arguments_and_environment():
    execute = record(EXECUTE).exec
    assert execute is not None
    assert execute.realpath == '/bin/a"b'
    assert execute.argv == ("sh", "", 'a"b', "}")
    assert execute.envp == ("A=1", "B=\\040")
    assert (execute.argc, execute.envc, execute.truncated) == (4, 2, False)


def test_what_the_kernel_cut_is_told():
    cut = record(CUT).exec
    assert cut is not None
    assert (cut.argv, cut.envp, cut.argc, cut.truncated) == (("sh",), ("A=1",), 9, True)
    unreadable = record(UNREADABLE).exec
    assert unreadable is not None
    assert (unreadable.argv, unreadable.envp, unreadable.truncated) == ((), (), True)


def test_a_symbolic_links_target():
    assert record(SYMLINK).symlink_target == '../a"b'


def test_granted_and_denied():
    assert record(PLAIN.replace("granted=no", "granted=yes")).granted
    assert record(PLAIN.replace("mode=learning", "mode=enforcing")).mode == "enforcing"


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (PLAIN[40:], "no header"),
        (RENAME[:-20], "header, a domain and an entry"),
        (PLAIN.replace("ppid=9 ", ""), "does not read"),
        (PLAIN.replace("task=", "what="), "unknown field"),
        (HEADER.replace(" " + TASK, "") + "\n<kernel>\nfile read /a", "no task"),
        (PLAIN.replace("#2026/11", "#2026/13"), "month"),
    ],
)
def test_torn_records_are_told(piece, reason):
    # the cut of RENAME leaves the domain's line as the last one
    torn = list(read_audit(piece.rsplit("\n", 1)[0].encode() if piece == RENAME[:-20] else piece.encode()))
    assert len(torn) == 1
    assert isinstance(torn[0], TornRecord)
    assert reason in torn[0].reason


def test_an_endless_record_is_cut():
    reader = AuditReader()
    seen = []
    for _ in range(20):
        seen += reader.feed(b"x" * (MAX_RECORD // 4))
    assert all(isinstance(piece, TornRecord) and len(piece.data) <= MAX_RECORD for piece in seen)
    assert reader.torn >= 4


@pytest.mark.parametrize("end", ["\0", "\n"])
@settings(max_examples=50)
@given(cuts=st.lists(st.integers(1, 300), min_size=1), order=st.lists(st.sampled_from(ALL), min_size=1))
def test_chunks_may_end_anywhere(end, cuts, order):
    data = "".join(text + end for text in order).encode()
    reader = AuditReader()
    seen, position = [], 0
    while position < len(data):
        for cut in cuts:
            seen += reader.feed(data[position : position + cut])
            position += cut
    seen += reader.end_of_drain()
    assert seen == list(read_audit(data)) == [record(text) for text in order]
    assert (reader.records, reader.torn) == (len(order), 0)


def test_a_full_ring_means_loss():
    reader = AuditReader(capacity=3)
    for count in (2, 3, 1):
        list(reader.feed((PLAIN + "\0").encode() * count))
        list(reader.end_of_drain())
    assert reader.full_drains == 1
    assert reader.records == 6


def test_a_real_boot(corpus):
    records = list(read_audit(corpus("debian12-boot.audit.log.gz")))
    assert len(records) == 520
    assert [type(record) for record in records].count(TornRecord) == 1
    assert isinstance(records[-1], TornRecord)  # the file was cut inside of a record
    assert {record.mode for record in records[:-1]} == {"learning"}
    executions = [record.exec for record in records[:-1] if record.exec]
    assert all((len(ex.argv), len(ex.envp)) == (ex.argc, ex.envc) for ex in executions)


def test_a_real_enforcing_run(corpus):
    records = list(read_audit(corpus("debian12-enforcing.audit.log.gz")))
    assert len(records) == 941
    assert all(isinstance(record, AuditRecord) for record in records)
    assert sum(record.mode == "enforcing" and not record.granted for record in records) == 830


@given(st.binary() | st.lists(st.sampled_from(ALL) | st.text(max_size=30)).map(lambda x: "".join(x).encode()))
def test_any_bytes_are_survived(data):
    for piece in read_audit(data):
        assert isinstance(piece, AuditRecord | TornRecord)
