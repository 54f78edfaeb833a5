"""The checkpoints as data: a name, a parent, the way from there, and what counts as settled.

The way is walked by a person's means where it matters to the policy; the instruments only look.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest import session, tomoyo
from harness.lab import settle
from harness.lab.settle import Settled
from harness.user import console, person, region, screen

if TYPE_CHECKING:
    from harness.lab.lab import Lab

LOGIN_PROMPT = b"login: "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of the machine that scenarios start from.

    Attributes:
        name: as in the tags of features.
        parent: the checkpoint it is reached from; None means from just switched on.
        reach: walks the way, telling each stage it gets to.
        settled: when the machine counts as settled.
        seconds: how long the way and the settling may take on a person's machine.
        lasts: whether it is left by nothing that a scenario does, but for switching the machine off.
    """

    name: str
    parent: str | None
    reach: Callable[[Lab, Deadline, Callable[[str], None]], None]
    settled: Settled
    seconds: float
    lasts: bool = True


def _boot_to_login(lab: Lab, deadline: Deadline, stage: Callable[[str], None]) -> None:
    for last in deadline.attempts(longest=0.5):
        lab.machine.must_live()
        if LOGIN_PROMPT in lab.machine.console_tail():
            break
        if last:
            raise GuestError(
                f"no login prompt on the serial line after {deadline.seconds:.0f} s; the last lines there:\n"
                f"{lab.machine.last_words()}",
                expected="a live system that starts a getty on console=ttyS0",
                hint="`tomograph image inspect` shows what the harness boots of the image",
            )
    stage("login prompt")
    lab.agent.wait_until_ready(deadline)
    stage("agent answers")
    lab.tomoyo.state()
    stage("TOMOYO is active")


def _to_the_desktop(lab: Lab, deadline: Deadline, stage: Callable[[str], None]) -> None:
    for last in deadline.attempts():
        lab.machine.must_live()
        if lab.agent.shell("pgrep -x gnome-shell").code == 0:
            break
        if last:
            raise GuestError(
                f"no gnome-shell runs after {deadline.seconds:.0f} s",
                expected="a GNOME desktop that its user is logged into",
                hint="an image without a desktop runs the scenarios tagged @console-ready only",
            )
    lab.person.leave_overview(deadline)
    stage("desktop")
    session.forbear_with_slow_hands(lab.agent, lab.setup.user)
    # A menu's first opening draws every icon and compiles how: it is slow, and belongs to no task.
    if lab.person.look_into_menu(deadline):
        stage("menu")
    if session.start_portal(lab.agent, lab.setup.user, deadline):
        stage("portal")
    if session.start_x_server(lab.agent, lab.setup.user, deadline):
        stage("X server")


def _log_in(lab: Lab, deadline: Deadline, stage: Callable[[str], None]) -> None:
    lab.person.console.log_in(lab.setup.user, lab.setup.password, within=deadline)
    stage("shell")


_ALL = (
    Checkpoint("console-ready", None, _boot_to_login, Settled(share=0.35, seconds=8), seconds=150),
    Checkpoint(
        "logged-in", "console-ready", _log_in, Settled(share=0.35, seconds=3), seconds=60, lasts=False
    ),
    Checkpoint(
        "desktop-ready", "console-ready", _to_the_desktop, Settled(share=0.35, seconds=12), seconds=150
    ),
)
CHECKPOINTS = {checkpoint.name: checkpoint for checkpoint in _ALL}


def recipe_hash() -> str:
    """Changes whenever the way does, here or in the hands and eyes that go it.

    Another way makes another checkpoint.
    What drives the machine below them is not looked at: it does the same as before or not at all.
    """
    walked = (sys.modules[__name__], session, settle, tomoyo, console, person, region, screen)
    sources = "".join(inspect.getsource(part) for part in walked)
    return hashlib.sha256(sources.encode()).hexdigest()[:16]
