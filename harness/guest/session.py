"""The session of a desktop's user: what starts with its first program, and how patient it is with hands."""

from __future__ import annotations

import re
import shlex

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest.agent import Agent

_PORTAL = "org.freedesktop.portal.Desktop"
_NO_SUCH = ("not provided by any .service files", "not activatable")
"""What dbus-daemon and dbus-broker say of a name that nobody has."""
_CALL = "busctl --user --timeout={seconds} call {name} /org/freedesktop/portal/desktop {interface} Ping"
_DISPLAY = re.compile(r"^DISPLAY=:(\d+)", re.MULTILINE)
_SET_UP = """\
perl -MSocket -e '
    socket(my $server, PF_UNIX, SOCK_STREAM, 0) || die "$!\\n";
    connect($server, sockaddr_un($ARGV[0])) || die "$!\\n";
    syswrite($server, pack("a1 x v4 x2", "l", 11, 0, 0, 0));
    sysread($server, my $answer, 1) || die "no answer\\n";
' /tmp/.X11-unix/X{number}
"""
"""A client says who it is, and the server answers, be it to refuse.

https://www.x.org/releases/current/doc/xproto/x11protocol.html, chapter 8. Every Debian has perl-base.
"""
_DEVICES = "org.gnome.desktop.peripherals"
_FORBEARING = (
    f"gsettings set {_DEVICES}.keyboard repeat false",
    f"gsettings set {_DEVICES}.mouse double-click 1500",
    "gsettings set org.gnome.desktop.interface enable-animations false",
    "gsettings set org.gnome.mutter check-alive-timeout 0",
)


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
    asked = agent.shell(_as_user(user, call), deadline=deadline)
    said = asked.err.decode(errors="replace").strip()
    if asked.code != 0 and not any(word in said for word in _NO_SUCH):
        raise GuestError(
            f"the desktop's portal does not start: {said}",
            expected=f"{_PORTAL} on the session bus of {user}, or no such service",
        )
    return asked.code == 0


def start_x_server(agent: Agent, user: str, deadline: Deadline) -> bool:
    """Have the desktop start its X server, as the first program of the session that needs one would.

    A Wayland desktop starts Xwayland when somebody connects, and with it what settles fonts and draws the
    frames of windows: a thousand rules that have to do with no task, and a good part of the time that its
    first program takes. The desktop starts it the same way, whoever connects.

    Args:
        agent: the guest's.
        user: whose session it is.
        deadline: how long it may take.

    Returns:
        Whether the session has a display of X.

    Raises:
        GuestError: it has one behind which no server starts, or does not tell.
    """
    known = agent.shell(_as_user(user, "systemctl --user show-environment"))
    if known.code != 0:
        raise GuestError(
            f"the session's environment is not told: {known.err.decode(errors='replace').strip()}",
            expected=f"systemd's manager of {user}",
        )
    display = _DISPLAY.search(known.out.decode(errors="replace"))
    if display is None:
        return False
    asked = agent.shell(_SET_UP.replace("{number}", display[1]), deadline=deadline)
    if asked.code != 0:
        raise GuestError(
            f"no X server starts: {asked.err.decode(errors='replace').strip()}",
            expected=f"an X server behind the display :{display[1]} of {user}'s session",
        )
    return True


def forbear_with_slow_hands(agent: Agent, user: str) -> None:
    """Set the desktop so that a key types once, two late clicks are one, nothing glides, nobody is given up.

    The X server repeats a key half a second after its press, and looks at that clock before it looks for the
    release: on a busy machine what was typed once stands there twice. Two clicks have 0.4 s, which such a
    machine may let pass between them. What glides is drawn by the processor that a task needs. A program that
    does not answer within five seconds is offered to be ended: the next space that is typed, meant for its
    window, presses that button, and the window is gone without a word. All are GNOME's own settings, kept by
    the service that keeps all settings of the session.

    Args:
        agent: the guest's.
        user: whose session it is.

    Raises:
        GuestError: a setting does not take.
    """
    for setting in _FORBEARING:
        asked = agent.shell(_as_user(user, setting))
        if asked.code != 0:
            raise GuestError(
                f"`{setting}` does not take: {asked.err.decode(errors='replace').strip()}",
                expected="GNOME's settings, from gsettings-desktop-schemas",
            )


def _as_user(user: str, command: str) -> str:
    name = shlex.quote(user)
    return (
        f"uid=$(id -u {name}) && XDG_RUNTIME_DIR=/run/user/$uid "
        f"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$uid/bus exec "
        f"setpriv --reuid=$uid --regid=$(id -g {name}) --init-groups {command}"
    )
