from collections.abc import Iterator

import pytest

from harness.services import Network
from harness.services.program import here
from tests.unit.services.loopback import Loopback


@pytest.fixture
def bind() -> Loopback:
    return Loopback()


@pytest.fixture
def network(bind: Loopback) -> Iterator[Network]:
    network = Network(bind, here)
    yield network
    network.close()
