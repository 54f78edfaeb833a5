from pathlib import Path
from xml.etree import ElementTree

from junitparser import Error, Failure, JUnitXml

from harness.record import Run, RunWriter
from harness.record.schema import VerdictRecord
from harness.report.junit import junit_xml, write_junit
from tests.unit.enforced_run import denial, write_enforced_run


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


def test_a_task_that_was_denied_something_is_a_failure_and_a_damaged_record_an_error(tmp_path: Path) -> None:
    run = write_enforced_run(tmp_path / "run")
    passed = RunWriter.open(run).scenario("a.feature", "A task")
    verdict = VerdictRecord(
        verdict="passed with denials", mode="enforcing", denials=(denial("file read /x"),)
    )
    passed.verdict(verdict)
    passed.finish("passed")
    RunWriter.open(run).scenario("a.feature", "Lost")
    next(run.glob("scenarios/*lost/scenario.json")).write_text("{")
    cases = {
        case.name: case for suite in JUnitXml.fromstring(junit_xml(Run.read(run)).decode()) for case in suite
    }
    for name, wrong in (("A task", Failure), ("The way to console-ready", Failure)):
        (result,) = cases.pop(name).result
        assert isinstance(result, wrong)
        assert "1 kind of access denied" in result.message
    (broken,) = [case for name, case in cases.items() if "scenario.json cannot be read" in name]
    assert isinstance(broken.result[0], Error)
