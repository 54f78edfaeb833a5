"""Every check has a page that says what it needs to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.policy.lint import CHECKS

PAGES = Path(__file__).parents[4] / "docs" / "lint"


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_has_a_page(check):
    page = (PAGES / f"{check}.md").read_text()
    assert page.startswith(f"# {check}\n")
    for heading in ("## Problem", "## What to do", "## When to waive"):
        assert heading in page


def test_a_page_has_a_check():
    assert {path.stem for path in PAGES.glob("*.md")} - {"README"} == set(CHECKS)
