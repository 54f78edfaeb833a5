"""The kernel's command line under the harness: the image's own, with what is needed added."""

from __future__ import annotations

from harness.image.liveiso import LiveIso

_ADDED = (
    # Activates TOMOYO, and switches the other big security modules off.
    "security=tomoyo",
    # The last console= is /dev/console: the serial line. tty0 keeps the boot visible on the screen.
    "console=tty0",
    "console=ttyS0",
    # A person works on the serial console: a kernel message in the middle of an answer would be read as
    # part of it. Emergencies (level 0 to 2: a panic, a fault) still get through.
    "quiet",
    "loglevel=3",
    "systemd.show_status=false",
    # At shutdown live-boot asks for the medium to be taken out and waits for Enter; nobody would.
    "noeject",
)
# A splash screen hides the boot and takes the console; the others are said anew above.
_REPLACED = ("console", "loglevel", "noeject", "quiet", "security", "splash", "systemd.show_status")


def command_line(iso: LiveIso, *extra: str) -> str:
    """The default entry's command line made fit for the harness, `extra` words at its end.

    An `lsm=` list in the image's own line makes the kernel ignore `security=`; TOMOYO is then added
    to that list, and what else is in it stays.
    """
    return adapted(iso.entry.command_line, *extra)


def adapted(line: str, *extra: str) -> str:
    """`line` without what conflicts, followed by what the harness adds and by `extra`."""
    words = [word for word in line.split() if word.partition("=")[0] not in _REPLACED]
    return " ".join([*map(_with_tomoyo, words), *_ADDED, *extra])


def _with_tomoyo(word: str) -> str:
    name, _, value = word.partition("=")
    if name == "lsm" and "tomoyo" not in value.split(","):
        return f"{word},tomoyo"
    return word
