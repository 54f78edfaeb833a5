"""Where an authority's certificate goes."""

import json
from typing import cast

import pytest

from harness.errors import GuestError
from harness.guest.agent import Agent, Result
from harness.guest.trust import trust, with_certificate

OWN = "/usr/local/share/ca-certificates/tomograph.crt"
FIREFOX = "/etc/firefox/policies/policies.json"


class Guest:
    """A guest with Firefox and without Thunderbird."""

    def __init__(self, code: int = 0) -> None:
        self.files = {FIREFOX: b'{"policies": {"DisableAppUpdate": true}}'}
        self.code = code
        self.ran: list[str] = []

    def write_file(self, path: str, data: bytes) -> None:
        self.files[path] = data

    def shell(self, script: str) -> Result:
        self.ran.append(script)
        return Result(self.code, b"", b"no such file")

    def read(self, script: str) -> bytes:
        return next((data for path, data in self.files.items() if path in script), b"")


def test_it_goes_into_debians_list_and_into_the_policies_that_there_are() -> None:
    guest = Guest()
    trust(cast(Agent, guest), b"PEM")
    assert guest.files[OWN] == b"PEM"
    assert "/etc/ssl/certs/ca-certificates.crt" in guest.ran[0]
    assert set(guest.files) == {OWN, FIREFOX}
    policies = json.loads(guest.files[FIREFOX])["policies"]
    assert policies == {"DisableAppUpdate": True, "Certificates": {"Install": [OWN]}}


def test_twice_is_as_good_as_once() -> None:
    once = with_certificate(b'{"policies": {"Certificates": {"Install": ["/a.crt"]}}}')
    assert json.loads(once)["policies"]["Certificates"]["Install"] == ["/a.crt", OWN]
    assert with_certificate(once) == once


def test_a_guest_without_a_list_is_told_of() -> None:
    with pytest.raises(GuestError, match="no such file"):
        trust(cast(Agent, Guest(code=2)), b"PEM")
