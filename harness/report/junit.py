"""JUnit XML, for what shows test results: a suite a feature, a case a scenario."""

from __future__ import annotations

import re
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from harness.record import RecordedScenario, Run, storage
from harness.record.schema import CheckpointRecord, VerdictRecord
from harness.report.text import count_of

_BOOT, _RECORD = "boot", "record"

# XML 1.0 has no way to write these characters.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(run: Run) -> bytes:
    """The run as JUnit XML in UTF-8."""
    suites: dict[str, TestSuite] = {}
    for checkpoint in run.checkpoints:
        if (verdict := checkpoint.verdict()) is not None:
            suite = suites.setdefault(_BOOT, TestSuite(_BOOT))
            suite.add_testcase(_boot_case(checkpoint.record, verdict))
    for scenario in run.scenarios:
        feature = scenario.record.feature
        suite = suites.setdefault(feature, TestSuite(_writable(feature)))
        suite.timestamp = suite.timestamp or scenario.record.started.strftime("%Y-%m-%dT%H:%M:%S")
        suite.add_testcase(_case(scenario))
    for reason in run.damaged:
        suite = suites.setdefault(_RECORD, TestSuite(_RECORD))
        case = TestCase(_writable(reason), _RECORD)
        case.result = [Error(_writable(reason), "damaged")]
        suite.add_testcase(case)
    document = JUnitXml(_writable(run.name))
    for suite in suites.values():
        document.add_testsuite(suite)
    document.update_statistics()
    return bytes(document.tostring())


def write_junit(run: Run, path: Path) -> None:
    """Write `junit_xml` to a file.

    Raises:
        HostError: the disk is full or the place cannot be written.
    """
    storage.replace(path, junit_xml(run))


def _case(scenario: RecordedScenario) -> TestCase:
    record = scenario.record
    case = TestCase(_writable(record.name), record.id, record.seconds)
    message = _writable(record.error.partition("\n")[0])
    match record.outcome:
        case "failed":
            failure = Failure(message, record.fault)
            failure.text = _writable(record.error)
            case.result = [failure]
        case "error":
            error = Error(message, record.fault)
            error.text = _writable(record.error)
            case.result = [error]
        case "skipped":
            case.result = [Skipped(message)]
        case "running":
            case.result = [Error("the run ended before this scenario did", "interrupted")]
    lines = [f"{step.keyword} {step.text}: {step.outcome}, {step.seconds:.1f} s" for step in record.steps]
    lines += [f"{finding.kind}: {finding.message}" for finding in record.findings]
    if (verdict := scenario.verdict()) is None:
        rules, domains = count_of(record.counts.rules, "rule"), count_of(record.counts.domains, "domain")
        lines.append(f"{rules} in {domains}")
    else:
        lines += _verdict_lines(verdict)
        if record.kind == "task" and not case.result and verdict.unwanted:
            case.result = [_denied(verdict)]
    case.system_out = _writable("\n".join(lines))
    return case


def _boot_case(record: CheckpointRecord, verdict: VerdictRecord) -> TestCase:
    """The way to a checkpoint under a policy: a task like the others, though nobody's scenario."""
    case = TestCase(f"The way to {record.name}", f"{_BOOT}.{record.name}", record.ready_seconds or 0.0)
    if verdict.verdict == "failed":
        failure = Failure(_writable(record.error.partition("\n")[0]), "guest")
        failure.text = _writable(record.error)
        case.result = [failure]
    elif verdict.unwanted:
        case.result = [_denied(verdict)]
    case.system_out = _writable("\n".join(_verdict_lines(verdict)))
    return case


def _denied(verdict: VerdictRecord) -> Failure:
    """A task that passed and was denied something: the policy does not hold."""
    failure = Failure(
        f"{count_of(len(verdict.unwanted), 'kind of access', 'kinds of access')} denied", "policy"
    )
    failure.text = _writable("\n".join(_verdict_lines(verdict)))
    return failure


def _verdict_lines(verdict: VerdictRecord) -> list[str]:
    denied = [f"denied: {denial.domain}: {denial.entry}" for denial in verdict.unwanted]
    return [f"verdict: {verdict.verdict}", *denied]


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
