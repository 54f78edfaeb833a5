from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.lab.setup import Setup

CONSOLE: frozenset[str] = frozenset({"bash"})
DESKTOP = CONSOLE | {"gdm3"}


@pytest.mark.parametrize(
    ("packages", "tag", "reason"),
    [
        (DESKTOP, "desktop-ready", None),
        (CONSOLE, "desktop-ready", "the image has no desktop"),
        (DESKTOP, "desktop-programs", None),
        (CONSOLE, "desktop-programs", "the image has no desktop"),
        (CONSOLE, "no-desktop", None),
        (DESKTOP, "no-desktop", "the image has a desktop"),
        (DESKTOP, "tails", "needs a Tails image"),
        (DESKTOP, "console-ready", None),
    ],
)
def test_what_an_image_cannot_do_has_a_reason(packages: frozenset[str], tag: str, reason: str | None) -> None:
    iso = cast("Any", SimpleNamespace(packages=packages, is_tails=False))
    assert Setup(iso, overlay=cast("Any", None), definition=cast("Any", None)).why_not([tag]) == reason
