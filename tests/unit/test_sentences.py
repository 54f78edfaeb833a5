"""Each sentence of the features is known: what no step definition knows would be found out on a machine."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.parser import Step
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

import features
import steps

for module in pkgutil.iter_modules(steps.__path__):
    importlib.import_module(f"steps.{module.name}")
KNOWN = list(step_function_context_registry.values())


def meanings(step: Step) -> list[StepFunctionContext]:
    return [one for one in KNOWN if one.type == step.type and one.parser.is_matching(step.name)]


FEATURES = get_features([str(Path(features.__file__).parent)])


@pytest.mark.parametrize("path", [pytest.param(one.filename, id=one.rel_filename) for one in FEATURES])
def test_each_sentence_is_known(path: str) -> None:
    (feature,) = get_features([path])
    for scenario in feature.scenarios.values():
        for step in scenario.steps:
            assert meanings(step), f"{scenario.name}: {step.type} {step.name}"
