from pathlib import Path

from harness.analysis import programs_by_domain, short_chain
from harness.policy import Domain, DomainPolicy
from harness.record import RecordedScenario, RunWriter
from harness.record.reader import Run
from harness.record.schema import Manifest

SHELL = "<kernel> /usr/bin/gnome-shell"


def test_a_chain_names_programs() -> None:
    assert short_chain("<kernel> /usr/sbin/init /usr/bin/bash") == ("init", "bash")
    assert short_chain("<kernel>") == ("<kernel>",)
    assert short_chain("<tails> /usr/bin/a") == ("<tails>", "a")
    assert short_chain("<kernel> proc:/self/fd/9 /usr/bin/a") == ("proc:/self/fd/9", "a")


def scenarios(folder: Path, fragments: dict[str, list[str]]) -> tuple[RecordedScenario, ...]:
    manifest = Manifest.model_validate({"run": "r", "started": "2026-11-22T18:00:00Z"})
    run = RunWriter.create(folder, manifest)
    for name, domains in fragments.items():
        scenario = run.scenario("f.feature", name)
        scenario.fragment(
            DomainPolicy(Domain(domain, rules=("misc env A", "misc env B")) for domain in domains)
        )
    return Run.read(folder).scenarios


def test_the_browser_from_its_icon_and_from_terminal_come_first(tmp_path: Path) -> None:
    icon, terminal = f"{SHELL} /usr/bin/firefox", f"{SHELL} /usr/bin/terminal /usr/bin/bash /usr/bin/firefox"
    helper, other = f"{icon} /usr/bin/helper", f"{terminal} /usr/bin/helper"
    everywhere = [
        f"{SHELL} /usr/bin/dash",
        f"{SHELL} /usr/bin/a /usr/bin/dash",
        f"{SHELL} /usr/bin/b /usr/bin/dash",
    ]

    programs = programs_by_domain(
        scenarios(
            tmp_path,
            {"icon": [icon, helper, *everywhere], "terminal": [terminal, other, *everywhere, SHELL]},
        )
    )

    assert [program.program.rpartition("/")[2] for program in programs] == [
        "firefox",
        "dash",
        "helper",
        "gnome-shell",
    ]
    assert [(chain.domain, chain.rules) for chain in programs[0].chains] == [
        (icon, {"f.icon": 2}),
        (terminal, {"f.terminal": 2}),
    ]
