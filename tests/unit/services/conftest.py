from collections.abc import Iterator

import pytest

from harness.services import Network
from tests.unit.services.loopback import Loopback


@pytest.fixture
def bind() -> Loopback:
    return Loopback()


@pytest.fixture
def network(bind: Loopback) -> Iterator[Network]:
    network = Network(bind)
    yield network
    network.close()
