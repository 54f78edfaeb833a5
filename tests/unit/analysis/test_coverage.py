"""Each task has an answer, each scenario a task; what has none is named."""

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import features
from harness.analysis.coverage import coverage
from harness.analysis.tasks import (
    Area,
    Task,
    WrittenScenario,
    learned,
    mistaken_twin,
    read_scenarios,
    read_tasks,
)
from harness.errors import RecordError
from harness.record import Manifest, Run, RunWriter, scenario_id
from harness.report.coverage import coverage_page, coverage_view, summary

FEATURES = Path(features.__file__).parent
NOW = "2026-11-22T18:45:00Z"
TEA = Task("kitchen", "tea", "Make tea")
OVEN = Task("kitchen", "bake", "Bake a cake", "needs hardware: an oven")
KITCHEN = Area("kitchen", "The kitchen", (TEA, OVEN))


def written(*tags: str, feature: str = "kitchen/kettle.feature") -> WrittenScenario:
    name = "The kettle boils"
    return WrittenScenario(feature, name, frozenset(tags), (scenario_id(feature, name),))


def recorded(path: Path, outcome: str, mode: str = "learning") -> Run:
    manifest = {"run": "r", "started": NOW, "mode": mode}
    writer = RunWriter.create(path, Manifest.model_validate(manifest))
    if outcome:
        tags = ["task:kitchen/tea"]
        writer.scenario("kitchen/kettle.feature", "The kettle boils", tags=tags).finish(
            outcome, error="no kettle"
        )  # type: ignore[arg-type]
    return Run.read(path)


def test_a_task_has_a_scenario_or_a_reason() -> None:
    found = coverage([KITCHEN], [written("task:kitchen/tea", "slow")])
    assert found.complete
    assert [bool(answer.scenarios) for answer in found.answers] == [True, False]


def test_a_task_with_neither_is_open() -> None:
    found = coverage([KITCHEN], [])
    assert [answer.task for answer in found.open] == [TEA]
    assert not found.complete


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        (written("slow"), "it has no tag @task:AREA/NAME"),
        (written("task:kitchen/tea", "task:kitchen/coffee"), "no such task: kitchen/coffee"),
        (written("task:kitchen/tea", feature="garden/x.feature"), "its folder garden is no area"),
        (written("variant"), "a variant without a tag @twin:ID of what is learned"),
        (written("variant", "twin:kitchen-oven.x"), "no such scenario to be the twin of: kitchen-oven.x"),
        (written("refused", "twin:kitchen-oven.x"), "no such scenario to be the twin of: kitchen-oven.x"),
    ],
)
def test_a_scenario_without_a_task_or_a_twin_is_a_stray(scenario: WrittenScenario, problem: str) -> None:
    found = coverage([KITCHEN], [written("task:kitchen/tea"), scenario])
    assert [one for _scenario, one in found.strays] == [problem]
    assert not found.complete


def test_a_variant_is_the_twin_of_what_is_learned() -> None:
    tea = written("task:kitchen/tea")
    twin = written("variant", f"twin:{tea.ids[0]}", feature="variants/x.feature")
    assert coverage([KITCHEN], [tea, twin]).complete
    # What must be refused is not learned from, so nothing can be its twin.
    control = written("refused", "task:kitchen/tea")
    assert [why for _one, why in coverage([KITCHEN], [control, twin]).strays] == [
        f"no such scenario to be the twin of: {tea.ids[0]}"
    ]


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        ("passed", ""),
        ("skipped", ""),
        ("failed", "not passed in the run: failed"),
        ("", "not in the run"),
    ],
)
def test_a_run_has_to_have_exercised_it(tmp_path: Path, outcome: str, problem: str) -> None:
    found = coverage([KITCHEN], [written("task:kitchen/tea")], recorded(tmp_path / "run", outcome))
    assert [answer.problem for answer in found.answers] == [problem, ""]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[kitchen]\ntea = 'Make tea'", "the area kitchen has no title"),
        ("[kitchen]\ntitle = 'K'\ntea = { title = 'x', without = 'time', because = 'y' }", "kitchen.tea"),
        ("[kitchen]\ntitle = 'K'\ntea = { title = 'x', without = 'tails' }", "kitchen.tea"),
        ("kitchen", "cannot be read"),
        ("\udc80", "cannot be read"),
    ],
)
def test_a_list_of_another_shape_is_refused(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "tasks.toml"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(RecordError, match=error):
        read_tasks(path)


@pytest.mark.parametrize(("mode", "problem"), [("learning", ""), ("enforcing", "not in the run")])
def test_what_must_be_refused_need_not_be_tried_while_learning(
    tmp_path: Path, mode: str, problem: str
) -> None:
    written_down = [written("task:kitchen/tea", "refused")]
    found = coverage([KITCHEN], written_down, recorded(tmp_path / "run", "", mode))
    assert [answer.problem for answer in found.answers] == [problem, ""]


def test_what_a_run_skipped_is_told_apart_with_its_reason(tmp_path: Path) -> None:
    found = coverage([KITCHEN], [written("task:kitchen/tea")], recorded(tmp_path / "run", "skipped"))
    assert summary(found) == "2 tasks in 1 area: 0 exercised, 1 not possible here, 1 skipped, 0 open"
    told = StringIO()
    Console(file=told, width=100).print(coverage_view(found))
    assert "skipped The kettle boils: no kettle" in told.getvalue()


def test_repetitions_are_counted_and_one_that_was_broken_off_is_left_out(tmp_path: Path) -> None:
    run = RunWriter.create(tmp_path / "run", Manifest.model_validate({"run": "r", "started": NOW}))
    one = written("task:kitchen/tea")
    for repetition, outcome in enumerate(("passed", "passed", "running"), 1):
        scenario = run.scenario(one.feature, one.name, tags=["task:kitchen/tea"], repetition=repetition)
        if outcome == "passed":
            scenario.finish("passed")
    found = coverage([KITCHEN], [one], Run.read(tmp_path / "run"))
    told = StringIO()
    Console(file=told, width=100).print(coverage_view(found))
    assert "2 passed The kettle boils" in told.getvalue()
    assert "interrupted" not in told.getvalue()
    assert "*2 passed*" in coverage_page(found)
    # Where there is no other try, it is told.
    alone = RunWriter.create(tmp_path / "alone", Manifest.model_validate({"run": "r", "started": NOW}))
    alone.scenario(one.feature, one.name, tags=["task:kitchen/tea"])
    (answer, _) = coverage([KITCHEN], [one], Run.read(tmp_path / "alone")).answers
    assert answer.problem == "not passed in the run: running"


def test_two_scenarios_of_one_name_are_no_repetitions(tmp_path: Path) -> None:
    run = RunWriter.create(tmp_path / "run", Manifest.model_validate({"run": "r", "started": NOW}))
    both = [written("task:kitchen/tea", feature=f"kitchen/{name}.feature") for name in ("kettle", "stove")]
    for one in both:
        run.scenario(one.feature, one.name, tags=["task:kitchen/tea"]).finish("passed")
    told = StringIO()
    Console(file=told, width=100).print(coverage_view(coverage([KITCHEN], both, Run.read(tmp_path / "run"))))
    assert told.getvalue().count("passed The kettle boils") == 2
    assert "2 passed" not in told.getvalue()


OUTLINE = """
@desktop-ready @task:kitchen/tea
Feature: Kettles

  Scenario Outline: Boil the <kettle>
    When I run "boil <kettle>"

    Examples:
      | kettle |
      | red    |
      | blue   |
"""


def outline(folder: Path) -> Path:
    """A folder of features whose one feature lies two folders down."""
    file = folder / "kitchen" / "stove" / "kettles.feature"
    file.parent.mkdir(parents=True)
    file.write_text(OUTLINE)
    (folder / "tasks.toml").write_text("[kitchen]\ntitle = 'K'\ntea = 'Make tea'\n")
    return folder


def test_each_row_of_an_outline_has_its_id_and_outcome(tmp_path: Path) -> None:
    folder = outline(tmp_path / "mine")
    (one,) = read_scenarios(folder)
    assert (one.feature, one.name) == ("kitchen/stove/kettles.feature", "Boil the <kettle>")
    run = RunWriter.create(tmp_path / "run", Manifest.model_validate({"run": "r", "started": NOW}))
    for kettle, outcome in (("red", "passed"), ("blue", "failed")):
        example = {"kettle": kettle}
        writer = run.scenario(one.feature, f"Boil the {kettle}", example=example, tags=["task:kitchen/tea"])
        writer.finish(outcome, error="no water" if outcome == "failed" else "")  # type: ignore[arg-type]
    record = Run.read(tmp_path / "run")
    assert set(one.ids) == {scenario.id for scenario in record.scenarios}
    (answer,) = coverage(read_tasks(folder / "tasks.toml"), [one], record).answers
    assert answer.outcomes(one) == {"passed": 1, "failed": 1}
    twin = written("variant", f"twin:{one.ids[1]}")
    assert mistaken_twin(twin, learned([one])) == ""


def test_a_folder_of_features_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(outline(tmp_path / "mine"))
    assert read_scenarios(tmp_path / "link") == read_scenarios(tmp_path / "mine")


def test_each_task_has_an_answer_and_each_scenario_a_task() -> None:
    areas, scenarios = read_tasks(FEATURES / "tasks.toml"), read_scenarios(FEATURES)
    assert len(scenarios) > 100
    found = coverage(areas, scenarios)
    assert [answer.task.id for answer in found.open] == []
    assert found.strays == ()


def test_the_page_in_the_documentation_is_this_one() -> None:
    found = coverage(read_tasks(FEATURES / "tasks.toml"), read_scenarios(FEATURES))
    page = FEATURES.parent / "docs" / "user-tasks.md"
    without_outcomes = re.sub(r": \*[^*]+\*|\nWhat became of each in a run [^\n]+\n", "", page.read_text())
    hint = "tomograph coverage [RUN] --page docs/user-tasks.md"
    assert without_outcomes.partition("\n##")[2] == coverage_page(found).partition("\n##")[2], hint


def test_the_page_tells_what_became_of_each_in_a_run(tmp_path: Path) -> None:
    run = recorded(tmp_path / "run", "passed")
    page = coverage_page(coverage([KITCHEN], [written("task:kitchen/tea")], run), run)
    assert "What became of each in a run of 2026-11-22" in page
    assert "| `kitchen/tea` | Make tea | The kettle boils (`kitchen/kettle.feature`): *passed* |" in page
