"""The default boot entry of a live ISO: what isolinux, or else GRUB, would start by itself.

The formats: https://wiki.syslinux.org/wiki/index.php?title=Config and GRUB's manual. Only what
decides about the default entry is read; menus, colours, scripts and other entries are passed over.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace

Read = Callable[[str], str | None]
"""Gives the text of a file by its absolute path in the image, None when there is none."""

_ISOLINUX_FILES = (
    "/isolinux/isolinux.cfg",
    "/isolinux/syslinux.cfg",
    "/boot/isolinux/isolinux.cfg",
    "/syslinux/syslinux.cfg",
    "/isolinux.cfg",
)
_GRUB_FILES = ("/boot/grub/grub.cfg", "/EFI/debian/grub.cfg", "/EFI/BOOT/grub.cfg", "/grub/grub.cfg")
_INCLUDES_NESTED = 16


@dataclass(frozen=True, slots=True)
class BootEntry:
    """What a boot loader hands over.

    Attributes:
        label: the entry's name in its configuration.
        kernel: absolute path of the kernel in the image.
        initrds: absolute paths of the initrd's parts, in order.
        command_line: the kernel's command line, without `initrd=`.
        source: the configuration file it was read from.
    """

    label: str
    kernel: str
    initrds: tuple[str, ...]
    command_line: str
    source: str = ""


def default_entry(read: Read) -> BootEntry | None:
    """The entry that boots when nobody touches a key; None when no boot loader has one."""
    for path in _ISOLINUX_FILES:
        text = read(path)
        if text is not None and (entry := parse_isolinux(text, path, read)):
            return entry
    for path in _GRUB_FILES:
        text = read(path)
        if text is not None and (entry := parse_grub(text, path, read)):
            return entry
    return None


@dataclass(slots=True)
class _Label:
    name: str
    kernel: str = ""
    append: str | None = None
    initrd: str = ""


@dataclass(slots=True)
class _Isolinux:
    """What was seen while reading: the labels in order, and who claims to be the default."""

    labels: list[_Label] = field(default_factory=list)
    append: str = ""
    default: str = ""
    menu_default: str = ""


def parse_isolinux(text: str, path: str, read: Read) -> BootEntry | None:
    """The default entry of the isolinux configuration `text` found at `path`."""
    state = _Isolinux()
    _read_isolinux(text, posixpath.dirname(path), read, state, depth=0)
    bootable = {label.name.lower(): label for label in state.labels if label.kernel}
    if not bootable:
        return None
    # `default` may name a menu program instead of a label; a menu starts its own default or its first entry.
    names = (state.menu_default.lower(), state.default.lower())
    label = next((bootable[name] for name in names if name in bootable), next(iter(bootable.values())))
    append = state.append if label.append is None else label.append
    words = ("" if append == "-" else append).split()
    initrd = label.initrd or next(
        (word.partition("=")[2] for word in words if word.startswith("initrd=")), ""
    )
    folder = posixpath.dirname(path)
    return BootEntry(
        label=label.name,
        kernel=posixpath.join(folder, label.kernel),
        initrds=tuple(posixpath.join(folder, part) for part in initrd.split(",") if part),
        command_line=" ".join(word for word in words if not word.startswith("initrd=")),
        source=path,
    )


def _read_isolinux(text: str, folder: str, read: Read, state: _Isolinux, depth: int) -> None:
    for line in text.splitlines():
        words = line.split(None, 1)
        keyword, rest = (words[0].lower(), words[1].strip() if len(words) > 1 else "") if words else ("", "")
        if keyword == "menu":
            keyword, _, rest = rest.partition(" ")
            keyword, rest = f"menu {keyword.lower()}", rest.strip()
        label = state.labels[-1] if state.labels else None
        match keyword:
            case "include" | "menu include" if rest and depth < _INCLUDES_NESTED:
                # Relative to the folder of the first file, which is isolinux's working directory.
                included = read(posixpath.join(folder, rest.split()[0]))
                if included is not None:
                    _read_isolinux(included, folder, read, state, depth + 1)
            case "label":
                state.labels.append(_Label(rest))
            case "default":
                state.default = rest.split()[0] if rest else ""
            case "menu default" if label:
                state.menu_default = label.name
            case "kernel" | "linux" if label:
                label.kernel = rest
            case "initrd" if label:
                label.initrd = rest
            case "append" if label:
                label.append = rest
            case "append":
                state.append = rest


@dataclass(slots=True)
class _Menuentry:
    title: str
    linux: list[str] = field(default_factory=list)
    initrd: list[str] = field(default_factory=list)


def parse_grub(text: str, path: str, read: Read, depth: int = 0) -> BootEntry | None:
    """The default entry of the GRUB configuration `text` found at `path`.

    `source` and `configfile` are followed. A default that is a variable counts as the first entry.
    """
    entries: list[_Menuentry] = []
    default = "0"
    for line in text.splitlines():
        words = _grub_words(line)
        match words:
            case ["set", setting] if setting.startswith("default="):
                default = setting.partition("=")[2]
            case ["menuentry", title, *_]:
                entries.append(_Menuentry(title))
            case ["linux" | "linuxefi", *rest] if entries:
                entries[-1].linux = rest
            case ["initrd" | "initrdefi", *rest] if entries:
                entries[-1].initrd = rest
            case ["source" | "configfile", name] if not entries and depth < _INCLUDES_NESTED:
                inner = read(_without_device(name))
                if inner is not None and (found := parse_grub(inner, path, read, depth + 1)):
                    return replace(found, source=_without_device(name))
    bootable = [entry for entry in entries if entry.linux]
    if not bootable:
        return None
    chosen = bootable[0]
    if default.isdecimal() and int(default) < len(entries) and entries[int(default)].linux:
        chosen = entries[int(default)]
    chosen = next((entry for entry in bootable if entry.title == default), chosen)
    kernel, *arguments = chosen.linux
    # What a variable would hold is known to a running GRUB only.
    kept = [word for word in arguments if "$" not in word and word not in ("--", "---")]
    return BootEntry(
        label=chosen.title,
        kernel=_without_device(kernel),
        initrds=tuple(_without_device(part) for part in chosen.initrd),
        command_line=" ".join(kept),
        source=path,
    )


def _grub_words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # a quote that goes on in the next line: never part of what is looked for
        return []


def _without_device(name: str) -> str:
    """`name` without a leading device such as `($root)` or `$prefix`'s `(cd0)`."""
    return re.sub(r"^\([^)]*\)", "", name)
