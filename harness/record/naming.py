"""Names of folders: a scenario's ID is stable between runs, readable, and one path component."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

_LONGEST = 120


def slug(text: str) -> str:
    """`text` in lower case letters, digits and single hyphens; may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower().replace("'", "")).strip("-")


_REPETITION = "~"


def with_repetition(identity: str, repetition: int) -> str:
    """The ID of a scenario's later repetition: the first one has the plain ID."""
    return identity if repetition == 1 else f"{identity}{_REPETITION}{repetition}"


def without_repetition(identity: str) -> str:
    """The ID that all repetitions of a scenario share."""
    return identity.partition(_REPETITION)[0]


def scenario_id(feature: str | PurePath, name: str, example: Mapping[str, str] | None = None) -> str:
    """The ID of a scenario: `AREA-FEATURE.NAME`, for a row of an outline with the row's values behind.

    A name too long for a folder, or without any Latin letter, ends in a checksum of the whole.

    Args:
        feature: path of the feature file; what stands before its last `features` folder is left out.
        name: the scenario's name.
        example: the row of an outline, column → value.
    """
    parts = PurePath(str(feature).removesuffix(".feature")).parts
    if "features" in parts:
        parts = parts[len(parts) - parts[::-1].index("features") :]
    values = tuple((example or {}).values())
    title = slug(" ".join((name, *values)))
    result = f"{slug('-'.join(parts)) or 'feature'}.{title}"
    if title and len(result) <= _LONGEST:
        return result
    checksum = hashlib.sha256("\0".join((*parts, name, *values)).encode("utf-8", "replace")).hexdigest()[:8]
    return f"{result[:_LONGEST].rstrip('-.')}.{checksum}"
