"""Which scenarios run: while TOMOYO learns, nothing that must not be learned from unless it is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.parser import ScenarioTemplate

import features
from harness import plugin
from harness.errors import HostError
from harness.lab.run import RunOptions
from harness.plugin import _leave_out_controls, _leave_out_unlearned
from harness.record import Manifest, Run, RunWriter, ShippedPolicy
from harness.record.explanation import Explanation, Source
from harness.record.schema import Mode
from tests.unit.enforced_run import POLICY


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


WRITE = "documents-text.write-a-text-and-save-it"


class Written:
    """A test of a scenario as it is written."""

    def __init__(self, template: ScenarioTemplate, repetition: int) -> None:
        self.template = template
        self.callspec = SimpleNamespace(params={"tomograph_repetition": repetition})

    @property
    def words(self) -> tuple[str, str]:
        carried = self.template.tags | self.template.feature.tags
        kinds = carried & {"refused", "variant"}
        return (kinds or {"task"}).pop(), self.template.name


def done_under(policy: Path, monkeypatch: pytest.MonkeyPatch, *, unlearned: bool = False) -> list[Written]:
    """What of Tomograph's own features is done under the policy in a folder."""
    monkeypatch.setattr(plugin, "_template", lambda item: item.template)
    folder = str(Path(features.__file__).parent)
    templates = [one for feature in get_features([folder]) for one in feature.scenarios.values()]
    items = [Written(template, repetition) for repetition in (1, 2) for template in templates]
    hook = SimpleNamespace(pytest_deselected=lambda items: None)
    config = cast(pytest.Config, SimpleNamespace(hook=hook, stash=pytest.Stash()))
    options = RunOptions(image="", run="", policy=str(policy), mode="enforcing", unlearned=unlearned)
    _leave_out_unlearned(config, cast("list[pytest.Item]", items), options)
    assert len(items) % 2 == 0  # each time the same
    assert config.stash.get(plugin._UNLEARNED, 0) == len(templates) - len(items) // 2
    return items[: len(items) // 2]


def test_a_policy_is_held_to_the_tasks_that_it_was_made_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sources = (
        Source(run=0, kind="checkpoint", id="desktop-ready"),
        Source(run=0, kind="scenario", id=f"{WRITE}~2", outcome="passed"),
        Source(run=0, kind="scenario", id="files-folder.make-a-folder", outcome="failed", used=False),
    )
    made = replace(POLICY, explanation=Explanation(sources=sources))
    made.write(tmp_path)
    done = [one.words for one in done_under(tmp_path, monkeypatch)]
    assert [words for words in done if words[0] != "refused"] == [
        ("task", "Write a text and save it"),
        ("variant", "Write another text and save it under another name"),
    ]
    refused = [name for kind, name in done if kind == "refused"]
    assert len(refused) > 10  # whatever was learned
    assert "The shell reads another user's file" in refused
    # Who never learned to start an archiver is refused that, and not the keys.
    assert "An archive takes a GnuPG key along" not in refused
    assert len(done_under(tmp_path, monkeypatch, unlearned=True)) > 150


def test_a_policy_that_does_not_say_what_it_was_made_from_is_held_to_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    replace(POLICY, explanation=None).write(tmp_path)
    assert ShippedPolicy.read(tmp_path).explanation is None
    assert len(done_under(tmp_path, monkeypatch)) > 150


def test_a_scenario_that_has_no_machine_is_in_the_record(tmp_path: Path) -> None:
    run = RunWriter.create(
        tmp_path / "run", Manifest.model_validate({"run": "run", "started": "2026-11-22T18:45:00Z"})
    )

    def refuse(name: str) -> NoReturn:
        raise HostError(f"libvirt cannot open the {name}")

    (feature,) = get_features([str(Path(features.__file__).parent / "documents" / "text.feature")])
    template = next(iter(feature.scenarios.values()))
    config = SimpleNamespace(stash={plugin._OPTIONS: RunOptions(image="x.iso", run=str(run.path))})
    request = SimpleNamespace(config=config, node=SimpleNamespace(), getfixturevalue=refuse)
    with pytest.raises(HostError, match="cannot open the lab"):
        plugin.pytest_bdd_before_scenario(cast("Any", request), feature, template.render({}))
    (scenario,) = Run.read(run.path).scenarios
    assert (scenario.record.outcome, scenario.record.fault) == ("error", "host")
    assert "cannot open the lab" in scenario.record.error
