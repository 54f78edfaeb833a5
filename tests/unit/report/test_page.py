"""The page as a browser would get it; that it looks well is for eyes."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HostError
from harness.policy import Domain, DomainPolicy
from harness.record import Manifest, Run, RunWriter
from harness.report.page import render_page, write_page
from harness.report.page.pictures import Album, preview


class Outline(HTMLParser):
    """Elements with their attributes, and the texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def page(run_folder: Path) -> str:
    return render_page(Run.read(run_folder))


def packed(page: str, pattern: str) -> Any:
    match = re.search(pattern, page, re.DOTALL)
    assert match
    return json.loads(gzip.decompress(base64.b64decode(match[1])))


def test_it_reaches_for_nothing(page: str) -> None:
    outline = Outline(page)
    for _, attributes in outline.elements:
        for name in ("src", "href", "action", "srcset"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:", "#"))
    assert not re.search(r"url\(|@import", page)
    policy = next(a["content"] for tag, a in outline.elements if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert "default-src 'none'" in policy


def test_what_a_guest_wrote_is_text_and_no_element(page: str) -> None:
    outline = Outline(page)
    scripts = [attributes for tag, attributes in outline.elements if tag == "script"]
    # The page's own: one for each scenario's data, one for the programs', and the one that runs.
    assert len(scripts) == 4 + 2
    assert sum("type" not in attributes for attributes in scripts) == 1
    assert not any(name.startswith("on") for _, attributes in outline.elements for name in attributes)
    assert any('</script><script>alert("owned")</script>\\x1b[31m\\u202e' in text for text in outline.texts)
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_every_scenario_with_its_outcome(page: str) -> None:
    outline = Outline(page)
    found = [(a["id"], a["class"]) for tag, a in outline.elements if tag == "details"]
    assert [outcome for _, outcome in found] == [
        "scenario passed",
        "scenario failed",
        "scenario skipped",
        "scenario interrupted",
    ]
    assert found[0][0] == "web.open-the-browser"


def test_rules_come_with_provenance_and_their_layers_folded(page: str) -> None:
    data = packed(page, r'class="data">([^<]+)<')
    (_, chain, rules), (_, _, execute) = data["domains"]
    assert chain == ["gnome-shell", "firefox"]
    assert [rule[0] for rule in rules] == [
        "file read /etc/fonts/fonts.conf",
        "file read/write /home/amnesia/.mozilla/x",
    ]
    _, step, seconds, process, starts, records, reason, aliases = rules[0]
    assert (step, seconds, starts, records, reason) == (0, 0, -1, 1, -1)
    pid, ppid, uid, program, argv = data["processes"][process]
    assert (pid, ppid, uid, program) == (7, 1, 1000, "/usr/bin/firefox")
    assert data["arguments"][argv] == ["firefox", "<script>alert(1)</script>"]
    assert [alias[0] for alias in aliases] == ["file read squashfs:/etc/fonts/fonts.conf"]
    assert data["reasons"][aliases[0][6]] == "no record: the kernel logged no access for this line"
    assert data["arguments"][execute[0][4]] == ["firefox", "<script>alert(1)</script>"]
    assert "\ufffd" in data["logs"]["journal.txt"]


def test_a_fragment_is_shown_although_its_provenance_was_never_written(run_folder: Path) -> None:
    (run_folder / "scenarios/web.open-the-browser/provenance.jsonl").unlink()
    data = packed(render_page(Run.read(run_folder)), r'class="data">([^<]+)<')
    assert len(data["domains"]) == 2
    assert data["reasons"] == ["the scenario ended before it was computed"]


def test_programs_with_their_domains(page: str) -> None:
    programs = packed(page, r'id="programs-data">([^<]+)<')
    assert [program for program, _ in programs] == ["/usr/bin/firefox", "/usr/bin/gnome-shell"]
    assert programs[0][1] == [
        ["<kernel> /usr/bin/gnome-shell /usr/bin/firefox", ["gnome-shell", "firefox"], [[0, 3]]]
    ]


def test_a_picture_that_cannot_be_read_is_left_out(run_folder: Path) -> None:
    screen = next(run_folder.glob("scenarios/*/screens/*.png"))
    assert preview(screen).startswith("data:image/jpeg;base64,")
    screen.write_bytes(screen.read_bytes()[:100])
    assert preview(screen) == ""
    assert 'class="screen"' not in render_page(Run.read(run_folder))


def test_more_screens_are_each_smaller(run_folder: Path) -> None:
    screens = list(run_folder.glob("scenarios/*/screens/*.png"))
    assert Album.for_screens(screens, 10_000_000).width == 1024
    assert Album.for_screens(screens * 10, 30_000).width < 1024
    assert Album.for_screens([], 0).width == 1024


def test_a_run_in_which_nothing_began(run_folder: Path) -> None:
    for record in run_folder.glob("scenarios/*/scenario.json"):
        record.unlink()
    assert "No scenario has started." in render_page(Run.read(run_folder))


def test_the_page_is_written_whole_or_not_at_all(run_folder: Path, tmp_path: Path) -> None:
    write_page(Run.read(run_folder), tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().rstrip().endswith("</html>")
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="is not saved"):
        write_page(Run.read(run_folder), tmp_path / "file" / "page.html")


def test_repetitions_and_what_varies(tmp_path: Path) -> None:
    writer = RunWriter.create(
        tmp_path / "run", Manifest.model_validate({"run": "r", "started": "2026-11-22T18:45:00Z"})
    )
    for number, rules in enumerate((("file read /etc/a", "file read /etc/<b>"), ("file read /etc/a",)), 1):
        scenario = writer.scenario("features/web.feature", "Open the browser", repetition=number)
        scenario.restored(1.0)
        scenario.step_started("When", "I wait")
        scenario.step_finished("passed", guest_seconds=0.0)
        scenario.fragment(DomainPolicy([Domain("<kernel> /bin/x", profile=1, rules=rules)]))
        scenario.finish("passed")
    texts = Outline(render_page(Run.read(tmp_path / "run"))).texts
    assert "Repetitions" in texts
    assert "file read /etc/<b>" in texts
    assert any("the guest worked on it 0% of the time" in text for text in texts)
    assert any(text.startswith("Open the browser (2)") for text in texts)
