"""The session of a desktop's user: what starts in it with the first program, whichever that is."""

from __future__ import annotations

import shlex

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest.agent import Agent

_PORTAL = "org.freedesktop.portal.Desktop"
_NO_SUCH = ("not provided by any .service files", "not activatable")
"""What dbus-daemon and dbus-broker say of a name that nobody has."""
_CALL = "busctl --user --timeout={seconds} call {name} /org/freedesktop/portal/desktop {interface} Ping"


def start_portal(agent: Agent, user: str, deadline: Deadline) -> bool:
    """Have the session bus start the desktop's portal, as the first program of the session would.

    GTK 4 asks the portal for the desktop's settings, and with it come half a dozen services: some twenty
    seconds under emulation, and rules that have to do with no task. D-Bus starts it the same way, whoever
    asks.
    The interface: https://flatpak.github.io/xdg-desktop-portal/.

    Args:
        agent: the guest's.
        user: whose session it is.
        deadline: how long it may take.

    Returns:
        Whether the desktop has a portal.

    Raises:
        GuestError: it has one that does not start.
    """
    call = _CALL.format(seconds=int(deadline.remaining), name=_PORTAL, interface="org.freedesktop.DBus.Peer")
    name = shlex.quote(user)
    asked = agent.shell(
        f"uid=$(id -u {name}) && XDG_RUNTIME_DIR=/run/user/$uid exec "
        f"setpriv --reuid=$uid --regid=$(id -g {name}) --init-groups {call}",
        deadline=deadline,
    )
    said = asked.err.decode(errors="replace").strip()
    if asked.code != 0 and not any(word in said for word in _NO_SUCH):
        raise GuestError(
            f"the desktop's portal does not start: {said}",
            expected=f"{_PORTAL} on the session bus of {user}, or no such service",
        )
    return asked.code == 0
