"""Loading and reading back, in a guest whose kernel is `harness.policy.patch.apply`."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError, PolicyError
from harness.guest.agent import Agent, Result
from harness.guest.loader import Living, Loader
from harness.guest.tomoyo import AGENT_DOMAIN
from harness.lab.enforcement import enforcement
from harness.lab.harvest import loading_notices
from harness.policy import parse_domain_policy
from harness.policy.patch import apply
from tests.unit.enforced_run import BASH, POLICY

WANTED = enforcement(POLICY, "enforcing", "checkpoint").policies
LEARNED = (
    f"<kernel>\nuse_profile 1\nuse_group 0\n\n\n{AGENT_DOMAIN}\nuse_profile 0\nuse_group 0\n\n\n"
    "<kernel> /sbin/init\nuse_profile 1\nuse_group 0\n\nfile read /x\n\n"
)


class Guest:
    """An agent in a guest that holds a policy and drops lines which contain `drops`.

    One that `learns` has learned something more, and started a program, each time its policy was read in
    learning mode.
    """

    def __init__(self, *, drops: str = "nothing", status: int = 0, learns: bool = False) -> None:
        self.domains = parse_domain_policy(LEARNED)
        self.exceptions: list[str] = []
        self.files: dict[str, bytes] = {}
        self.drops = drops
        self.status = status
        self.learns = learns
        self.scripts: list[str] = []

    def deadline(self, seconds: float) -> Deadline:
        return Deadline.after(seconds)

    def write_file(self, path: str, data: bytes, *, deadline: Deadline | None = None) -> None:
        self.files[path] = data

    def shell(self, script: str, *, deadline: Deadline | None = None) -> Result:
        self.scripts.append(script)
        (lines,) = self.files.values()
        taken = [line for line in lines.decode().splitlines() if self.drops not in line]
        if " -d " in script:
            self.domains = apply(self.domains, "".join(f"{line}\n" for line in taken))
        elif " -e " in script:
            self.exceptions += taken
        return Result(self.status, b"", b"Permission denied")

    def read(self, script: str, *, deadline: Deadline | None = None) -> bytes:
        if ".process_status" in script:
            return f"1 3 <kernel> /sbin/init\n7 3 {BASH}\n9 0 {AGENT_DOMAIN}\nnoise\n".encode()
        name = script.rpartition("/")[2]
        held = self._held()
        init = self.domains.get("<kernel> /sbin/init")
        if self.learns and name == "domain_policy" and init is not None and init.profile == 1:
            self.domains = apply(
                self.domains,
                f"<kernel> /sbin/init\nfile read proc:/{len(self.scripts)}/comm\n"
                "<kernel> /sbin/init /bin/service\nuse_profile 1\nuse_group 0\nfile read /y\n",
            )
        return held[name]

    def _held(self) -> dict[str, bytes]:
        return {
            "domain_policy": self.domains.dump(),
            "exception_policy": "".join(f"{line}\n" for line in self.exceptions).encode(),
            "profile": WANTED.profiles.dump(),
            "manager": WANTED.managers.dump(),
        }


def loader(guest: Guest) -> Loader:
    return Loader(cast(Agent, guest))


def test_the_policy_arrives_and_the_agents_domain_stays() -> None:
    guest = Guest()
    loaded = loader(guest).load(WANTED, final=3, waiting=2)
    assert guest.domains[BASH].rules == POLICY.domains[BASH].rules
    assert guest.domains[AGENT_DOMAIN].profile == 0
    assert "<kernel> /sbin/init" not in guest.domains
    assert loaded.lines > 0
    assert all(script.startswith("tomoyo-loadpolicy -") for script in guest.scripts)


def test_what_a_kernel_learns_between_reading_and_resting_is_not_left_in_it() -> None:
    guest = Guest(learns=True)
    loader(guest).load(WANTED, final=3, waiting=2)
    assert not [name for name in guest.domains if "/sbin/init" in name]


def test_processes_without_a_domain_in_the_policy_are_findings() -> None:
    loaded = loader(Guest()).load(WANTED, final=3, waiting=2)
    assert loaded.homeless == (Living(1, 3, "<kernel> /sbin/init"),)
    (notice,) = loading_notices(loaded)
    assert notice.kind == "domain-not-in-policy"
    assert "<kernel> /sbin/init" in notice.message


def test_a_line_that_the_kernel_did_not_take_is_an_error_that_names_it() -> None:
    with pytest.raises(PolicyError, match=r"did not take: .*bash: file read /etc/passwd"):
        loader(Guest(drops="/etc/passwd")).load(WANTED, final=3, waiting=2)


def test_a_kernel_that_refuses_everything_is_the_guests_fault() -> None:
    with pytest.raises(GuestError, match="Permission denied"):
        loader(Guest(status=1)).load(WANTED, final=3, waiting=2)


def test_a_domain_that_the_kernel_made_meanwhile_is_a_finding() -> None:
    guest = Guest()
    guest.domains = apply(guest.domains, "<kernel> /new\nuse_profile 1\nuse_group 0\n")
    made = replace(loader(guest).load(WANTED, final=3, waiting=2), homeless=())
    assert list(loading_notices(made)) == []
    guest.domains = apply(guest.domains, "<kernel> /new\nuse_profile 3\nuse_group 0\n")
    guest.drops = "delete <kernel> /new"
    again = loader(guest).load(WANTED, final=3, waiting=2)
    assert again.difference.made == ("<kernel> /new",)
    assert "domain-made" in [notice.kind for notice in loading_notices(again)]
