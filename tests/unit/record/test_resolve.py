from pathlib import Path

import pytest

from harness.errors import PolicyError, RecordError
from harness.policy import Domain, DomainPolicy
from harness.record import RunWriter
from harness.record.resolve import resolve


def rules(policy: DomainPolicy) -> dict[str, tuple[str, ...]]:
    return {domain.name: domain.rules for domain in policy.values()}


@pytest.fixture
def learned(run: RunWriter) -> Path:
    baseline = DomainPolicy([Domain("<kernel>", profile=1, rules=("misc env A",))])
    run.checkpoint("desktop-ready").baseline({"domain_policy.conf": baseline.dump()})
    for name, rule in (("Open a page", "misc env B"), ("Write a text", "misc env C")):
        scenario = run.scenario("web.feature", name)
        fragment = DomainPolicy([Domain("<kernel>", profile=1, rules=(rule,))])
        scenario.fragment(fragment)
        scenario.saved_policy("26-11-22.18:48:01", {"domain_policy.conf": fragment.dump()})
        scenario.finish("passed")
    return run.path


def test_a_scenario_of_a_run(learned: Path) -> None:
    named = resolve(f"{learned}:page")
    assert named.label == "first: Open a page"
    assert rules(named.policy) == {"<kernel>": ("misc env B",)}


def test_a_checkpoint_of_a_run(learned: Path) -> None:
    assert rules(resolve(f"{learned}:desktop-ready").policy) == {"<kernel>": ("misc env A",)}


def test_a_whole_run(learned: Path) -> None:
    assert rules(resolve(str(learned)).policy) == {"<kernel>": ("misc env A", "misc env B", "misc env C")}


def test_a_saved_folder_with_colons_in_its_name(learned: Path) -> None:
    folder = learned / "scenarios/web.open-a-page/policy/26-11-22.18:48:01"
    assert rules(resolve(str(folder)).policy) == {"<kernel>": ("misc env B",)}
    assert resolve(str(folder / "domain_policy.conf")).label == f"{folder}/domain_policy.conf"


def test_nothing_of_that_name(learned: Path) -> None:
    with pytest.raises(RecordError, match="is no policy"):
        resolve("nowhere:nothing")
    with pytest.raises(RecordError, match="no scenario matches 'mail'"):
        resolve(f"{learned}:mail")


def test_a_file_that_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "x.conf").write_text("what is this\n")
    with pytest.raises(PolicyError, match=r"x\.conf:1"):
        resolve(str(tmp_path / "x.conf"))
