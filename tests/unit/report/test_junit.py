from pathlib import Path
from xml.etree import ElementTree

from junitparser import JUnitXml

from harness.record import Run
from harness.report.junit import junit_xml, write_junit


def test_every_scenario_is_a_case(run_folder: Path) -> None:
    document = JUnitXml.fromstring(junit_xml(Run.read(run_folder)).decode())
    assert (document.tests, document.failures, document.errors, document.skipped) == (4, 1, 1, 1)
    assert [suite.name for suite in document] == ["features/web.feature", "features/text.feature"]


def test_what_a_guest_wrote_stays_text(run_folder: Path) -> None:
    write_junit(Run.read(run_folder), run_folder / "junit.xml")
    root = ElementTree.parse(run_folder / "junit.xml").getroot()
    failure = next(root.iter("failure"))
    assert failure.get("type") == "task"
    assert 'alert("owned")</script>\ufffd[31m' in (failure.text or "")
    assert not list(root.iter("script"))
