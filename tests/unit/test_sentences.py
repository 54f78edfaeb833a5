"""The document about the sentences has each of them, with an example that its step definition takes."""

import importlib
import pkgutil
import re
from pathlib import Path

from pytest_bdd.steps import step_function_context_registry

import features
import steps
from harness.plugin.proofreading import forms

for module in pkgutil.iter_modules(steps.__path__):
    importlib.import_module(f"steps.{module.name}")

PAGE = Path(features.__file__).parents[1] / "docs" / "sentences.md"
# pytest-bdd has a sentence of its own.
KNOWN = [
    one for one in step_function_context_registry.values() if one.step_func.__module__.startswith("steps.")
]
EXAMPLES = [
    (kind, form)
    for kind, said in re.findall(r"^\| (Given|When|Then) (.+?) \|", PAGE.read_text(), re.MULTILINE)
    for form in forms(said)
]


def test_every_sentence_has_an_example() -> None:
    lacking = [
        f"{one.type} {one.parser.name}"
        for one in KNOWN
        if not any(one.parser.is_matching(said) for _, said in EXAMPLES)
    ]
    assert lacking == []


def test_every_example_is_a_sentence() -> None:
    assert len(EXAMPLES) > 50
    wrong = [
        f"{kind} {said}"
        for kind, said in EXAMPLES
        if not any(one.type == kind.lower() and one.parser.is_matching(said) for one in KNOWN)
    ]
    assert wrong == []
