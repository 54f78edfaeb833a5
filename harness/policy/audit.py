"""The audit: who asked for what, and what the kernel said.

A record is what `tomoyo_init_log` writes (`security/tomoyo/audit.c`): a line about the access, the domain,
the entry, and a NUL. In learning mode the first access that adds an entry is recorded with `granted=no`.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from harness.policy.line import decode

# A header is at most one page, the programs' arguments two, and a name may be as long again.
MAX_RECORD = 1 << 16

_HEADER = re.compile(
    r"#(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)# profile=(\d+) mode=(\w+) granted=(yes|no) "
    r"\(global-pid=(\d+)\)(.*)",
    re.DOTALL,
)
_START = re.compile(rb"(?:^|\n)#\d{4}/\d\d/\d\d \d\d:\d\d:\d\d# ")
_DENIED = b" granted=no (global-pid="
_BEFORE_DENIED = len("#2026/11/22 18:47:56# profile=255 mode=permissive")
_KEPT = re.compile(
    rb"#\d{4}/\d\d/\d\d \d\d:\d\d:\d\d# profile=\d+ mode=(?:enforcing|permissive) granted=no "
    rb"[\x20-\xff]+\n<[\x20-\xff]+\n(?:[a-z][\x20-\xff]+\n)+\0"
)
_FIELD = re.compile(
    r' (?:(task|path[12](?:\.parent)?)=\{ ((?:[a-z_]+=[0-9A-Za-z]+ )+)\}|symlink\.target="(\S*)"(?= |$)|'
    r'exec=\{ realpath="(\S*)" argc=(\d+) envc=(\d+) argv\[\]=\{ (.*?)\} envp\[\]= ?\{ (.*)\} \})'
)
_QUOTED = re.compile(r'"((?:[^" ]|"(?! ))*)" |(\.\.\.) ')
_ASKER = re.compile(
    rb"# profile=\d+ mode=\w+ granted=\w+ \(global-pid=\d+\) task=\{ pid=\d+ ppid=\d+ uid=(\d+) gid=\d+ "
    rb"euid=(\d+) egid=\d+ suid=(\d+) [^\n]*\n"
    rb"(<[^\n]+)\n([^\n\0]*)"
)


@dataclass(frozen=True, slots=True)
class Task:
    """The process: numbers in its own PID namespace, and all its user and group numbers."""

    pid: int
    ppid: int
    uid: int
    gid: int
    euid: int
    egid: int
    suid: int
    sgid: int
    fsuid: int
    fsgid: int


@dataclass(frozen=True, slots=True)
class Inode:
    """What `stat` says of a path or of its parent directory; a parent has no device and no type."""

    uid: int
    gid: int
    ino: int
    perm: int
    major: int | None = None
    minor: int | None = None
    type: str | None = None
    dev_major: int | None = None
    dev_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    r"""The program that was to be started, with words in TOMOYO's spelling (`\040` for a space).

    Attributes:
        realpath: the file, all links followed.
        argc: how many arguments there were, even when `argv` was cut.
        envc: how many environment variables there were, even when `envp` was cut.
        argv: the arguments.
        envp: the environment, `NAME=value`.
        truncated: the kernel's buffer was too small for all of them.
    """

    realpath: str
    argc: int
    envc: int
    argv: tuple[str, ...]
    envp: tuple[str, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One access.

    Attributes:
        time: when, by the guest's clock, which the kernel prints in UTC and in whole seconds.
        profile: the number of the domain's profile.
        mode: learning, permissive or enforcing (disabled for what is logged by a condition's `grant_log`).
        granted: whether the policy held a rule for it.
        global_pid: the process in the initial PID namespace.
        task: the process.
        domain: the domain's name.
        entry: the rule that was asked for, as learning adds it but without conditions; for a new domain its
            `use_profile` and `use_group` lines.
        path1: the object, when it exists.
        path1_parent: its directory.
        path2: the second object of an operation that has two.
        path2_parent: its directory.
        exec: the program, for an access that belongs to starting one.
        symlink_target: what a new symbolic link was to point to.
    """

    time: datetime
    profile: int
    mode: str
    granted: bool
    global_pid: int
    task: Task
    domain: str
    entry: str
    path1: Inode | None = None
    path1_parent: Inode | None = None
    path2: Inode | None = None
    path2_parent: Inode | None = None
    exec: Execution | None = None
    symlink_target: str | None = None


@dataclass(frozen=True, slots=True)
class TornRecord:
    """Bytes that are not a whole record: a reading that began or ended inside of one, or damage.

    Attributes:
        data: the bytes, the first `MAX_RECORD` of them.
        reason: what is missing or wrong.
    """

    data: bytes
    reason: str


@dataclass(slots=True)
class AuditReader:
    """Reads records out of chunks that end anywhere.

    The kernel drops new records without a count when `max_audit_log` of them wait, or its memory is used up.
    A drain that brings as many as that says so: the ring was full, and what came after was lost.

    Attributes:
        capacity: `max_audit_log` of the profiles in use.
        records: how many whole records were read.
        torn: how many pieces were not whole.
        full_drains: how many drains found the ring full, each followed by a loss of unknown size.
    """

    capacity: int = 1024
    records: int = 0
    torn: int = 0
    full_drains: int = 0
    _rest: bytes = b""
    _drained: int = 0

    def feed(self, chunk: bytes) -> Iterator[AuditRecord | TornRecord]:
        """The records that are complete with this chunk; the last bytes may wait for the next one."""
        data = self._rest + chunk
        cut = max(data.rfind(b"\0") + 1, _last_start(data))
        self._rest = data[cut:]
        if len(self._rest) > MAX_RECORD:
            cut, self._rest = len(data), b""
        yield from self._count(data[:cut])

    def end_of_drain(self) -> Iterator[AuditRecord | TornRecord]:
        """What is left when a reading reached the end of the ring; the next chunk begins a record."""
        rest, self._rest = self._rest, b""
        yield from self._count(rest)
        self.full_drains += self._drained >= self.capacity
        self._drained = 0

    def _count(self, data: bytes) -> Iterator[AuditRecord | TornRecord]:
        for piece in _pieces(data):
            record = parse_record(piece)
            if isinstance(record, AuditRecord):
                self.records += 1
            else:
                self.torn += 1
            self._drained += 1
            yield record


def askers(data: bytes) -> Iterator[tuple[int, str, str]]:
    """The user, the domain and the entry of each record, whatever stands between records.

    Root is who may be root again: a program with the setuid bit that somebody has started. Ten times as fast
    as `read_audit`, for who wants to know no more of a million records.
    """
    for found in _ASKER.finditer(data):
        real, effective, saved, domain, entry = found.groups()
        users = {int(real), int(effective), int(saved)}
        yield 0 if 0 in users else int(real), decode(domain), decode(entry)


def read_audit(data: bytes) -> Iterator[AuditRecord | TornRecord]:
    """Reads a saved audit: records that end with a NUL, or with a line end where somebody replaced it."""
    return (parse_record(piece) for piece in _pieces(data))


def records_in(image: Path, *, most: int) -> list[bytes]:
    """Denials in an image of a machine's memory, for a machine that cannot be asked any more.

    The kernel keeps a record in one piece until it is read. One that was read already may still be found.

    Args:
        image: raw memory, or a core file that has it page by page.
        most: how many to take at most.

    Returns:
        Records with the NUL that ends them, each once, by time.
    """
    found: dict[bytes, None] = {}
    with image.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        position = memory.find(_DENIED)
        while position >= 0 and len(found) < most:
            window = memory[max(0, position - _BEFORE_DENIED) : position + MAX_RECORD]
            if match := _KEPT.search(window):
                found[match[0]] = None
            position = memory.find(_DENIED, position + 1)
    return sorted(found, key=lambda record: record[: len("#2026/11/22 18:47:56#")])


def parse_record(piece: bytes) -> AuditRecord | TornRecord:
    """One record from its bytes, without the NUL."""
    if len(piece) > MAX_RECORD:
        return TornRecord(piece[:MAX_RECORD], f"{len(piece)} bytes without the end of a record")
    lines = decode(piece).rstrip("\n").split("\n")
    header = _HEADER.fullmatch(lines[0])
    if header is None:
        return TornRecord(piece[:MAX_RECORD], "no header: a reading that began inside of a record, or damage")
    if len(lines) != 3 or not lines[2]:
        return TornRecord(
            piece[:MAX_RECORD], f"{len(lines)} lines; a header, a domain and an entry make three"
        )
    try:
        fields = _fields(header[11])
        return AuditRecord(
            time=_time(header),
            profile=int(header[7]),
            mode=header[8],
            granted=header[9] == "yes",
            global_pid=int(header[10]),
            task=fields.task,
            domain=lines[1],
            entry=lines[2],
            path1=fields.inodes.get("path1"),
            path1_parent=fields.inodes.get("path1.parent"),
            path2=fields.inodes.get("path2"),
            path2_parent=fields.inodes.get("path2.parent"),
            exec=fields.exec,
            symlink_target=fields.symlink_target,
        )
    except (ValueError, TypeError) as error:
        return TornRecord(piece[:MAX_RECORD], f"a header that does not read: {error}")


def _time(header: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(group) for group in header.groups()[:6])
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Fields:
    task: Task
    inodes: Mapping[str, Inode] = field(default_factory=dict)
    exec: Execution | None = None
    symlink_target: str | None = None


def _fields(text: str) -> _Fields:
    task: Task | None = None
    inodes: dict[str, Inode] = {}
    execution: Execution | None = None
    symlink_target: str | None = None
    position = 0
    while position < len(text):
        match = _FIELD.match(text, position)
        if match is None:
            raise ValueError(f"unknown field at {text[position : position + 40]!r}")
        position = match.end()
        name, values, target, realpath, argc, envc, argv, envp = match.groups()
        if name == "task":
            task = Task(**{key: int(value) for key, value in _pairs(values)})
        elif name is not None:
            inodes[name] = _inode(values)
        elif target is not None:
            symlink_target = target
        else:
            execution = _execution(realpath, int(argc), int(envc), argv, envp)
    if task is None:
        raise ValueError("no task={ … }")
    return _Fields(task, inodes, execution, symlink_target)


def _inode(values: str) -> Inode:
    numbers: dict[str, int] = {}
    kind: str | None = None
    for key, value in _pairs(values):
        if key == "type":
            kind = value
        else:
            numbers[key] = int(value, 8 if key == "perm" else 10)
    return Inode(type=kind, **numbers)


def _execution(realpath: str, argc: int, envc: int, argv: str, envp: str) -> Execution:
    arguments, environment = _words(argv), _words(envp)
    truncated = "..." in (argv[-4:-1], envp[-4:-1])
    return Execution(realpath, argc, envc, arguments, environment, truncated)


def _words(text: str) -> tuple[str, ...]:
    return tuple(match[1] for match in _QUOTED.finditer(text) if match[2] is None)


def _pairs(values: str) -> Iterator[tuple[str, str]]:
    for pair in values.split():
        key, _, value = pair.partition("=")
        yield key, value


def _pieces(data: bytes) -> Iterator[bytes]:
    """The bytes of each record: split at NULs, and at a line that looks like a header."""
    for part in data.split(b"\0"):
        starts = [match.start() + (part[match.start()] == 0x0A) for match in _START.finditer(part)]
        for start, end in zip([0, *starts], [*starts, len(part)], strict=True):
            piece = part[start:end].strip(b"\n")
            if piece:
                yield piece


def _last_start(data: bytes) -> int:
    """Where the last header begins that follows a line end, 0 if there is none."""
    last = 0
    for match in _START.finditer(data, 1):
        last = match.start() + 1
    return last
