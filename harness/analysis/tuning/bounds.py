"""How far a tuning rule or a proposal may go. A rule that goes further is an error, not a wider policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from harness.errors import PolicyError
from harness.policy.alias import merged_name
from harness.policy.lint.rights import CHANGING, SYSTEM
from harness.policy.operand import Group
from harness.policy.pattern import covers, matches, meets
from harness.policy.rule import Rule
from harness.policy.word import has_wildcard

_WRITABLE_LAYER = "/run/live/overlay/rw"
"""Where live-boot mounts what is written: `/run/live/overlay/rw/etc/shadow` is `/etc/shadow`."""


def _in_both_places(*names: str) -> tuple[str, ...]:
    return (*names, *(f"{_WRITABLE_LAYER}{name}" for name in names))


_HOMES = ("/home/", "/root/")
_DEVICES = ("/dev/mem", "/dev/sda", "/dev/sda1", "/dev/nvme0n1", "/dev/vda", "/dev/dm-0", "/dev/mapper/data")
"""Who writes there writes every file; no pattern is meant for these and for a terminal alike."""
_SYSTEM = _in_both_places(*SYSTEM)
_SECRETS = _in_both_places(
    *("/home/\\*/.ssh/", "/home/\\*/.gnupg/", "/home/\\*/.local/share/keyrings/", "/root/.ssh/"),
    *("/root/.gnupg/", "/live/persistence/"),
)
_SECRET_FILES = _in_both_places("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-")
_STARTED = _in_both_places(
    *("/home/\\*/.config/autostart/", "/home/\\*/.config/systemd/", "/home/\\*/.config/environment.d/"),
    *("/home/\\*/.local/share/systemd/", "/home/\\*/.local/share/dbus-1/", "/home/\\*/.local/bin/"),
    *("/home/\\*/.local/share/gnome-shell/extensions/", "/home/\\*/.config/plasma-workspace/"),
)
_READ_BY_SHELLS = (
    ".profile .bashrc .bash_profile .bash_login .bash_logout .zshrc .zshenv .zprofile .zlogin .zlogout"
)
_READ_BY_SESSIONS = ".xsession .xsessionrc .xprofile .xinitrc .pam_environment"
_STARTED_FILES = _in_both_places(
    *(f"/home/\\*/{name}" for name in f"{_READ_BY_SHELLS} {_READ_BY_SESSIONS}".split())
)
# A folder of keys that a person has named (`gpg --homedir`): what lies in one, and the same in all of them.
_KEYRINGS = tuple(
    (f"/home/\\*/keys/{one}", f"/home/\\*/\\*/{every}")
    for one, every in (
        ("private-keys-v1.d/0A.key", "private-keys-v1.d/\\*"),
        ("openpgp-revocs.d/0A.rev", "openpgp-revocs.d/\\*"),
        ("pubring.kbx", "pubring.kbx\\*"),
        ("trustdb.gpg", "trustdb.gpg\\*"),
        ("gpg.conf", "gpg\\*.conf"),
    )
)
# One file, while it is being written: `/etc/.#locale` with random digits behind it, or `/etc/resolv.conf`
# with a dot and the six characters of mkstemp.
_ONE_FILE = re.compile(r"/[^\\]*/(?:\.#[^\\/]{4,}(?:\\X|(?:\\\?)+)|[^\\/]{4,}\.(?:\\\?){6})")


@dataclass(frozen=True, slots=True)
class Bound:
    """What no rewriting may do.

    Attributes:
        name: how errors call it.
        meaning: what it forbids, as a sentence's end: "may not …".
        broken: whether an operation's old name may not become the new pattern.
    """

    name: str
    meaning: str
    broken: Callable[[str, str, str], bool]


def _whole_home(_: str, __: str, new: str) -> bool:
    return "\\{" in new and any(_enters(new, f"{home}\\{{\\*\\}}/\\*") for home in _HOMES)


def _system_write(operation: str, _: str, new: str) -> bool:
    if operation not in CHANGING or _ONE_FILE.fullmatch(new):
        return False
    return any(_reaches(new, folder) for folder in _SYSTEM) or any(_enters(new, one) for one in _DEVICES)


def _secrets(_: str, old: str, new: str) -> bool:
    return _comes_into(old, new, _SECRETS, _SECRET_FILES) or any(
        _enters(new, one) and not _admits(every, old) for one, every in _KEYRINGS
    )


def _started(operation: str, old: str, new: str) -> bool:
    return operation in CHANGING and _comes_into(old, new, _STARTED, _STARTED_FILES)


def _comes_into(old: str, new: str, folders: tuple[str, ...], files: tuple[str, ...]) -> bool:
    """Whether the new pattern reaches one of these, or a folder's own name, and the old name did not."""
    for folder in folders:
        inside = any(_admits(below, old) for below in (f"{folder}\\*", f"{folder}\\{{\\*\\}}/\\*"))
        if (_reaches(new, folder) or _enters(new, folder)) and not inside:
            return True
    return any(_enters(new, file) and not _admits(file, old) for file in files)


def _top(_: str, __: str, new: str) -> bool:
    # What memfd_create(2) makes lies in no folder: the kernel calls it `/memfd:` and what its maker says.
    return new.startswith("/") and not new.startswith("/memfd:") and has_wildcard(new.split("/")[1])


def _reaches(pattern: str, folder: str) -> bool:
    return _enters(pattern, f"{folder}\\*") or _enters(pattern, f"{folder}\\{{\\*\\}}/\\*")


@lru_cache(maxsize=65536)
def _enters(pattern: str, place: str) -> bool:
    # Most patterns go elsewhere from their first letters on; two automata cost a thousand times more.
    constant, wanted = _constant(pattern), _constant(place)
    if not (constant.startswith(wanted) or wanted.startswith(constant)):
        return False
    return meets(pattern, place)


def _admits(pattern: str, old: str) -> bool:
    return covers(pattern, old) if has_wildcard(old) else matches(pattern, old)


def _constant(pattern: str) -> str:
    return pattern.partition("\\")[0]


BOUNDS = (
    Bound("whole-home", "may not admit whole trees below a home folder", _whole_home),
    Bound("system-write", "may not admit writing to a system folder by a pattern", _system_write),
    Bound("secrets", "may not reach folders of keys from outside of them", _secrets),
    Bound("started", "may not admit writing what a session starts by itself, from elsewhere", _started),
    Bound("top-folder", "may not leave the top folder open", _top),
)
EXECUTE = Bound(
    "execute", "may not generalise what is executed without moving the domains of it", lambda *_: False
)


GROUPS = Bound("groups", "may not give away what a group of the image's policy holds", lambda *_: False)


def check_share(name: str, rules: Sequence[Rule], *, limited: bool) -> None:
    """Hold what a share gives away against the bounds.

    A domain comes to it by any of its rules, and by none that it had learned itself where everybody gets it.
    So a share may be about a folder of keys only if all of it is, and it says which domains may have it: they
    have been there.

    Args:
        name: of the share.
        rules: all of it.
        limited: whether it names the domains that may have it.

    Raises:
        PolicyError: it goes further.
    """
    beginnings = {merged_name(word) for rule in rules for word in _names(rule)} if limited else {""}
    for rule in rules:
        for word in _names(rule):
            if "execute" in rule.operations:
                raise refuse(name, EXECUTE, "a share", word)
            for operation, old in product(rule.operations, sorted(beginnings)):
                # To whom nobody has seen asking for it, a literal name is as new as a pattern.
                if (bound := _broken(operation, old, merged_name(word))) is not None:
                    raise refuse(name, bound, "a share", word)
        groups = [operand for operand in rule.operands if isinstance(operand, Group)]
        if groups and rule.shape.keyword == "file":
            raise refuse(name, GROUPS, "a share", str(groups[0]))


def _names(rule: Rule) -> list[str]:
    return [operand for operand in rule.operands if isinstance(operand, str)]


def broken_bound(operation: str, old: str, new: str) -> Bound | None:
    """The first bound that a rewriting breaks.

    Args:
        operation: of the rule, such as `read`.
        old: the name as learned.
        new: the pattern that it would become.
    """
    old, new = merged_name(old), merged_name(new)
    return _broken(operation, old, new) if has_wildcard(new) else None


def _broken(operation: str, old: str, new: str) -> Bound | None:
    # A pattern may name the writable layer, which every bound holds for, or reach it by a wildcard, which
    # those look for that guard a place.
    old, new = old.removeprefix(_WRITABLE_LAYER), new.removeprefix(_WRITABLE_LAYER)
    return next((bound for bound in BOUNDS if bound.broken(operation, old, new)), None)


def refuse(rule: str, bound: Bound, line: str, new: str) -> PolicyError:
    """The error for a tuning rule that breaks a bound."""
    return PolicyError(
        f"the tuning rule {rule} {bound.meaning}: it makes {new} out of {line}",
        expected=f"a pattern within the bound {bound.name}",
        hint="narrow the rule with within, domains or directives, or write a narrower pattern",
    )
