"""Which scenarios run: while TOMOYO learns, nothing that must not be learned from unless it is asked for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from harness.plugin import _leave_out_controls
from harness.record.schema import Mode


class Item:
    def __init__(self, *tags: str) -> None:
        self.tags = tags

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.tags else None


@pytest.mark.parametrize(
    ("mode", "expression", "left"),
    [
        ("learning", "", ["task"]),
        ("learning", "console-ready", ["task"]),
        ("learning", "refused", ["task", "refused"]),
        ("learning", "variant and console-ready", ["task", "variant"]),
        ("permissive", "", ["task", "variant", "refused"]),
        ("enforcing", "", ["task", "variant", "refused"]),
    ],
)
def test_controls_and_variants(mode: Mode, expression: str, left: list[str]) -> None:
    told: list[object] = []

    def deselected(items: list[object]) -> None:
        told.extend(items)

    hook = SimpleNamespace(pytest_deselected=deselected)
    config = cast(pytest.Config, SimpleNamespace(option=SimpleNamespace(markexpr=expression), hook=hook))
    items = [Item("task"), Item("variant"), Item("refused")]
    kept = cast("list[pytest.Item]", list(items))
    _leave_out_controls(config, kept, mode)
    assert [cast(Item, item).tags[0] for item in kept] == left
    assert len(told) == 3 - len(left)


def test_under_a_policy_tasks_alone_are_done_again() -> None:
    class Again(Item):
        callspec = SimpleNamespace(params={"tomograph_repetition": 2})

    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config = cast(pytest.Config, SimpleNamespace(option=SimpleNamespace(markexpr=""), hook=hook))
    kept = cast("list[pytest.Item]", [Item("variant"), Again("task"), Again("variant"), Again("refused")])
    _leave_out_controls(config, kept, "enforcing")
    assert [(type(item).__name__, cast(Item, item).tags[0]) for item in kept] == [
        ("Item", "variant"),
        ("Again", "task"),
    ]
