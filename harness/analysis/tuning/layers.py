"""The overlay's second names, shipped with few lines.

On Linux 6.12 an access to a live system's root is checked under its name, and once more under the name of
the layer that holds the file, while overlayfs opens it there. The second check comes after the first was
granted (`do_dentry_open` asks before it calls `ovl_open`), and overlayfs asks it as the user who mounted the
overlay, root. Names of a layer belong to private mounts, which only root comes to by another way: by a clone
of the mount, made with `open_tree`. So reading layers can be granted once for all domains in which no
process is root's, to user 0 alone, without admitting a file that the first check refuses. In root's domains
it stays file by file, as writing does everywhere, its names tuned as the file's own name is.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.policy.alias import merged_line
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
    return Layered(merged, "squashfs:" if "squashfs:/" in line else "tmpfs:/rw")


def is_layered(line: str) -> bool:
    """Whether a rule names a file as a layer does."""
    return merged_line(line) != line or " tmpfs:/work/" in line


def in_layer(rule: Rule, layer: str) -> str:
    """The rule's line with the layer's name for its first name."""
    words = str(rule).split(" ")
    at = next(index for index, word in enumerate(words) if word.startswith("/"))
    words[at] = layer + words[at]
    return " ".join(words)


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
