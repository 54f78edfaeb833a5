from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.analysis import who_asked
from harness.errors import PolicyError
from harness.policy import Domain, DomainPolicy
from harness.record import Manifest, RuleProvenance, Run, RunWriter


@pytest.fixture
def run(tmp_path: Path) -> Run:
    writer = RunWriter.create(tmp_path / "r", Manifest(run="r", started=datetime(2026, 11, 22, tzinfo=UTC)))
    browse = writer.scenario("f.feature", "Browse")
    browse.step_started("When", "I open a page")
    browse.fragment(
        DomainPolicy([Domain("<kernel> /a", rules=("file read /etc/passwd", "file read /etc/passwd-"))])
    )
    browse.provenance(
        [
            RuleProvenance(domain="<kernel> /a", rule="file read /etc/passwd", step=0),
            RuleProvenance(domain="<kernel> /a", rule="file read /etc/passwd-"),
        ]
    )
    died = writer.scenario("f.feature", "Died early")
    died.fragment(DomainPolicy([Domain("<kernel> /b", rules=("file read/write /etc/passwd",))]))
    return Run.read(tmp_path / "r")


def found(run: Run, rule: str) -> list[tuple[str, str]]:
    return [(answer.scenario.record.name, answer.provenance.rule) for answer in who_asked(run, rule)]


def test_a_whole_line_means_only_itself(run: Run) -> None:
    assert found(run, "file  read /etc/passwd") == [("Browse", "file read /etc/passwd")]


def test_a_line_means_what_grants_it_or_what_it_grants(run: Run) -> None:
    died = [("Died early", "file read/write /etc/passwd")]
    assert found(run, "file write /etc/passwd") == died
    assert found(run, r"file write /etc/\*") == died
    assert len(found(run, r"file read /etc/\*")) == 3
    assert found(run, r"file read /home/\*") == []
    assert found(run, "read /etc/passwd-") == [("Browse", "file read /etc/passwd-")]


def test_a_path_means_every_rule_about_it(run: Run) -> None:
    assert found(run, "/etc/passwd") == [
        ("Browse", "file read /etc/passwd"),
        ("Died early", "file read/write /etc/passwd"),
    ]


def test_a_pattern_has_to_match_a_word(run: Run) -> None:
    assert [rule for _, rule in found(run, r"/etc/pass\@")] == [
        "file read /etc/passwd",
        "file read /etc/passwd-",
        "file read/write /etc/passwd",
    ]
    assert found(run, r"/etc/\$") == []


def test_a_pattern_that_the_kernel_would_refuse(run: Run) -> None:
    with pytest.raises(PolicyError):
        who_asked(run, r"/etc/\q")


def test_a_part_means_what_contains_it(run: Run) -> None:
    assert len(found(run, "passw")) == 3
    assert found(run, "shadow") == []


def test_an_answer_knows_its_step(run: Run) -> None:
    first, second = who_asked(run, "/etc/passwd")
    assert first.step is not None
    assert first.step.text == "I open a page"
    assert (second.step, second.provenance.unknown) == (None, "the scenario ended before it was computed")
