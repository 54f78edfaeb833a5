"""How the portal of a desktop's session is started."""

from typing import cast

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest.agent import Agent, Result
from harness.guest.session import forbear_with_slow_hands, start_portal


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


def test_the_users_session_is_made_patient_with_hands() -> None:
    guest = Guest(0)
    forbear_with_slow_hands(cast(Agent, guest), "amnesia")
    assert all("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$uid/bus" in script for script in guest.ran)
    assert [script.rsplit(".", 1)[1] for script in guest.ran] == [
        "keyboard repeat false",
        "mouse double-click 1500",
    ]


def test_a_desktop_without_such_a_setting_is_told() -> None:
    with pytest.raises(GuestError, match="keyboard repeat false` does not take: No such schema"):
        forbear_with_slow_hands(cast(Agent, Guest(1, b"No such schema\n")), "amnesia")
