"""Rules and accesses that nearly fit them, over a small world in which the oracle's kernel can act."""

from __future__ import annotations

import stat
from dataclasses import dataclass, replace
from types import MappingProxyType

from hypothesis import strategies as st

from harness.policy.access import Access, access_of
from harness.policy.rule import parse_rule

FILES = {  # path: kind, mode, uid, gid
    "/t/a": ("file", 0o666, 0, 0),
    "/t/b": ("file", 0o4755, 1000, 100),
    "/t/aa": ("file", 0o640, 0, 100),
    "/t/7.so": ("file", 0o444, 7, 7),
    "/t/null": ("char", 0o666, 0, 0),
    "/t/d/": ("dir", 0o755, 0, 0),
    "/t/d/a": ("file", 0o600, 1000, 1000),
    "/t/d/e/": ("dir", 0o1777, 5, 5),
    "/t/x/": ("dir", 0o755, 0, 0),
}
"""What exists: the paths that end in a slash are directories."""
MOUNTED = "the root of a tmpfs"
NEW = ("/t/n", "/t/d/n", "/t/7", r"/t/a\040b")
NEW_DIRECTORIES = tuple(f"{path}/" for path in NEW)
TARGETS = ("/t/a", "../x", r"/t/a\040b", "7")
NUMBERS = (0, 1, 7, 8, 100, 420, 438, 511, 1000, 21505)
ADDRESSES = ("127.0.0.1", "127.0.0.2", "10.0.0.1", "192.168.1.5")
PORTS = (53, 80, 8080, 65535)
ABSTRACT = (r"\000abstract", r"\000a\040b", r"\000s7")
USERS = (0, 7, 1000)

GROUPS = """\
path_group FILES /t/a
path_group FILES /t/\\$.so
path_group DIRS /t/\\*/
path_group DIRS /t/\\{\\*\\}/
path_group NEW /t/n
path_group NEW /t/d/\\?
path_group SOCKETS \\000a\\*
path_group EMPTYISH /nowhere
number_group SMALL 0-10
number_group SMALL 0644
number_group BIG 0x100-070000
address_group LAN 127.0.0.2
address_group LAN 10.0.0.0-10.255.255.255
""".splitlines()
"""Groups for the rules below; `NONE` is named by rules and defined nowhere."""


@dataclass(frozen=True, slots=True)
class Question:
    """An access, and the words that make the oracle's kernel try it."""

    access: Access
    words: str

    def __repr__(self) -> str:
        return self.words


_EXISTING = st.sampled_from([path for path, (kind, *_) in FILES.items() if kind != "dir"])
_PLAIN = st.sampled_from([path for path, (kind, *_) in FILES.items() if kind == "file"])
_EMPTY_DIRECTORIES = st.sampled_from(["/t/x/", "/t/d/e/"])
_NEW = st.sampled_from(NEW)
_MODES = st.sampled_from([0o600, 0o644, 0o666, 0o755, 0o4711])
_IOCTLS = st.sampled_from([21505, 1, 256])  # TCGETS first


def _attributes(path: str, number: int) -> dict[str, int]:
    """What is known of an object; inode and device numbers differ from boot to boot and stay out."""
    known: dict[str, int] = {}
    if path == MOUNTED:
        known = {"uid": 0, "gid": 0, "perm": 0o1777, "type": stat.S_IFDIR}
        known |= {f"parent.{name}": known[name] for name in ("uid", "gid", "perm")}
    if path in FILES:
        kind, mode, uid, gid = FILES[path]
        kinds = {"file": stat.S_IFREG, "dir": stat.S_IFDIR, "char": stat.S_IFCHR}
        known = {"uid": uid, "gid": gid, "perm": mode, "type": kinds[kind]}
        known |= {"dev_major": 1, "dev_minor": 3} if kind == "char" else {"dev_major": 0, "dev_minor": 0}
    parent = path.rstrip("/").rpartition("/")[0] + "/"
    if parent in FILES:
        _, mode, uid, gid = FILES[parent]
        known |= {"parent.uid": uid, "parent.gid": gid, "parent.perm": mode}
    elif parent == "/t/":
        known |= {"parent.uid": 0, "parent.gid": 0, "parent.perm": 0o1777}
    return {f"path{number}.{name}": value for name, value in known.items()}


_ROOT = {
    f"task.{name}": 0 for name in ("uid", "euid", "suid", "fsuid", "gid", "egid", "sgid", "fsgid", "ppid")
}
_ROOT["task.pid"] = 1


def _question(line: str, words: str, *paths: str, target: str | None = None, **task: int) -> Question:
    attributes = _ROOT | {f"task.{name}": value for name, value in task.items()}
    for number, path in enumerate(paths, 1):
        attributes |= _attributes(path, number)
    access = access_of(parse_rule(line), attributes=MappingProxyType(attributes), symlink_target=target)
    return Question(access, f"access {words}")


@st.composite
def _one_path(draw: st.DrawFn) -> Question:
    operation = draw(
        st.sampled_from(
            ["read", "write", "append", "unlink", "getattr", "rmdir", "truncate", "chroot", "unmount"]
        )
    )
    if operation in ("rmdir", "chroot", "unmount"):
        path = draw(_EMPTY_DIRECTORIES)
        bare = path.rstrip("/")
        seen = MOUNTED if operation == "unmount" else path
        return _question(f"file {operation} {path}", f"{operation} {bare}", seen)
    path = draw(_PLAIN if operation in ("unlink", "truncate") else _EXISTING)
    opened = {"read": "0", "write": "1", "append": "02001"}.get(operation)
    words = f"open {path} {opened}" if opened else f"{operation} {path}"
    return _question(f"file {operation} {path}", words, path)


@st.composite
def _with_number(draw: st.DrawFn) -> Question:
    operation = draw(
        st.sampled_from(["create", "mkdir", "mkfifo", "mksock", "chmod", "chown", "chgrp", "ioctl"])
    )
    if operation in ("create", "mkdir", "mkfifo", "mksock"):
        path, number = draw(_NEW), draw(_MODES)
        slash = "/" if operation == "mkdir" else ""
        return _question(f"file {operation} {path}{slash} {number}", f"{operation} {path} {number}", path)
    path = draw(_EXISTING)
    number = draw(
        _IOCTLS if operation == "ioctl" else _MODES if operation == "chmod" else st.sampled_from(USERS)
    )
    return _question(f"file {operation} {path} {number}", f"{operation} {path} {number}", path)


@st.composite
def _two_paths(draw: st.DrawFn) -> Question:
    operation = draw(st.sampled_from(["link", "rename"]))
    old, new = draw(_PLAIN), draw(_NEW)
    return _question(f"file {operation} {old} {new}", f"{operation} {old} {new}", old, new)


@st.composite
def _device(draw: st.DrawFn) -> Question:
    operation = draw(st.sampled_from(["mkblock", "mkchar"]))
    numbers = f"{draw(_MODES)} {draw(st.sampled_from(NUMBERS[:5]))} {draw(st.sampled_from(NUMBERS[:5]))}"
    path = draw(_NEW)
    return _question(f"file {operation} {path} {numbers}", f"{operation} {path} {numbers}", path)


@st.composite
def _symlink(draw: st.DrawFn) -> Question:
    path, target = draw(_NEW), draw(st.sampled_from(TARGETS))
    return _question(f"file symlink {path}", f"symlink {path} {target}", path, target=target)


@st.composite
def _mount(draw: st.DrawFn) -> Question:
    directory = draw(_EMPTY_DIRECTORIES)
    flags = draw(st.sampled_from([0, 1, 2, 8]))
    bare = directory.rstrip("/")
    if draw(st.booleans()):
        words = f"mount /t/d {bare} tmpfs {flags | 4096}"
        return _question(f"file mount /t/d/ {directory} --bind {flags}", words, "/t/d/", directory)
    question = _question(
        f"file mount none {directory} tmpfs {flags}", f"mount none {bare} tmpfs {flags}", "", directory
    )
    # A file system without a device: the kernel does not look at what was given as one.
    access = replace(question.access, operands=(None, *question.access.operands[1:]))
    return replace(question, access=access)


@st.composite
def _pivot(draw: st.DrawFn) -> Question:
    new, old = draw(_EMPTY_DIRECTORIES), draw(_EMPTY_DIRECTORIES)
    words = f"pivot_root {new.rstrip('/')} {old.rstrip('/')}"
    return _question(f"file pivot_root {new} {old}", words, new, old)


@st.composite
def _inet(draw: st.DrawFn) -> Question:
    protocol, operations = draw(
        st.sampled_from(
            [("stream", ("bind", "connect")), ("dgram", ("bind", "send")), ("raw", ("bind", "send"))]
        )
    )
    operation = draw(st.sampled_from(operations))
    port = draw(st.sampled_from((1, 17, 53) if protocol == "raw" else PORTS))
    what = f"{protocol} {operation} {draw(st.sampled_from(ADDRESSES))} {port}"
    return _question(f"network inet {what}", f"inet {what}")


@st.composite
def _unix(draw: st.DrawFn) -> Question:
    protocol, operations = draw(
        st.sampled_from(
            [
                ("stream", ("bind", "listen", "connect")),
                ("dgram", ("bind", "send")),
                ("seqpacket", ("bind", "listen", "connect")),
            ]
        )
    )
    operation = draw(st.sampled_from(operations))
    # To bind to a path would need `file mksock` as well.
    addresses = ABSTRACT if operation == "bind" else (*ABSTRACT, "/t/s", "/t/d/s")
    what = f"{protocol} {operation} {draw(st.sampled_from(addresses))}"
    return _question(f"network unix {what}", f"unix {what}")


@st.composite
def _as_user(draw: st.DrawFn) -> Question:
    ids = {name: draw(st.sampled_from(USERS)) for name in ("uid", "euid", "suid", "gid", "egid", "sgid")}
    ids["suid"] = 0  # the way back
    words = " ".join(str(value) for value in ids.values())
    return _question(
        "file read /t/a", f"as {words} /t/a 0", "/t/a", **ids, fsuid=ids["euid"], fsgid=ids["egid"]
    )


def questions() -> st.SearchStrategy[Question]:
    """Any access that the oracle can make but executions, which `chains` ask about."""
    return st.one_of(
        _one_path(),
        _with_number(),
        _two_paths(),
        _device(),
        _symlink(),
        _mount(),
        _pivot(),
        _inet(),
        _unix(),
        _as_user(),
    )


_GROUP_NAMES = ("FILES", "DIRS", "NEW", "SOCKETS", "EMPTYISH", "NONE")
_SIGNS = st.sampled_from(["=", "!="])
_LEFT_TEXT = """
task.uid task.euid task.gid task.fsuid task.egid path1.uid path1.gid
path2.uid path1.parent.uid path2.parent.gid path1.perm path1.parent.perm path1.dev_minor 7 0-7
"""
_RIGHT_TEXT = """
0 7 1000 0-100 5-2000
@SMALL @BIG @NONE path1.gid task.uid path1.parent.uid
"""
_BITS = ["setuid", "sticky", "owner_write", "group_read", "others_execute", "0644", "04000-07777"]
_LINKS = ['"/t/a"', r'"\*"', r'"../\*"', r'"/t/\*"', "@FILES", "@NONE"]
_CONDITIONS = st.one_of(
    st.builds(
        "{}{}{}".format, st.sampled_from(_LEFT_TEXT.split()), _SIGNS, st.sampled_from(_RIGHT_TEXT.split())
    ),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["path1.perm", "path1.parent.perm", "path1.uid", "setgid"]),
        _SIGNS,
        st.sampled_from(_BITS),
    ),
    st.builds("path1.type{}{}".format, _SIGNS, st.sampled_from(["file", "char", "directory"])),
    st.builds("symlink.target{}{}".format, _SIGNS, st.sampled_from(_LINKS)),
    st.sampled_from(["exec.argc=1", 'exec.realpath="/t/a"', 'exec.argv[0]!="x"', 'exec.envp["A"]=NULL']),
)


def _name_operand(draw: st.DrawFn, name: str) -> str:
    """A word that may or may not admit the name."""
    parts = name.split("/")
    last = parts[-1] or parts[-2]
    slash = "/" if name.endswith("/") else ""
    head = name[: len(name.rstrip("/")) - len(last)]
    return draw(
        st.sampled_from(
            [
                *([name] * 4),
                rf"{head}\*{slash}",
                rf"{head}\*{slash}",
                rf"{head}\?{slash}",
                rf"{head}\*\-{last}{slash}",
                rf"{head}\@{slash}",
                rf"{head}\A{slash}",
                rf"/\{{\*\}}/{last}{slash}",
                rf"/\*/\*{slash}",
                *(f"@{group}" for group in _GROUP_NAMES),
            ]
        )
    )


def _number_operand(draw: st.DrawFn, number: int) -> str:
    octal = f"0{number:o}" if number else "0"
    ranges = [f"0-{number}", f"{number + 1}-65535", "0-65535", "0-65535"]
    words = [str(number), octal, f"0x{number:X}", *ranges, "@SMALL", "@BIG"]
    return draw(st.sampled_from(words))


@st.composite
def rules_for(draw: st.DrawFn, question: Question) -> str:
    """A rule that may decide the question."""
    shape = question.access.shape
    operations = {question.access.operation} if draw(st.integers(0, 5)) else set()
    operations |= set(draw(st.lists(st.sampled_from(shape.operations), max_size=2)))
    operations = operations or {shape.operations[0]}
    keyword = shape.keyword
    if keyword.startswith("network") and draw(st.integers(0, 3)) == 0:
        family = keyword.split()[1]
        keyword = f"network {family} {draw(st.sampled_from(['stream', 'dgram', 'raw', 'seqpacket']))}"
    words = [keyword, "/".join(op for op in shape.operations if op in operations)]
    *_, port_at = range(len(question.access.operands))
    for index, asked in enumerate(question.access.operands):
        if asked is None:
            words.append(draw(st.sampled_from(["none", r"\*", "@NONE"])))
        elif isinstance(asked, str):
            words.append(_name_operand(draw, asked))
        elif isinstance(asked, int):
            words.append(_number_operand(draw, asked if index != port_at or asked < 65535 else 65534))
        else:
            words.append(
                draw(
                    st.sampled_from(
                        [str(asked), "127.0.0.0-127.255.255.255", "10.0.0.1", "::1", "@LAN", "@NONE"]
                    )
                )
            )
    words += draw(st.lists(_CONDITIONS, min_size=1, max_size=2)) if draw(st.integers(0, 3)) == 0 else []
    return str(parse_rule(" ".join(words)))
