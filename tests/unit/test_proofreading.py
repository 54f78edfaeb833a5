"""Mistakes in features are found before a machine is started."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, when
from pytest_bdd.feature import get_features

import features
import steps
from harness.plugin.proofreading import mistakes

for module in pkgutil.iter_modules(steps.__path__):
    importlib.import_module(f"steps.{module.name}")

TASKS = '[numbers]\ntitle = "Numbers"\nsum = "Add numbers"\n'
GOOD = """@console-ready @task:numbers/sum
Feature: Numbers

  Scenario: Add
    Given I am logged in on the text console
    When I run "echo 3"
    Then the output says "3"
"""


def found(folder: Path, text: str, tasks: str = TASKS) -> list[str]:
    (folder / "numbers").mkdir()
    (folder / "tasks.toml").write_text(tasks)
    path = folder / "numbers" / "sum.feature"
    path.write_text(text)
    return mistakes(get_features([str(path)]))


def test_our_own_features_have_none() -> None:
    assert mistakes(get_features([str(Path(features.__file__).parent)])) == []


def test_an_icon_without_a_picture_is_a_mistake(tmp_path: Path) -> None:
    text = GOOD.replace('When I run "echo 3"', 'When I click the icon "eject"')
    (wrong,) = found(tmp_path, text)
    assert "no picture of the icon 'eject' is in" in wrong
    assert "tomograph picture take eject" in wrong
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "eject.json").write_text("{}")
    assert mistakes(get_features([str(tmp_path / "numbers" / "sum.feature")])) == []


def test_a_good_one_has_none(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ('When I run "echo 3"', 'When I runs "echo 3"', 'the nearest is: I run "{command...}"'),
        (
            'When I run "echo 3"',
            'When I try "id" as an administrator',
            'the nearest is: I try "{command...}"',
        ),
        ('Then the output says "3"', 'Then the output has "3"', "the nearest is: the output (says|"),
        (
            "I am logged in on the text console",
            'the letter "~/a.odt" that says "a"',
            "the nearest is: the {kind:file|",
        ),
        ("@console-ready ", "", "a scenario starts from exactly one of"),
        ("@console-ready ", "@console-ready @power-off ", "this one has @console-ready, @power-off"),
        ("@console-ready ", "@console-ready @fast ", "nobody knows the tag @fast"),
        ("numbers/sum", "numbers/product", "in its table [numbers] makes it one"),
        ("numbers/sum", "words/count", "in a new table [words] with a line `title"),
        (" @task:numbers/sum", "", "no tag says which task it exercises: @task:AREA/NAME"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    (mistake,) = found(tmp_path, GOOD.replace(wrong, right))
    assert said in mistake
    assert "sum.feature: " in mistake


def test_a_scenario_that_gherkin_takes_for_a_description_is_named(tmp_path: Path) -> None:
    nothing, word = found(tmp_path, GOOD.replace("Scenario: Add", "Scenaro: Add"))
    assert "no scenario in it" in nothing
    assert "'Scenaro: Add' begins nothing; meant is `Scenario:`" in word


VARIANT = """
  @variant @twin:numbers-sum.add
  Scenario: Add something else
    Given I am logged in on the text console
    When I run "echo 4"
"""


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("@twin:numbers-sum.add", "@twin:numbers-sum.ad", "the nearest is numbers-sum.add"),
        (" @twin:numbers-sum.add", "", "a variant without a tag @twin:ID"),
        ("@variant ", "", "belongs to what is not learned from"),
    ],
)
def test_what_is_wrong_with_a_twin_is_named(tmp_path: Path, wrong: str, right: str, said: str) -> None:
    (mistake,) = found(tmp_path, GOOD + VARIANT.replace(wrong, right))
    assert said in mistake
    assert "Add something else" in mistake


def test_a_variant_with_its_twin_has_no_mistake(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD + VARIANT) == []


OUTLINE = """@console-ready @task:numbers/sum
Feature: Numbers

  Scenario Outline: Run <program>
    Given the mouse moves <far>
    When I run "<program>"

    Examples:
      | program | far |
      | id      | 5   |
      | ls      | 7   |
"""


@given(parsers.parse("the mouse moves {far:d}"))
def mouse_moves(far: int) -> None:
    """A sentence with a number in it, which no `<placeholder>` is."""


def test_an_outline_is_read_row_by_row(tmp_path: Path) -> None:
    assert found(tmp_path, OUTLINE) == []


def test_a_row_that_makes_no_sentence_is_named(tmp_path: Path) -> None:
    (mistake,) = found(tmp_path, OUTLINE.replace("| ls      |", "|         |"))
    assert "line 6: no step knows When 'I run \"\"'" in mistake


@when(parsers.parse('I run "{command}" in the {place}'))
def run_somewhere(command: str, place: str) -> None:
    """A sentence that another one would take too, with the quotation mark in the middle."""


def test_a_sentence_that_two_would_take_is_named(tmp_path: Path) -> None:
    assert found(tmp_path, GOOD.replace('run "echo 3"', 'run "echo 3" in the garden')) == []
    (tmp_path / "again").mkdir()
    (mistake,) = found(tmp_path / "again", GOOD.replace('run "echo 3"', 'run "echo 3" in the "garden"'))
    assert """fits 'I run "{command...}"[ as """ in mistake
    assert """ and 'I run "{command}" in the {place}'; say it""" in mistake


def test_a_list_of_tasks_that_cannot_be_read_is_one(tmp_path: Path) -> None:
    (mistake,) = found(tmp_path, GOOD, "[numbers]\n")
    assert "the area numbers has no title" in mistake
