"""How a desktop's session is made ready."""

import socket
import struct
import subprocess
from pathlib import Path
from typing import cast

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest import session
from harness.guest.agent import Agent, Result
from harness.guest.session import forbear_with_slow_hands, start_portal, start_x_server


class Guest:
    """A guest whose busctl ends like this."""

    def __init__(self, code: int, err: bytes = b"") -> None:
        self.answer = Result(code, b"", err)
        self.ran: list[str] = []

    def shell(self, script: str, *, deadline: Deadline | None = None) -> Result:
        assert deadline is None or deadline.remaining > 0
        self.ran.append(script)
        return self.answer


def start(guest: Guest) -> bool:
    return start_portal(cast(Agent, guest), "amnesia", Deadline.after(60))


def test_the_users_own_bus_is_asked() -> None:
    guest = Guest(0)
    assert start(guest)
    (script,) = guest.ran
    assert "XDG_RUNTIME_DIR=/run/user/$uid" in script
    assert "--reuid=$uid" in script
    assert "org.freedesktop.portal.Desktop" in script


@pytest.mark.parametrize(
    "said",
    [
        b"Call failed: The name org.freedesktop.portal.Desktop was not provided by any .service files",
        b"Call failed: The name is not activatable",
    ],
)
def test_a_desktop_without_one_is_no_error(said: bytes) -> None:
    assert not start(Guest(1, said))


def test_one_that_does_not_start_is_told() -> None:
    with pytest.raises(GuestError, match="portal does not start: Call failed: Connection timed out"):
        start(Guest(1, b"Call failed: Connection timed out\n"))


class Session(Guest):
    """A guest whose session has this environment."""

    def __init__(self, environment: bytes, code: int = 0, err: bytes = b"") -> None:
        super().__init__(code, err)
        self.environment = environment

    def shell(self, script: str, *, deadline: Deadline | None = None) -> Result:
        asked = super().shell(script, deadline=deadline)
        return Result(0, self.environment, b"") if "show-environment" in script else asked


def test_the_x_server_of_the_users_session_is_started() -> None:
    guest = Session(b"HOME=/home/amnesia\nDISPLAY=:1\nLANG=C.UTF-8\n")
    assert start_x_server(cast(Agent, guest), "amnesia", Deadline.after(60))
    assert guest.ran[-1].endswith(" /tmp/.X11-unix/X1\n")


def test_a_session_without_a_display_of_x_is_no_error() -> None:
    guest = Session(b"WAYLAND_DISPLAY=wayland-0\n")
    assert not start_x_server(cast(Agent, guest), "amnesia", Deadline.after(60))
    assert len(guest.ran) == 1


def test_an_x_server_that_does_not_start_is_told() -> None:
    guest = Session(b"DISPLAY=:0\n", 111, b"Connection refused\n")
    with pytest.raises(GuestError, match="no X server starts: Connection refused"):
        start_x_server(cast(Agent, guest), "amnesia", Deadline.after(60))


def test_what_is_said_to_an_x_server_is_what_it_takes(tmp_path: Path) -> None:
    """By a socket that answers as a server does that refuses: with a 0 (chapter 8 of the protocol)."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "X7"))
    server.listen()
    server.settimeout(30)
    script = session._SET_UP.replace("/tmp/.X11-unix", str(tmp_path)).replace("{number}", "7")
    with subprocess.Popen(["sh", "-c", script]) as client:
        connection, _ = server.accept()
        assert connection.recv(64) == b"l\0" + struct.pack("<4H", 11, 0, 0, 0) + b"\0\0"
        connection.sendall(b"\0")
        assert client.wait(timeout=30) == 0
    server.close()
    connection.close()
    refused = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr) != (0, "")


def test_the_users_session_is_made_patient_with_hands() -> None:
    guest = Guest(0)
    forbear_with_slow_hands(cast(Agent, guest), "amnesia")
    assert all("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$uid/bus" in script for script in guest.ran)
    assert [script.rsplit(".", 1)[1] for script in guest.ran] == [
        "keyboard repeat false",
        "mouse double-click 1500",
        "interface enable-animations false",
        "mutter check-alive-timeout 0",
    ]


def test_a_desktop_without_such_a_setting_is_told() -> None:
    with pytest.raises(GuestError, match="keyboard repeat false` does not take: No such schema"):
        forbear_with_slow_hands(cast(Agent, Guest(1, b"No such schema\n")), "amnesia")
