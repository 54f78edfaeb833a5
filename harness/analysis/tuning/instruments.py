"""What the harness itself left in a learned policy: its agent, its devices, its files, its logins.

Under test these accesses happen again, so what is taken away is kept (`harness.record.shipped`) for those
who enforce with the harness; what ships has none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.errors import PolicyError
from harness.policy import DomainPolicy, ExceptionPolicy

CONSOLE_LOGIN = "console login"
"""Why rules of a login on the text console are not shipped."""

# The agent and what `vm/overlay` lays over the image; the ports between host and guest; the variable it sets.
_MARK = re.compile(
    r"/qemu-ga(?= |\"|$)|qemu-guest-agent|qemu\.guest_agent|tomograph|virtio-ports|/vport[0-9]|"
    r"^misc env GSK_RENDERER$"
)
_LOGIN = "/usr/bin/login"
_TEST = re.compile(r"\b(?:192\.0\.2|10\.0\.2)\.[0-9]|[a-z]\.example\b")


def is_instrument(line: str) -> bool:
    """Whether a rule, a domain's name or a line of exception policy is there for the harness alone."""
    return _MARK.search(line) is not None


def names_the_test(line: str) -> bool:
    """Whether a line holds an address or a name that scenarios give to their servers (RFC 5737, RFC 2606)."""
    return _TEST.search(line) is not None


def is_login(domain: str) -> bool:
    """Whether a domain is of a login on a text console, or of something started from one."""
    return _LOGIN in domain.split(" ")


def starts_login(line: str) -> bool:
    """Whether a rule lets such a login begin."""
    return line.startswith(f"file execute {_LOGIN} ")


def without_instruments(exceptions: ExceptionPolicy) -> tuple[ExceptionPolicy, tuple[str, ...]]:
    """An exception policy without the harness's lines, and those lines."""
    kept = tuple(entry for entry in exceptions.entries if not is_instrument(str(entry)))
    gone = tuple(str(entry) for entry in exceptions.entries if is_instrument(str(entry)))
    return ExceptionPolicy(kept, exceptions.prefixed, exceptions.source), gone


def leftovers(domains: DomainPolicy, exceptions: ExceptionPolicy) -> list[str]:
    """The lines of a policy that are there for the harness alone; there should be none."""
    found = [name for name in domains if is_instrument(name)]
    found += [line for domain in domains.values() for line in domain.rules if is_instrument(line)]
    return found + [str(entry) for entry in exceptions.entries if is_instrument(str(entry))]


def refuse_leftovers(lines: Iterable[str]) -> None:
    """Raise PolicyError when there are any."""
    lines = list(lines)
    if lines:
        shown = "\n".join(f"  {line}" for line in lines[:5])
        raise PolicyError(
            f"{len(lines)} lines of the harness's own are left in the policy:\n{shown}",
            expected="none: a released image has no agent and none of the harness's files",
            hint="do not name the harness's files in tuning rules and shares",
        )
