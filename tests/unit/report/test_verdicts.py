"""Runs under a policy, on the terminal, in the page and in JUnit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from harness.record import Run
from harness.report.junit import junit_xml
from harness.report.page import render_page
from harness.report.verdicts import verdicts_view
from tests.unit.enforced_run import EVIL, write_enforced_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.read(write_enforced_run(tmp_path / "run"))


def shown(view: RenderableType) -> str:
    console = Console(width=200, record=True, file=None, force_terminal=False)
    with console.capture() as capture:
        console.print(view)
    return capture.get()


def test_each_scenario_has_a_verdict_and_the_boot_too(run: Run) -> None:
    text = shown(verdicts_view(run, limit=20))
    assert "passed with denials" in text
    assert "the way to console-ready" in text
    assert "List other files  (variant)" in text
    assert "Read the shadow file  (must be refused)" in text


def test_a_denial_is_shown_with_domain_step_and_least_rule(run: Run) -> None:
    text = shown(verdicts_view(run, limit=20))
    assert "file execute /usr/bin/cat  at: When I run ls" in text
    assert 'would be admitted by: file execute /usr/bin/cat exec.realpath="/usr/bin/cat"' in text
    assert "login \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} bash" in text
    assert "/etc/shadow" not in text  # it had to be refused


def test_a_domain_without_a_profile_is_told(run: Run) -> None:
    assert "not governed (profile 0): <kernel> /loose" in shown(verdicts_view(run, limit=20))
    assert "Not governed (profile 0): &lt;kernel&gt; /loose" in render_page(run)


def test_what_is_too_much_is_counted(run: Run) -> None:
    assert "and 2 more denials" in shown(verdicts_view(run, limit=1))


def test_the_page_has_the_verdicts_and_a_guests_words_stay_words(run: Run) -> None:
    page = render_page(run)
    assert 'id="verdicts"' in page
    assert "in force from the first process on" in page
    assert "refused, as it must be: <code>file read /etc/shadow</code>" in page
    assert EVIL not in page
    assert "&lt;/script&gt;&lt;script&gt;alert" in page


def test_the_page_counts_what_should_not_have_been_denied(run: Run) -> None:
    refused = [one for one in run.scenarios if one.record.kind == "refused"]
    every = [verdict for one in run.scenarios if (verdict := one.verdict())]
    boot = [verdict for one in run.checkpoints if (verdict := one.verdict())]
    wanted = sum(len(verdict.unwanted) for verdict in (*every, *boot))
    attempts = sum(len(verdict.unwanted) for one in refused if (verdict := one.verdict()))
    assert attempts, "a refused attempt that was denied more than it had to be"
    assert re.findall(r"<b>(\d+)</b> denied", render_page(run))[0] == str(wanted - attempts)


def test_the_page_begins_with_what_failed(run: Run) -> None:
    verdicts = re.findall(r'<details class="verdict ([a-z-]+)', render_page(run))
    assert verdicts == ["failed", "failed", "passed-with-denials", "passed-with-denials", "passed"]


def test_a_run_that_learned_has_no_verdicts(run_folder: Path) -> None:
    assert 'id="verdicts"' not in render_page(Run.read(run_folder))


def test_junit_names_the_denials(run: Run) -> None:
    text = junit_xml(run).decode()
    assert "verdict: passed with denials" in text
    assert 'name="The way to console-ready"' in text
    assert "denied: &lt;kernel&gt; /sbin/init: file read /etc/boot" in text
    assert "denied: &lt;kernel&gt; /usr/bin/login /usr/bin/bash: file read /v" in text
