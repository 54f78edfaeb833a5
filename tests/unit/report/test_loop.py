"""The table of a loop on the terminal and in the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from harness.analysis.iteration import gate
from harness.record import Run
from harness.record.explanation import Figures
from harness.record.loop import Gate, Loop, Pass, Round, Stage, Standing, Trial, Width
from harness.report.loop import RoundsTable, loop_view
from harness.report.page import render_page
from tests.unit.enforced_run import EVIL, write_enforced_run

SHELL = "<kernel> /usr/bin/gnome-shell"


def loop_of(run: Run) -> Loop:
    """A policy that took two rounds, and beside it one without tuning that failed at its boot."""
    first = Pass(run="first", mode="permissive", start="boot", gate=gate(run), seconds=61.0)
    held = Gate(
        boot_denials=0,
        tasks=Standing(total=6, passed=6, clean=6),
        variants=Standing(total=2, passed=2, clean=2),
        replays=(0, 0, 0),
    )
    stages = (
        Stage(name="boot", seconds=430),
        Stage(name="load", seconds=2.5),
        Stage(name="replay", seconds=300),
    )
    last = Pass(run=".", mode="enforcing", start="boot", gate=held, stages=stages, seconds=740)
    bad = Pass(
        run="beside",
        mode="enforcing",
        start="boot",
        gate=Gate(boot_failed=True, boot_denials=830),
        seconds=90,
    )
    figures = Figures(learned=44599, shipped=6815, lines_before=46003, lines_after=8843, beyond=23136)
    widths = [Width(domain=SHELL, rules=655, beyond=3585)]
    widths += [Width(domain=f"<kernel> /usr/bin/p{n}{EVIL}", rules=9, beyond=99 - n) for n in range(14)]
    tuned = Trial(
        policy="runs/x/policy",
        figures=figures,
        widths=tuple(widths),
        stages=(Stage(name="learn", seconds=1900, what="learned"), Stage(name="tune", seconds=35)),
        rounds=(
            Round(number=1, policy="runs/x/policy", rules=6811, passes=(first,), proposed=4),
            Round(number=2, policy="runs/x/policy-2", rules=6815, passes=(last,)),
        ),
    )
    raw = Trial(
        policy="runs/x/untuned",
        figures=Figures(learned=44599, shipped=44431),
        rounds=(Round(number=1, policy="runs/x/untuned", rules=44431, passes=(bad,)),),
    )
    return Loop(trials=(tuned, raw))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.read(write_enforced_run(tmp_path / "run"))


@pytest.fixture
def text(run: Run) -> str:
    console = Console(width=200, force_terminal=False)
    with console.capture() as capture:
        console.print(loop_view(loop_of(run)))
    return capture.get()


def line_with(text: str, *words: str) -> list[str]:
    (line,) = (line for line in text.splitlines() if all(word in line for word in words))
    return line.split()


def test_policies_stand_side_by_side_round_by_round(text: str) -> None:
    assert line_with(text, "permissive", "6,811")[:5] == ["policy", "boot,", "permissive", "1", "6,811"]
    assert {"6/6", "2/2"} < set(line_with(text, "0 + 0 + 0"))
    assert line_with(text, "untuned", "failed")[:6] == [
        "untuned",
        "boot,",
        "enforcing",
        "44,431",
        "failed:",
        "830",
    ]


def test_rules_before_and_after_and_what_is_admitted_beyond(text: str) -> None:
    assert line_with(text, "46,003")[:3] == ["policy", "44,599", "6,815"]
    assert "unknown: tune --image" in text
    assert line_with(text, "gnome-shell", "655")[-1] == "3,585"
    assert "5 more with fewer" in text


def test_each_stage_has_its_time(text: str) -> None:
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "policy learn learned 31 min 40 s" in lines
    assert "tune 35.0 s" in lines
    for stage, time in (("boot", "7 min 10 s"), ("load", "2.5 s"), ("replay", "5 min 00 s")):
        assert f"{stage} round 2: boot, enforcing {time}" in lines


def test_what_says_nothing_has_no_column(run: Run) -> None:
    one = Pass(run=".", mode="enforcing", start="boot", gate=Gate(tasks=Standing(total=1, passed=1)))
    trial = Trial(policy="p", rounds=(Round(number=1, policy="p", rules=2, passes=(one,)),))
    assert RoundsTable([trial]).titles == ["Run", "Rules", "Tasks", "Denials", "Time"]


def test_without_room_for_its_lines_each_run_is_a_column(run: Run) -> None:
    console = Console(width=80, force_terminal=False)
    with console.capture() as capture:
        console.print(RoundsTable(loop_of(run).trials))
    text = capture.get()
    assert "…" not in text
    assert line_with(text, "Rules") == ["Rules", "6,811", "6,815", "44,431"]
    assert line_with(text, "Tasks")[1:3] == ["0/1", "6/6"]
    assert line_with(text, "replay")[-5:] == ["0", "+", "0", "+", "0"]


def test_the_page_of_a_run_in_a_loop_has_its_table(run: Run) -> None:
    assert "From learning to replaying" not in render_page(run)
    loop_of(run).write(run.path)
    page = render_page(Run.read(run.path))
    assert "From learning to replaying" in page
    for words in ("44,599", "6,815", "0 + 0 + 0", "6/6", "3,585", "untuned", "3 more"):
        assert words in page, words
    assert EVIL not in page
    assert 'class="boot" style="width: ' in page


def test_a_run_beside_a_foreign_loop_shows_none(run: Run, tmp_path: Path) -> None:
    loop_of(run).write(tmp_path)  # its runs are `first`, the folder itself, and `beside`
    assert Loop.of_run(run.path) is None
    assert Loop.of_run(tmp_path / "beside") is not None


def test_of_a_boot_that_was_broken_off_no_denials_are_told() -> None:
    broken = Pass(run="beside", mode="enforcing", start="boot", gate=Gate(boot_failed=True), seconds=90)
    held = Pass(run=".", mode="enforcing", start="boot", gate=Gate(boot_denials=0, tasks=Standing(total=1)))
    both = [Trial(policy=name, rounds=(Round(number=1, policy=name, rules=9, passes=(one,)),))
            for name, one in (("broken", broken), ("held", held))]  # fmt: skip
    console = Console(width=200)
    with console.capture() as capture:
        console.print(RoundsTable(both))
    lines = {line.split()[0]: line.split()[1:] for line in capture.get().splitlines()}
    assert lines["broken"] == ["boot,", "enforcing", "9", "failed", "1", "min", "30", "s"]
    assert lines["held"][3:] == ["0", "0/1", "0", "0.0", "s"]
