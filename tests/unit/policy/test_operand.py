"""Names, numbers and addresses."""

from __future__ import annotations

import pytest
from hypothesis import given

from harness.errors import PolicyError
from harness.policy.operand import (
    Group,
    NumberRange,
    Radix,
    parse_addresses,
    parse_name,
    parse_number_range,
    parse_numbers,
)
from tests.unit.policy.strategies import ADDRESSES, NAME_OPERANDS, numbers


@given(numbers())
def test_numbers_come_back(value):
    assert parse_numbers(str(value)) == value


@given(ADDRESSES)
def test_addresses_come_back(value):
    assert parse_addresses(str(value)) == value


@given(NAME_OPERANDS)
def test_names_come_back(value):
    assert parse_name(str(value)) == value


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0", "0"),
        ("00", "00"),
        ("0755", "0755"),
        ("0X1f", "0x1F"),
        ("08", "8"),  # an 8 is no octal digit, so the kernel reads a decimal number
        ("007", "07"),
        ("5-5", "5"),
        ("8-010", "8-010"),
        ("18446744073709551615", "18446744073709551615"),
    ],
)
def test_the_kernels_spelling_of_numbers(text, printed):
    assert str(parse_numbers(text)) == printed


@pytest.mark.parametrize(
    "text", ["", "-", "1-", "-1", "2-1", "1-2-3", "0x", "1a", "@", "18446744073709551616", "+1", "1-@a"]
)
def test_no_numbers(text):
    with pytest.raises(PolicyError):
        parse_numbers(text)


def test_a_group_is_no_range():
    assert parse_numbers("@PORTS") == Group("PORTS")
    with pytest.raises(PolicyError):
        parse_number_range("@PORTS")


def test_a_range_contains_its_ends():
    values = NumberRange(1, 3, Radix.DECIMAL, Radix.OCTAL)
    assert [number in values for number in range(5)] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("010.00.0.1", "10.0.0.1"),
        ("10.0.0.1-10.0.0.1", "10.0.0.1"),
        ("10.0.0.0-10.255.255.255", "10.0.0.0-10.255.255.255"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("1:0:2:0:0:3:0:0", "1:0:2::3:0:0"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("FE80:0::1-fe80::FFFF", "fe80::1-fe80::ffff"),
        ("::ffff:a00:1", "::ffff:10.0.0.1"),
        ("1::5efe:a00:1", "1::5efe:10.0.0.1"),
    ],
)
def test_the_kernels_spelling_of_addresses(text, printed):
    assert str(parse_addresses(text)) == printed


@pytest.mark.parametrize(
    "text", ["", "10.0.0", "10.0.0.256", "1.2.3.4-::1", "fe80::1%eth0", "1.2.3.4-", "a", "@"]
)
def test_no_addresses(text):
    with pytest.raises(PolicyError):
        parse_addresses(text)


@pytest.mark.parametrize("text", ["", "@", "a\\", "@a b"])
def test_no_names(text):
    with pytest.raises(PolicyError):
        parse_name(text)
