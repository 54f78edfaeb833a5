import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture
def corpus() -> Callable[[str], bytes]:
    """Files that this project's own machines wrote."""
    return lambda name: gzip.decompress((CORPUS / f"{name}.gz").read_bytes())
