"""The overlay's second names, shipped with few lines.

On Linux 6.12 an access to a live system's root is checked under its name, and once more under the name of
the layer that holds the file, while overlayfs opens it there. The second check comes after the first was
granted (`do_dentry_open` asks before it calls `ovl_open`), and overlayfs asks it as the user who mounted the
overlay, root. Names of a layer belong to private mounts, which only root comes to by another way: by a clone
of the mount, made with `open_tree`. So reading layers can be granted once for all domains in which no
process is root's, to user 0 alone, without admitting a file that the first check refuses. In root's domains
it stays file by file, as writing does everywhere, its names tuned as the file's own name is.

A file is read from the image until somebody writes it, and from the writable layer from then on. Who comes
first is another matter at each boot, so whoever may read a file that was met in both may read it in both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from harness.errors import PolicyError
from harness.policy.alias import merged_line, merged_name
from harness.policy.exception_policy import Entry, GroupMember
from harness.policy.pattern import PatternSet
from harness.policy.rule import PATH, Rule, parse_rule

ROOT = 0
ACL_GROUP = 100
"""Of the domains in which no process is root's."""
GROUP = "OVERLAY_LAYER"
MEMBERS = (
    *("squashfs:/", r"squashfs:/\*", r"squashfs:/\{\*\}/", r"squashfs:/\{\*\}/\*"),
    *("tmpfs:/rw/", r"tmpfs:/rw/\*", r"tmpfs:/rw/\{\*\}/", r"tmpfs:/rw/\{\*\}/\*"),
)
READ = parse_rule(f"file read @{GROUP} task.uid=0")
# Where overlayfs puts a file together that is about to be changed for the first time.
COPY_UP = parse_rule(r"file write tmpfs:/work/work/#\X task.uid=0")
RULE = "overlay-layer"
REASON = (
    "A file of the overlay is checked under its name first; the layer's name is overlayfs's own second look, "
    "as user 0."
)
MOVING = "moving-file"
MOVING_REASON = (
    "The system writes this file itself while it runs: whether it is read in the image or in the writable "
    "layer depends on who comes first."
)
_IMAGE, _WRITABLE = "squashfs:", "tmpfs:/rw"
_NAME = re.compile(rf" ({_IMAGE}|{_WRITABLE})(/\S*)")
_LAYERS = PatternSet(MEMBERS)
_WORK = PatternSet([str(COPY_UP.operands[0])])


@dataclass(frozen=True, slots=True)
class Layered:
    """A learned line seen through the overlay.

    Attributes:
        merged: the line with the file's name in the merged tree.
        layer: what stands in front of that name in the line itself: "" or `squashfs:` or `tmpfs:/rw`.
    """

    merged: str
    layer: str


def seen_through(line: str) -> Layered:
    """The line under the file's own name, and the layer it was learned in."""
    merged = merged_line(line)
    if merged == line:
        return Layered(line, "")
    return Layered(merged, _IMAGE if f"{_IMAGE}/" in line else _WRITABLE)


def parsed(domain: str, line: str, seen: Layered) -> Rule:
    """A learned line's rule under the file's own name.

    Raises:
        PolicyError: it does not read; the error names the domain and the line as it was learned.
    """
    try:
        return parse_rule(seen.merged)
    except PolicyError as error:
        error.domain, error.text = domain, line
        raise


def is_layered(line: str) -> bool:
    """Whether a rule names a file as a layer does."""
    return merged_line(line) != line or " tmpfs:/work/" in line


def in_layer(rule: Rule, layer: str) -> str:
    """The rule's line with the layer's name for its first name."""
    words = str(rule).split(" ")
    at = next(index for index, word in enumerate(words) if word.startswith("/"))
    words[at] = layer + words[at]
    return " ".join(words)


def moving(lines: Iterable[str], image: Collection[str]) -> frozenset[str]:
    """The files that are in the image and come to be in the writable layer too, by their own names.

    Args:
        lines: rules as they were learned.
        image: the image's paths, as far as they are known.
    """
    seen: dict[str, set[str]] = {_IMAGE: set(), _WRITABLE: set()}
    for line in lines:
        for layer, name in _NAME.findall(line):
            seen[layer].add(name)
    return frozenset(
        name for name in seen[_WRITABLE] if not name.endswith("/") and (name in seen[_IMAGE] or name in image)
    )


def is_of(line: str, files: Collection[str]) -> bool:
    """Whether a rule names one of these files."""
    return merged_name(line.rpartition(" ")[2]) in files


def in_the_other_layer(rule: Rule) -> Rule | None:
    """The rule for reading the same file in the other layer; None when it is about something else."""
    name = rule.operands[0]
    if rule.shape is not PATH or rule.operations != ("read",) or not isinstance(name, str):
        return None
    for here, there in ((_IMAGE, _WRITABLE), (_WRITABLE, _IMAGE)):
        if name.startswith(f"{here}/"):
            return replace(rule, operands=(there + name.removeprefix(here),))
    return None


def read_and_closed(script: str) -> tuple[Rule, Rule]:
    """What a script's shell reads, and what the next program asks for that closes the shell's open file.

    At each use of an open file overlayfs looks whether the file has been copied up since it was opened, and
    opens the copy then (`ovl_real_fdget`, called by `ovl_flush` too, which closing calls).
    """
    return parse_rule(f"file read {script}"), parse_rule(f"file read {_WRITABLE}{script}")


def shared(rule: Rule) -> Rule | None:
    """The rule for all domains that grants this access of overlayfs; None when none does."""
    name = rule.operands[0]
    if rule.shape is not PATH or rule.conditions or not isinstance(name, str):
        return None
    if rule.operations == ("read",) and name in _LAYERS:
        return READ
    if rule.operations == ("write",) and name in _WORK:
        return COPY_UP
    return None


def members() -> tuple[Entry, ...]:
    """The entries of exception policy that the shared rule needs."""
    return tuple(GroupMember("path_group", GROUP, member) for member in MEMBERS)
