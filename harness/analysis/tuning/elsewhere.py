"""Everywhere but this computer, as a group of addresses.

A scenario's servers have addresses that no real server has (RFC 5737), so a policy that kept them would keep
its programs from every real one. What a program learned is that it asks other computers.
"""

from __future__ import annotations

from harness.policy.exception_policy import Entry, GroupMember
from harness.policy.operand import AddressRange, Group, parse_address_range

ELSEWHERE = Group("ELSEWHERE")

# All but loopback and the unspecified address, which a connection takes for it (ip(7)); also where an IPv4
# address is written as an IPv6 one (RFC 4291, 2.5.5.2).
_RANGES = (
    "1.0.0.0-126.255.255.255",
    "128.0.0.0-255.255.255.255",
    "::2-::fffe:ffff:ffff",
    "::ffff:1.0.0.0-::ffff:126.255.255.255",
    "::ffff:128.0.0.0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)
_MEMBERS = tuple(map(parse_address_range, _RANGES))


def members() -> tuple[Entry, ...]:
    """The entries of exception policy that the group is made of."""
    return tuple(GroupMember("address_group", ELSEWHERE.name, one) for one in _MEMBERS)


def is_elsewhere(addresses: AddressRange) -> bool:
    """Whether the group holds all of a range."""
    return any(one.covers(addresses) for one in _MEMBERS)
