"""The record's JSON Schema, for readers in other languages.

`python -m harness.record.json_schema` prints it; `docs/record.schema.json` holds it.
"""

from __future__ import annotations

import json
import sys

from pydantic.json_schema import models_json_schema

from harness.record.loop import Loop
from harness.record.schema import (
    CheckpointRecord,
    Event,
    Manifest,
    RuleProvenance,
    ScenarioRecord,
    VerdictRecord,
)


def json_schema() -> str:
    """The schema of all JSON files of a run, one definition a file or line."""
    documents = (Manifest, CheckpointRecord, ScenarioRecord, VerdictRecord, Event, RuleProvenance, Loop)
    _, schema = models_json_schema(
        [(document, "validation") for document in documents], title="A run of Tomograph"
    )
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json_schema())
