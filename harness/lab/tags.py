"""The tags that a feature may carry and what they mean. An unknown tag is an error: a typo must not pass."""

from __future__ import annotations

from collections.abc import Iterable

from harness.analysis.tasks import TAG as TASK
from harness.analysis.tasks import TWIN
from harness.record.schema import Kind

POWER_OFF = "power-off"

STARTS = {
    POWER_OFF: "starts with the machine switched off",
    "console-ready": "starts from the checkpoint of that name: a text console that waits for a login",
    "logged-in": "starts from the checkpoint of that name: a text console with the person's shell",
    "desktop-ready": "starts from the checkpoint of that name: a settled desktop, no window open",
}
MEANING = {
    **STARTS,
    "core": "one task of each kind, for a first or a short run: what `make learn` does",
    "no-desktop": "needs an image without a desktop, which takes the power button: skipped on any other",
    "desktop-programs": "needs programs that images with a desktop have: skipped on any other",
    "slow": "takes more than two minutes without hardware virtualisation",
    "tails": "needs a Tails image: skipped, with that reason, on any other",
    "refused": "what a policy must refuse; while TOMOYO learns it is a control, and never learned from",
    "variant": "another way to do what its @twin:ID does; never learned from, tried under a policy",
}
LONG = (POWER_OFF, "slow")
"""What takes long, the longest first."""
NOT_LEARNED_FROM = ("refused", "variant")
TOLERABLE = (
    "audit-lost",
    "no-fragment",
    "observer-learned",
    "out-of-memory",
    "quota-exceeded",
    "transition-failed",
)
"""The kinds of findings that fail a scenario, unless its tags tolerate them."""
_TOLERATES = "tolerates-"


def checkpoint_of(tags: Iterable[str]) -> str:
    """The checkpoint that a scenario with `tags` starts from.

    Raises:
        ValueError: there is none, or more than one.
    """
    named = sorted(set(tags) & set(STARTS))
    if len(named) != 1:
        raise ValueError(
            f"a scenario starts from exactly one of {', '.join('@' + tag for tag in STARTS)}; "
            f"this one has {', '.join('@' + tag for tag in named) or 'none'}"
        )
    return named[0]


def kind_of(tags: Iterable[str]) -> Kind:
    """Whether a scenario with `tags` is a task to learn from, a variant of one, or must be refused.

    Raises:
        ValueError: it is both of the last two.
    """
    match sorted(set(tags) & set(NOT_LEARNED_FROM)):
        case []:
            return "task"
        case ["refused"]:
            return "refused"
        case ["variant"]:
            return "variant"
    raise ValueError("a scenario is either @refused or a @variant, not both")


def tolerated(tags: Iterable[str]) -> set[str]:
    """The kinds of findings that do not fail a scenario with `tags`: `@tolerates-KIND`."""
    return {tag.removeprefix(_TOLERATES) for tag in tags if tag.startswith(_TOLERATES)}


def is_known(tag: str) -> bool:
    """Whether a feature may carry `tag`."""
    if tag.startswith(_TOLERATES):
        return tag.removeprefix(_TOLERATES) in TOLERABLE
    return tag in MEANING or tag.startswith((TASK, TWIN))


def known() -> list[str]:
    """All tags as a feature writes them; some end in what it has to add."""
    tolerating = (f"@{_TOLERATES}{kind}" for kind in TOLERABLE)
    return [*(f"@{tag}" for tag in MEANING), f"@{TASK}AREA/NAME", f"@{TWIN}ID", *tolerating]
