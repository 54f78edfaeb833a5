"""The pytest plugin: scenarios of pytest-bdd, each from its checkpoint to its record.

It is loaded by `features/conftest.py`, so a `pytest` over anything else never hears of machines. With
pytest-xdist the controller prepares image, overlay and run folder; each worker has a machine of its own.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.parser import Feature, Scenario, ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry

from harness.analysis.tasks import feature_path, twins_of
from harness.errors import TomographError
from harness.guest.agent import Agent
from harness.lab import tags
from harness.lab.kept import kept_name
from harness.lab.lab import Lab
from harness.lab.life import Life, fault_of
from harness.lab.run import RunOptions, begin_run, close_run, open_worker
from harness.lab.tags import NOT_LEARNED_FROM
from harness.plugin.proofreading import mistakes
from harness.record.naming import scenario_id
from harness.record.reader import Run
from harness.record.schema import Mode, ScenarioRecord
from harness.report.junit import write_junit
from harness.report.page import write_page
from harness.user.person import Person

_OPTIONS = pytest.StashKey[RunOptions]()
_LIFE = pytest.StashKey[Life]()
_KEEP = pytest.StashKey[str]()
_UNLEARNED = pytest.StashKey[int]()
_REPETITION = "tomograph_repetition"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; `tomograph learn` passes its own on to them."""
    group = parser.getgroup("tomograph", "Tomograph: learn what scenarios need")
    group.addoption(
        "--image", default="", help="the ISO under test; default: the reference desktop, built if need be"
    )
    group.addoption("--run-dir", default="", help="where the record goes; default: runs/ and the date")
    group.addoption("--resume", action="store_true", help="go on with the run in --run-dir where it stopped")
    group.addoption(
        "--accel", default="auto", choices=("auto", "kvm", "tcg"), help="default: KVM where it works"
    )
    group.addoption(
        "--connect", default="qemu:///embed", help="libvirt's URI; default: %(default)s, no daemon"
    )
    group.addoption("--memory", type=int, default=4096, help="MiB of a machine; default: %(default)s")
    group.addoption("--vcpus", type=int, default=2, help="processors of a machine; default: %(default)s")
    group.addoption(
        "--isolation",
        default="checkpoint",
        choices=("checkpoint", "session"),
        help="each scenario from a checkpoint, or all in one boot; default: %(default)s",
    )
    group.addoption("--repeat", type=int, default=1, help="how often each scenario is tried; default: once")
    group.addoption("--fresh", action="store_true", help="boot even where an earlier boot's record is kept")
    group.addoption("--append", default="", help="words for the end of the kernel's command line")
    group.addoption(
        "--exception", action="append", default=[], metavar="LINE",
        help="a line that chooses domains, for the policy that TOMOYO begins to learn with; may be repeated",
    )  # fmt: skip
    group.addoption("--policy", default="", help="the policy to enforce; default: none, TOMOYO learns")
    group.addoption(
        "--all-tasks", action="store_true",
        help="with --policy: also the tasks that it was not made from, and their variants",
    )  # fmt: skip
    group.addoption(
        "--permissive", action="store_true", help="with --policy: log what it does not admit, deny nothing"
    )
    group.addoption(
        "--start",
        default="boot",
        choices=("boot", "checkpoint"),
        help="with --policy: in force from the boot on, or loaded into a checkpoint; default: %(default)s",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make tags known, and find out which run this process works on."""
    for tag, meaning in tags.MEANING.items():
        config.addinivalue_line("markers", f"{tag}: {meaning}")
    handed_down = getattr(config, "workerinput", {}).get("tomograph")
    if handed_down is not None:
        config.stash[_OPTIONS] = RunOptions.model_validate_json(handed_down)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Prepare the image and begin the run, in the controller."""
    config = session.config
    if _OPTIONS in config.stash or config.option.collectonly:
        return
    option = config.getoption
    if option("--policy") and option("--start") == "checkpoint" and option("--isolation") == "session":
        raise pytest.UsageError("--start checkpoint loads the policy at a checkpoint; a session goes to none")
    asked = RunOptions(
        image=option("--image"),
        run=option("--run-dir"),
        resume=option("--resume"),
        accelerator=option("--accel"),
        connect=option("--connect"),
        memory=option("--memory"),
        vcpus=option("--vcpus"),
        isolation=option("--isolation"),
        append=option("--append"),
        fresh=option("--fresh"),
        repeat=option("--repeat"),
        exceptions=option("--exception"),
        policy=option("--policy"),
        mode=_mode(config),
        start=option("--start"),
        unlearned=option("--all-tasks"),
    )
    try:
        options = begin_run(asked, say=_say)
        claim = contextlib.ExitStack()
        claim.enter_context(open_worker(options, "main").claimed())
    except TomographError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[_OPTIONS] = options
    config.add_cleanup(claim.close)


def _say(text: str) -> None:
    print(f"==> {text}", flush=True)  # noqa: T201 - before pytest reports anything


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the run down to a worker of pytest-xdist."""
    node.workerinput["tomograph"] = node.config.stash[_OPTIONS].model_dump_json()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Close the record and write its page and JUnit XML, in the controller."""
    config = session.config
    if _OPTIONS in config.stash and not hasattr(config, "workerinput"):
        close_run(config.stash[_OPTIONS])
        run = Run.read(Path(config.stash[_OPTIONS].run))
        write_junit(run, run.path / "junit.xml")
        write_page(run, run.path / "report.html")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With --repeat, each scenario as often, the whole suite over before it begins again."""
    times = metafunc.config.getoption("--repeat")
    if times > 1 and scenario_wrapper_template_registry.get(metafunc.function) is not None:
        metafunc.fixturenames.append(_REPETITION)
        metafunc.parametrize(_REPETITION, range(1, times + 1), indirect=True, scope="session")


@pytest.fixture(scope="session")
def tomograph_repetition(request: pytest.FixtureRequest) -> int:
    """Which time a scenario is tried, from 1."""
    return int(request.param)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let -k find a scenario by its id in the record, which names the area and the feature too."""
    if (identity := _identity(item)) is not None:
        feature, name, example, _times = identity
        item.extra_keyword_matches.add(scenario_id(feature, name, dict(example)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tasks first, so that no worker ends alone; leave out what is not to be run."""
    if found := mistakes(_features(items)):
        raise pytest.UsageError("\n".join(found))

    def order(item: pytest.Item) -> tuple[int, list[bool]]:
        return _repetition(item), [item.get_closest_marker(tag) is None for tag in tags.LONG]

    items.sort(key=order)
    options = config.stash.get(_OPTIONS, None)
    if options is None:
        return
    _leave_out_controls(config, items, options.mode)
    _leave_out_unlearned(config, items, options)
    if not options.resume:
        return
    done = {
        (record.feature, record.name, tuple(record.example.items()), record.repetition)
        for record in (scenario.record for scenario in Run.read(Path(options.run)).scenarios)
        if record.outcome in ("passed", "failed", "skipped")
    }
    _leave_out(config, items, [item for item in items if _identity(item) in done])


def _features(items: list[pytest.Item]) -> list[Feature]:
    """The features that the tests are of, each once."""
    found = {}
    for item in items:
        if isinstance(item, pytest.Function) and item.obj in scenario_wrapper_template_registry:
            feature = scenario_wrapper_template_registry[item.obj].feature
            found[feature.filename] = feature
    return list(found.values())


def _leave_out_controls(config: pytest.Config, items: list[pytest.Item], mode: Mode) -> None:
    """While TOMOYO learns, run controls and variants only where -m asks for them; under a policy, once."""
    for tag in NOT_LEARNED_FROM:
        if mode == "learning" and tag in config.option.markexpr:
            continue
        _leave_out(
            config,
            items,
            [
                item
                for item in items
                if item.get_closest_marker(tag) is not None and (mode == "learning" or _repetition(item) > 1)
            ],
        )


def _leave_out_unlearned(config: pytest.Config, items: list[pytest.Item], options: RunOptions) -> None:
    """Under a policy, leave out tasks that it was not made from, and variants of them: they have to fail."""
    learned = options.learned()
    if learned is None:
        return
    unlearned = [item for item in items if not _is_learned(item, learned)]
    config.stash[_UNLEARNED] = sum(_repetition(item) == 1 for item in unlearned)
    _leave_out(config, items, unlearned)


def _is_learned(item: pytest.Item, learned: frozenset[str]) -> bool:
    """Whether a policy made from the scenarios `learned` has to let this one pass, or to refuse it."""
    template, identity = _template(item), _identity(item)
    if template is None or identity is None:
        return True
    feature, name, example, _times = identity
    carried = template.tags | template.feature.tags
    if tags.kind_of(carried) == "task":
        return scenario_id(feature, name, dict(example)) in learned
    return twins_of(carried) <= learned


def _leave_out(config: pytest.Config, items: list[pytest.Item], left_out: list[pytest.Item]) -> None:
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _mode(config: pytest.Config) -> Mode:
    if not config.getoption("--policy"):
        return "learning"
    return "permissive" if config.getoption("--permissive") else "enforcing"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell how many scenarios there will be: once, though every worker collects them all."""
    options = session.config.stash.get(_OPTIONS, None)
    if options is not None and _worker(session.config) in ("main", "gw0"):
        unlearned = session.config.stash.get(_UNLEARNED, 0)
        left_out = f"{unlearned} are left out, which the policy was not made from" if unlearned else ""
        open_worker(options, _worker(session.config)).started(len(session.items), left_out=left_out)


def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool | None:
    """Make a mark of a tag that -m may name; the others are read where they are needed."""
    del function
    return None if tag in tags.MEANING else True


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The machine of this worker."""
    options = request.config.stash[_OPTIONS]
    with options.lab(open_worker(options, _worker(request.config))) as lab:
        lab.boots = any(item.get_closest_marker(tags.POWER_OFF) for item in request.session.items)
        yield lab


@pytest.fixture
def person(lab: Lab) -> Person:
    """The person in front of the machine: hands and eyes."""
    return lab.person


@pytest.fixture
def agent(lab: Lab) -> Agent:
    """The instrument that looks into the machine without leaving a trace in the policy."""
    return lab.agent


@pytest.fixture
def life(request: pytest.FixtureRequest) -> Life:
    """The scenario's life: what the kernel has recorded in it so far."""
    current: Life = request.node.stash[_LIFE]
    return current


def pytest_bdd_before_scenario(request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
    """Put the machine where the scenario starts."""
    options = request.config.stash[_OPTIONS]
    all_tags = sorted(scenario.tags | feature.tags)
    run = open_worker(options, _worker(request.config))
    writer = run.scenario(
        feature_path(feature),
        scenario.name,
        example=_example(request.node),
        feature_name=feature.name or "",
        description=scenario.description or "",
        tags=all_tags,
        checkpoint=tags.checkpoint_of(all_tags),
        isolation=options.isolation,
        kind=tags.kind_of(all_tags),
        repetition=_repetition(request.node),
    )
    try:
        machine_lab: Lab = request.getfixturevalue("lab")
    except Exception as error:
        # A scenario that was to be tried and could not be has to be in the record.
        writer.finish("error", error=str(error), fault=fault_of(error))
        raise
    reason = machine_lab.setup.why_not(all_tags)
    if reason is not None:
        writer.finish("skipped", error=reason)
        pytest.skip(reason)
    if _may_be_kept(request.node, options, writer.record):
        name = kept_name(writer.record, Path(feature.filename))
        request.node.stash[_KEEP] = name
        kept = None if options.fresh else machine_lab.kept_task(name)
        if kept is not None:
            writer.take_over(kept)
            pytest.skip(f"recorded on {writer.record.started:%Y-%m-%d %H:%M} UTC, on the same machine")
    life = Life(machine_lab, writer, isolation=options.isolation)
    request.node.stash[_LIFE] = life
    life.begin()


def pytest_bdd_before_step(request: pytest.FixtureRequest, step: Step) -> None:
    """Note when a step begins."""
    request.node.stash[_LIFE].step_started(step.keyword, step.name)


def pytest_bdd_after_step(request: pytest.FixtureRequest) -> None:
    """Take what belongs to the step: audit, screen."""
    request.node.stash[_LIFE].step_passed()


def pytest_bdd_step_error(request: pytest.FixtureRequest, exception: Exception) -> None:
    """Note the failure, and what was on the screen."""
    request.node.stash[_LIFE].step_failed(exception)


def pytest_bdd_step_func_lookup_error(
    request: pytest.FixtureRequest, step: Step, exception: Exception
) -> None:
    """A sentence that no step definition knows fails its scenario like any other error."""
    life = request.node.stash[_LIFE]
    life.step_started(step.keyword, step.name)
    life.step_failed(exception)


def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """Harvest, while the machine still runs; not when somebody pressed Ctrl-C, who wants it to end."""
    if isinstance(sys.exc_info()[1], KeyboardInterrupt | SystemExit):
        return
    life = request.node.stash[_LIFE]
    life.finish()
    name = request.node.stash.get(_KEEP, None)
    if name is not None and life.record.outcome == "passed":
        life.lab.keep_task(name, life.folder)


def _may_be_kept(item: pytest.Item, options: RunOptions, scenario: ScenarioRecord) -> bool:
    """Whether a scenario is the way to a checkpoint, so that who has the one needs not do the other again."""
    return (
        scenario.checkpoint == tags.POWER_OFF
        and scenario.kind == "task"
        and options.mode == "learning"
        and options.isolation == "checkpoint"
        and item.config.getoption("--repeat") == 1
    )


def _worker(config: pytest.Config) -> str:
    name: str = getattr(config, "workerinput", {}).get("workerid", "main")
    return name


def _example(item: pytest.Item) -> dict[str, str]:
    """The row of a scenario outline, empty for a plain scenario."""
    row = getattr(item, "callspec", None)
    example = row.params.get("_pytest_bdd_example", {}) if row is not None else {}
    return {str(column): str(value) for column, value in example.items()}


def _repetition(item: pytest.Item) -> int:
    """Which time the scenario is tried, from 1."""
    row = getattr(item, "callspec", None)
    return row.params.get(_REPETITION, 1) if row is not None else 1


def _template(item: pytest.Item) -> ScenarioTemplate | None:
    """The scenario behind a test, as it is written; None where there is none."""
    return scenario_wrapper_template_registry.get(item.obj) if isinstance(item, pytest.Function) else None


def _identity(item: pytest.Item) -> tuple[str, str, tuple[tuple[str, str], ...], int] | None:
    """The scenario behind a test as the record names it: feature, name, example row, repetition."""
    template = _template(item)
    if template is None:
        return None
    example = _example(item)
    return (
        feature_path(template.feature),
        template.render(example).name,
        tuple(example.items()),
        _repetition(item),
    )
