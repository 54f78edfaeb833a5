"""One kernel for all tests here, and a count of what was compared with it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import hypothesis.core
import pytest

from tests.oracle.kernel import Kernel

_AGREED: Counter[str] = Counter()
_SEED = "--hypothesis-seed"


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed here when nobody did, so that it can be printed."""
    if config.getoption(_SEED) is None:
        # What the plugin of hypothesis does with the option's value; it has no public setter.
        hypothesis.core.global_force_seed = random.randrange(10**9)


@pytest.fixture(scope="session")
def kernel() -> Iterator[Kernel]:
    with Kernel() as running:
        yield running


@pytest.fixture(scope="session")
def agreed() -> Counter[str]:
    """How many cases of which kind the kernel and the policy engine answered alike."""
    return _AGREED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("agreed with the kernel")
    for kind, count in sorted(_AGREED.items()):
        terminalreporter.write_line(f"{count:8,}  {kind}")
    terminalreporter.write_line(f"replay: {_SEED}={hypothesis.core.global_force_seed}")
