"""The corpus of real policies."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], bytes]:
    """A file of the corpus by its name, unpacked."""

    def read(name: str) -> bytes:
        data = (CORPUS / name).read_bytes()
        return gzip.decompress(data) if name.endswith(".gz") else data

    return read
