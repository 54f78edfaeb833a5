"""What a rule's words mean: names, groups of names, numbers, internet addresses.

A name is a plain `str` in the kernel's spelling, wildcards included. Parsing and printing follow
`tomoyo_parse_name_union`, `tomoyo_parse_number_union` and `tomoyo_parse_ipaddr_union` with their print
counterparts (`security/tomoyo/util.c`, `common.c`, `network.c`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from harness.errors import PolicyError
from harness.policy.word import is_word

MAX_NUMBER = 2**64 - 1


class Radix(Enum):
    """How a number is written; the kernel remembers it and prints it so again."""

    DECIMAL = 10
    OCTAL = 8
    HEXADECIMAL = 16

    def text(self, number: int) -> str:
        """The number in this spelling: `10`, `012`, `0xA`."""
        if self is Radix.OCTAL:
            return f"0{number:o}"
        return f"0x{number:X}" if self is Radix.HEXADECIMAL else str(number)


@dataclass(frozen=True, slots=True)
class Group:
    """A reference to a `path_group`, `number_group` or `address_group`, by its name."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A number, or all from `first` to `last`."""

    first: int
    last: int
    first_radix: Radix = Radix.DECIMAL
    last_radix: Radix = Radix.DECIMAL

    def __str__(self) -> str:
        first = self.first_radix.text(self.first)
        if self.first == self.last and self.first_radix is self.last_radix:
            return first
        return f"{first}-{self.last_radix.text(self.last)}"

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last

    def covers(self, other: NumberRange) -> bool:
        """Whether each number of `other` is one of these."""
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class AddressRange:
    """An internet address, or all from `first` to `last`, both of one family."""

    first: IPv4Address | IPv6Address
    last: IPv4Address | IPv6Address

    def covers(self, other: AddressRange) -> bool:
        """Whether each address of `other` is one of these."""
        return (
            self.first.version == other.first.version
            and int(self.first) <= int(other.first)
            and int(other.last) <= int(self.last)
        )

    def __str__(self) -> str:
        first = _address_text(self.first)
        return first if self.first == self.last else f"{first}-{_address_text(self.last)}"


Operand = str | Group | NumberRange | AddressRange

_NUMBER = re.compile(r"0[xX]([0-9A-Fa-f]+)|0([0-7]+)|([0-9]+)")
_IPV4 = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)")


def parse_group(word: str) -> Group:
    """`@NAME` as a group."""
    if is_word(word[1:]):
        return Group(word[1:])
    raise PolicyError(f"not a group: {word}", expected="@ and a name")


def parse_name(word: str) -> str | Group:
    """A name, a pattern or `@GROUP`."""
    if word.startswith("@"):
        return parse_group(word)
    if is_word(word):
        return word
    raise PolicyError(
        f"not a name: {word!r}",
        expected=r"printable ASCII, a backslash only in \\, \ooo or a wildcard, \{dir\} only between slashes",
    )


def parse_numbers(word: str) -> NumberRange | Group:
    """A number, a range of numbers or `@GROUP`."""
    return parse_group(word) if word.startswith("@") else parse_number_range(word)


def parse_number_range(word: str) -> NumberRange:
    """A number or a range of numbers: decimal, octal with a leading 0, hexadecimal with a leading 0x."""
    first = _NUMBER.match(word)
    if first is not None:
        value, radix = _value(first)
        if first.end() == len(word) and value <= MAX_NUMBER:
            return NumberRange(value, value, radix, radix)
        last = _NUMBER.fullmatch(word, first.end() + 1) if word[first.end() :][:1] == "-" else None
        if last is not None:
            high, high_radix = _value(last)
            if value <= high <= MAX_NUMBER:
                return NumberRange(value, high, radix, high_radix)
    raise PolicyError(
        f"not a number: {word!r}",
        expected="decimal, 0octal or 0xhex up to 64 bits, or two of them with - between, ascending",
    )


def parse_addresses(word: str) -> AddressRange | Group:
    """An address, a range of addresses or `@GROUP`."""
    return parse_group(word) if word.startswith("@") else parse_address_range(word)


def parse_address_range(word: str) -> AddressRange:
    """An IPv4 or IPv6 address, or two of one family with `-` between."""
    low, dash, high = word.partition("-")
    try:
        first = _address(low)
        last = _address(high) if dash else first
        if first.version == last.version:
            return AddressRange(first, last)
    except AddressValueError:
        pass  # the error below says more
    raise PolicyError(
        f"not an internet address: {word!r}",
        expected="an IPv4 or IPv6 address, or two of one family with - between",
    )


def _value(match: re.Match[str]) -> tuple[int, Radix]:
    hexadecimal, octal, decimal = match.groups()
    if hexadecimal is not None:
        return int(hexadecimal, 16), Radix.HEXADECIMAL
    if octal is not None:
        return int(octal, 8), Radix.OCTAL
    return int(decimal), Radix.DECIMAL


def _address(text: str) -> IPv4Address | IPv6Address:
    if ":" in text:
        if "%" in text:
            raise AddressValueError("a zone")
        return IPv6Address(text)
    match = _IPV4.fullmatch(text)
    if match is None:
        raise AddressValueError("no IPv4 address")
    # The kernel takes leading zeros and reads them as decimal.
    return IPv4Address(bytes(_octet(part) for part in match.groups()))


def _octet(digits: str) -> int:
    if len(digits) > 4 or int(digits) > 255:
        raise AddressValueError("an octet beyond 255")
    return int(digits)


def _address_text(address: IPv4Address | IPv6Address) -> str:
    return str(address) if isinstance(address, IPv4Address) else _ipv6_text(address)


def _ipv6_text(address: IPv6Address) -> str:
    """The kernel's `%pI6c`: the longest run of zeros as `::`, a dotted end for IPv4-mapped and ISATAP."""
    packed = address.packed
    words = [int.from_bytes(packed[i : i + 2]) for i in range(0, 16, 2)]
    mapped = words[:6] == [0, 0, 0, 0, 0, 0xFFFF]
    isatap = words[4] | 0x0200 == 0x0200 and words[5] == 0x5EFE
    dotted = mapped or isatap
    parts = [f"{word:x}" for word in words[: 6 if dotted else 8]]
    if dotted:
        parts.append(str(IPv4Address(packed[12:])))
    start, length = _longest_zeros(words[: 6 if dotted else 8])
    if length < 2:
        return ":".join(parts)
    return f"{':'.join(parts[:start])}::{':'.join(parts[start + length :])}"


def _longest_zeros(words: list[int]) -> tuple[int, int]:
    best, length, start = 0, 0, 0
    for index, word in enumerate([*words, 1]):
        if word:
            if index - start > length:
                best, length = start, index - start
            start = index + 1
    return best, length
