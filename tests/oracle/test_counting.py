"""The kernel counts what it denies, also what it has no room for in its audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from harness.analysis.denials import denials
from harness.policy.stat import parse_stat
from harness.record.drains import Drain
from tests.oracle.kernel import Kernel

_DOMAIN = "<kernel> /sbin/init"
_COUNTER = "violation in enforcing mode"


@pytest.fixture
def fresh() -> Iterator[Kernel]:
    """A kernel of its own: the others share one, whose audit has other records."""
    with Kernel() as running:
        yield running


@pytest.mark.parametrize(("tries", "room", "lost"), [(3, 5, 0), (5, 5, 0), (12, 5, 7)])
def test_denials_without_a_record_are_counted(
    fresh: Kernel, agreed: Counter[str], tries: int, room: int, lost: int
) -> None:
    _, before, *answers, after, audit = fresh.ask(
        [
            "profile PROFILE_VERSION=20150505",
            "profile 3-CONFIG={ mode=enforcing grant_log=no reject_log=yes }",
            f"profile 3-PREFERENCE={{ max_audit_log={room} max_learning_entry=0 }}",
            "fixture file /t/a 0644 0 0",
            f"domain {_DOMAIN}",
            "show audit",  # the news of its first domain is in there
            "show stat",
            *["access open /t/a 0"] * tries,
            "show stat",
            "show audit",
        ]
    )
    assert answers == ["1"] * tries
    counted = parse_stat(after).policy[_COUNTER].count - parse_stat(before).policy[_COUNTER].count
    assert counted == tries
    found = denials([Drain(None, datetime.now(UTC), audit.encode("latin-1"))], ring=65536, counted=counted)
    assert sum(denial.count for denial in found.denials) == tries - lost
    assert found.lost == lost
    agreed["a denial, counted"] += tries
