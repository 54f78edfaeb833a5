"""Repetitions: what each adds, what another would add, and what varies."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from harness.analysis.denials import untuned
from harness.analysis.saturation import by_need, saturation, together
from harness.policy import Domain, DomainPolicy
from harness.record import Manifest, Run, RunWriter
from harness.report.page import render_page
from harness.report.saturation import saturation_view

FEATURE = "features/kitchen/kettle.feature"


def test_replays_under_a_policy_teach_nothing(tmp_path: Path) -> None:
    repeated(tmp_path / "run", ("passed", ()), ("passed", ()))
    run = Run.read(tmp_path / "run")
    assert len(saturation(run)) == 1
    manifest = run.manifest.model_copy(update={"mode": "enforcing"})
    assert saturation(replace(run, manifest=manifest)) == []


def repeated(path: Path, *tries: tuple[str, tuple[str, ...]]) -> Run:
    """One scenario tried several times: outcome, and the rules it learned."""
    return all_repeated(path, {"The kettle boils": tries})


def all_repeated(path: Path, scenarios: Mapping[str, Iterable[tuple[str, tuple[str, ...]]]]) -> Run:
    """Scenarios tried several times, by name."""
    writer = RunWriter.create(path, Manifest.model_validate({"run": "r", "started": "2026-11-22T18:45:00Z"}))
    tried = [(name, number, *one) for name, tries in scenarios.items() for number, one in enumerate(tries, 1)]
    for name, number, outcome, rules in tried:
        scenario = writer.scenario(FEATURE, name, repetition=number)
        scenario.fragment(DomainPolicy([Domain("<kernel> /bin/kettle", profile=1, rules=rules)]))
        scenario.step_started("Then", "I see tea")
        if outcome == "running":
            continue
        scenario.step_finished(outcome)  # type: ignore[arg-type]
        scenario.finish(outcome, error="" if outcome == "passed" else "no tea\nbut coffee")  # type: ignore[arg-type]
    return Run.read(path)


A, B, C = "file read /etc/a", "file read /etc/b", "file read proc:/12/stat"


def test_repetitions_have_folders_of_their_own(tmp_path: Path) -> None:
    run = repeated(tmp_path / "run", ("passed", (A,)), ("passed", (A,)))
    assert [one.id for one in run.scenarios] == [
        "kitchen-kettle.the-kettle-boils",
        "kitchen-kettle.the-kettle-boils~2",
    ]
    assert {one.record.repeated for one in run.scenarios} == {"kitchen-kettle.the-kettle-boils"}


def test_each_repetition_counts_what_none_before_it_had(tmp_path: Path) -> None:
    other_process = "file read proc:/99/stat"
    run = repeated(
        tmp_path / "run", ("passed", (A, C)), ("passed", (A, B, other_process)), ("passed", (A, B))
    )
    (found,) = saturation(run)
    assert found.added == (2, 1, 0)
    assert [(rule, times) for (_domain, rule), times in found.varying] == [
        (B, 2),
        (r"file read proc:/\$/stat", 2),
    ]


def test_rules_are_counted_as_tuning_would_ship_them(tmp_path: Path) -> None:
    first = ("file read/write /tmp/tmp.X3bQ9z", "file read pipe:[4711]", "file read squashfs:/etc/a")
    second = ("file read /tmp/tmp.pTqwzr", "file read pipe:[81]", "file read /etc/a", "file read /etc/b1")
    (found,) = saturation(repeated(tmp_path / "run", ("passed", first), ("passed", second)))
    assert found.added == (4, 1)
    assert {rule for (_domain, rule), _times in found.varying} == {
        r"file write /tmp/tmp.\?\?\?\?\?\?",
        "file read /etc/b1",
    }
    (raw,) = saturation(repeated(tmp_path / "raw", ("passed", first), ("passed", second)), untuned)
    assert raw.added == (4, 3)


def test_when_another_repetition_is_worth_it(tmp_path: Path) -> None:
    (early,) = saturation(repeated(tmp_path / "early", ("passed", (A, B, C)), ("passed", (A,))))
    assert (early.expected, early.worth_another) == (1.0, True)
    (late,) = saturation(repeated(tmp_path / "late", ("passed", (A, B)), ("passed", (A,)), ("passed", (A,))))
    assert late.expected == pytest.approx(1 / 3)
    assert not late.worth_another


def test_a_failed_repetition_makes_it_unstable_and_its_rules_do_not_count(tmp_path: Path) -> None:
    (found,) = saturation(
        repeated(tmp_path / "run", ("passed", (A, B)), ("failed", (A,)), ("passed", (A, B)))
    )
    assert not found.stable
    assert found.varying == []
    assert found.ends == ("", "Then I see tea: no tea", "")


def test_a_try_that_was_broken_off_is_none(tmp_path: Path) -> None:
    assert saturation(repeated(tmp_path / "run", ("passed", (A,)), ("running", (A, B)))) == []


def test_one_try_is_no_repetition(tmp_path: Path) -> None:
    assert saturation(repeated(tmp_path / "run", ("passed", (A,)))) == []


def test_the_table_says_what_to_do(tmp_path: Path) -> None:
    views = {
        "enough": (("passed", (A, B)), ("passed", (A, B))),
        "worth another": (("passed", (A, B, C)), ("passed", (A,))),
        "not stable": (("passed", (A,)), ("failed", (A,))),
    }
    for number, (verdict, tries) in enumerate(views.items()):
        console = Console(width=140, record=True, force_terminal=False)
        with console.capture() as capture:
            console.print(saturation_view(saturation(repeated(tmp_path / str(number), *tries))))
        assert verdict in capture.get()
        assert ("1 of 2  kettle: file read /etc/b" in capture.get()) == (verdict == "worth another")
        assert ("repetition 2: Then I see tea: no tea" in capture.get()) == verdict.startswith("not stable")


SUITE = {
    "steady": (("passed", (A,)), ("passed", (A,))),
    "learns": (("passed", (B,)), ("passed", (B, C))),
    "fails": (("passed", ("file read /etc/d",)), ("failed", ())),
}


def test_together_a_rule_is_new_that_no_scenario_has_taught(tmp_path: Path) -> None:
    known = all_repeated(tmp_path / "known", {**SUITE, "has it": (("passed", (C,)), ("passed", (C,)))})
    sums = together(saturation(known))
    assert (sums.scenarios, sums.stable, sums.enough) == (4, 3, 3)
    # What one learned late another had taught; what failed once counts for nothing.
    assert sums.policy.added == (3, 0)
    assert together(saturation(all_repeated(tmp_path / "new", SUITE))).policy.added == (2, 1)
    # What is not stable, then what is expected to learn most.
    assert [one.name.rpartition(".")[2] for one in by_need(saturation(known))] == [
        "fails", "learns", "steady", "has-it",
    ]  # fmt: skip


def test_the_sum_stands_in_the_last_lines(tmp_path: Path) -> None:
    console = Console(width=140, force_terminal=False)
    with console.capture() as capture:
        console.print(saturation_view(saturation(all_repeated(tmp_path / "run", SUITE))))
    assert "2 others" in capture.get()
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert "all together 2 + 1 0.5 enough" in lines
    assert lines[-1] == "2 of 3 (66 %) ended in the same way each time."


def test_the_page_shows_each_try_and_folds_what_is_repeated_enough(tmp_path: Path) -> None:
    learns = (("passed", (B,)), ("passed", (B, C, "file read /etc/e")))
    page = render_page(all_repeated(tmp_path / "run", {**SUITE, "learns": learns}))
    section = page[page.index('<h2 id="repeated">') : page.index('<h2 id="scenarios">')]
    assert "<b>2 of 3 (66 %)</b> ended in the same way each time" in section
    assert "<b>2 + 2</b> new rules of all together" in section
    assert "<li>repetition 2: Then I see tea: no tea</li>" in section
    told, folded = section.split("<summary>1 scenario is repeated enough</summary>")
    parts = section.split("<tr><td>")[1:]
    rows = {part.partition("<")[0].strip(): part.partition("</tr>")[0] for part in parts}
    for name, tries in (("fails", ["passed", "failed"]), ("learns", ["passed"] * 2)):
        row = rows[f"kitchen-kettle.{name}"]
        assert re.findall(r'<i class="(\w+)"', row) == tries
        assert f"kitchen-kettle.{name}" in told
    assert "kitchen-kettle.steady" in folded
