from pathlib import Path

from harness.record.json_schema import json_schema

DOCUMENT = Path(__file__).parents[3] / "docs/record.schema.json"


def test_the_schema_in_the_documentation_is_current() -> None:
    # `python -m harness.record.json_schema > docs/record.schema.json` writes it anew.
    assert DOCUMENT.read_text() == json_schema()
