"""What is written is what is read, also after a crash, from several processes, and on a full disk."""

import json
import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.errors import HostError, RecordError
from harness.policy import Domain, DomainPolicy
from harness.record import Manifest, Process, RuleProvenance, Run, RunWriter, storage
from harness.record.events import EventFollower
from harness.record.schema import ScenarioRecord, Step, VerdictRecord

FEATURE = "features/browsing/browser.feature"


def test_a_scenario_comes_back_as_it_was_written(run: RunWriter) -> None:
    guest = datetime(2026, 11, 22, 18, 47, 56, tzinfo=UTC)
    scenario = run.scenario(FEATURE, "Open the browser", tags=["desktop"], checkpoint="desktop-ready")
    scenario.restored(1.5)
    scenario.audit(b"before any step\0")
    scenario.step_started("When ", "I open Firefox from its icon", guest_time=guest)
    scenario.screen(b"png", "Firefox is open!")
    scenario.audit(b"in the first step\0")
    scenario.step_finished("passed", guest_time=guest)
    scenario.step_started("Then", "I see a page")
    scenario.finding("audit-lost", "records were lost", waiting=1024)
    scenario.saved_policy("26-11-22.18:48:01", {"domain_policy.conf": b"<kernel>\n"})
    fragment = DomainPolicy([Domain("<kernel>", profile=1, rules=("misc env HOME",))])
    scenario.fragment(fragment, baseline="desktop-ready")
    process = Process(pid=7, ppid=1, uid=1000, program="/usr/bin/firefox", argv=("firefox", "<script>"))
    line = RuleProvenance(
        domain="<kernel>", rule="misc env HOME", step=0, time=guest, process=process, records=2
    )
    scenario.provenance([line])
    scenario.attach("journal.txt", b"a journal\n")
    scenario.finish("failed", error="no page", fault="task")

    read = Run.read(run.path).scenario("open-the-browser")

    assert read.id == "browsing-browser.open-the-browser"
    assert (read.record.outcome, read.record.fault, read.record.error) == ("failed", "task", "no page")
    assert [step.outcome for step in read.record.steps] == ["passed", "failed"]
    assert read.record.steps[0].screens == ("screens/01-firefox-is-open.png",)
    assert read.record.steps[0].guest_started == guest
    assert read.record.findings[0].step == 1
    assert read.record.findings[0].detail == {"waiting": 1024}
    assert [(drain.step, drain.data) for drain in read.drains()] == [
        (None, b"before any step\0"),
        (0, b"in the first step\0"),
    ]
    assert read.record.counts.audit_bytes == 34
    assert dict(read.fragment()) == dict(fragment)
    assert (read.record.counts.rules, read.record.counts.domains) == (1, 1)
    assert read.provenance() == [line]
    assert read.file("journal.txt") == b"a journal\n"
    saved = read.saved_policy()
    assert saved is not None
    assert (saved.name, (saved / "domain_policy.conf").read_bytes()) == ("26-11-22.18:48:01", b"<kernel>\n")


def test_a_run_goes_on_with_what_it_was_begun_with(run: RunWriter) -> None:
    assert RunWriter.resume(run.path, run.manifest).path == run.path


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"image": {"sha256": "f" * 64, "label": "Other"}}, "the image is 'Other' with SHA-256 ffffffffffff"),
        ({"machine": {"memory_mib": 2048, "vcpus": 1}}, "the machine is 2048 MiB, 1 processor"),
        (
            {"exceptions": ("initialize_domain /usr/bin/gpg from any",)},
            "what chooses domains is initialize_domain /usr/bin/gpg from any, and was the image alone",
        ),
        ({"kernel_command_line": "quiet"}, "the kernel's command line is 'quiet', and was ''"),
        (
            {"mode": "enforcing", "enforced": {"path": "p", "sha256": "a" * 64, "start": "boot"}},
            "the policy is one with SHA-256 aaaaaaaaaaaa…, and was none",
        ),
    ],
)
def test_a_run_does_not_go_on_otherwise(run: RunWriter, changed: dict[str, object], told: str) -> None:
    manifest = Manifest.model_validate({**run.manifest.model_dump(by_alias=True), **changed})
    with pytest.raises(RecordError, match="cannot go on otherwise than it began") as raised:
        RunWriter.resume(run.path, manifest)
    assert told in str(raised.value)


def test_each_boot_under_a_policy_stays_in_the_record(run: RunWriter) -> None:
    failed = VerdictRecord(verdict="failed", mode="enforcing")
    run.checkpoint("console-ready").finish("error", error="the host was busy")
    kept = run.checkpoint("console-ready")
    kept.verdict(failed)
    kept.finish("error", error="a denial")
    run.checkpoint("console-ready").finish("passed")
    run.checkpoint("console-ready").finish("passed")
    boots = Run.read(run.path).checkpoints
    assert [boot.folder.name for boot in boots] == ["console-ready", "console-ready.2", "console-ready.3"]
    assert [boot.record.name for boot in boots] == ["console-ready"] * 3
    assert [boot.record.error for boot in boots] == ["a denial", "", ""]


def test_a_run_that_somebody_is_at_is_not_resumed(run: RunWriter) -> None:
    again = RunWriter.open(run.path)
    with run.claimed(), pytest.raises(RecordError, match="another process is still at"), again.claimed():
        pass
    with again.claimed():
        again.finished()


def test_every_step_is_on_the_disk_before_the_next_begins(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "Open the browser")
    scenario.step_started("When", "the harness dies")

    read = Run.read(run.path).scenarios[0]

    assert read.interrupted
    assert read.record.steps[0].outcome == "running"


def test_two_scenarios_with_one_dated_name_keep_both_policies(run: RunWriter) -> None:
    for name in ("One", "Two"):
        run.scenario(FEATURE, name).saved_policy("26-11-22.18:48:01", {"domain_policy.conf": name.encode()})

    policies = [
        scenario.file("policy/26-11-22.18:48:01/domain_policy.conf")
        for scenario in Run.read(run.path).scenarios
    ]

    assert sorted(policies) == [b"One", b"Two"]


def test_names_that_would_leave_the_folder_are_refused(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "One")
    with pytest.raises(RecordError, match="no file name"):
        scenario.attach("../../manifest.json", b"{}")
    with pytest.raises(RecordError, match="no file name"):
        scenario.saved_policy("..", {"domain_policy.conf": b""})


def test_text_that_no_file_can_hold_is_replaced_and_bounded(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "One")
    scenario.finish("failed", error="half a character \udcc3 " + "x" * 100_000)

    error = Run.read(run.path).scenarios[0].record.error

    assert error.startswith("half a character ? xxx")
    assert len(error) < 21_000


def test_a_second_attempt_replaces_the_first(run: RunWriter) -> None:
    run.scenario(FEATURE, "One").attach("journal.txt", b"first attempt")
    run.scenario(FEATURE, "One")

    assert Run.read(run.path).scenario("one").file("journal.txt") == b""


def test_two_names_with_one_id_are_refused(run: RunWriter) -> None:
    run.scenario(FEATURE, "Open the browser")
    with pytest.raises(RecordError, match=r"are both browsing-browser\.open-the-browser"):
        run.scenario(FEATURE, "Open the browser!")


def test_a_run_is_not_written_over(run: RunWriter, manifest: Manifest) -> None:
    with pytest.raises(RecordError, match="not empty"):
        RunWriter.create(run.path, manifest)


def test_the_manifest_is_amended_and_checked(run: RunWriter) -> None:
    run.amend(kernel_command_line="boot=live security=tomoyo")
    run.finished()
    with pytest.raises(ValidationError):
        run.amend(isolation="none")

    manifest = Run.read(run.path).manifest

    assert manifest.kernel_command_line == "boot=live security=tomoyo"
    assert manifest.finished is not None


def test_a_checkpoint_comes_back_with_its_baseline(run: RunWriter) -> None:
    checkpoint = run.checkpoint("desktop-ready", parent="boot")
    checkpoint.stage("the kernel runs")
    checkpoint.settled()
    checkpoint.baseline(
        {"domain_policy.conf": b"<kernel>\nuse_profile 1\n\n", "stat": b"Policy updated: 1\n"}
    )
    checkpoint.finish(save_seconds=3.25, size=12)

    read = Run.read(run.path).checkpoints[0]

    assert list(read.baseline()) == ["<kernel>"]
    assert (read.record.outcome, read.record.save_seconds, read.record.detail) == (
        "passed",
        3.25,
        {"size": 12},
    )
    assert [text for _, text in read.record.stages] == ["the kernel runs"]


def _work(path: Path, worker: str) -> None:
    run = RunWriter.open(path, worker=worker)
    scenario = run.scenario(FEATURE, f"Of {worker}")
    for number in range(50):
        scenario.rules_so_far(number)
    run.amend(**{"kernel_command_line": worker})
    scenario.finish("passed")


def test_workers_write_one_record(run: RunWriter) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(run.path, f"gw{number}")) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    lines = (run.path / "events.jsonl").read_text().splitlines()
    read = Run.read(run.path)

    assert len([json.loads(line) for line in lines]) == len(list(read.events())) == 2 * 52
    assert [scenario.record.outcome for scenario in read.scenarios] == ["passed", "passed"]
    assert read.manifest.kernel_command_line in {"gw0", "gw1"}


@contextmanager
def _files_no_longer_than(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_the_hosts_fault_and_nothing_earlier_is_lost(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "One")
    scenario.audit(b"a record\0")
    small = DomainPolicy([Domain("<kernel>")])
    scenario.fragment(small)

    with _files_no_longer_than(4096), pytest.raises(HostError) as caught:
        scenario.fragment(DomainPolicy([Domain("<kernel>", rules=("misc env HOME",) * 1000)]))

    assert "fragment.conf is not saved (14025 bytes)" in str(caught.value)
    assert "kept: audit.log, fragment.conf, scenario.json" in str(caught.value)
    read = Run.read(run.path).scenarios[0]
    assert dict(read.fragment()) == dict(small)
    assert not list(read.folder.glob(".*"))


def test_a_folder_in_the_way_is_no_lack_of_room(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    (tmp_path / "file").touch()
    for place in (tmp_path / "page.html", tmp_path / "file" / "page.html"):
        with pytest.raises(HostError) as caught:
            storage.replace(place, b"a page")
        assert "room" not in str(caught.value)
        assert "to do: name another place, or move away what has that name" in str(caught.value)
    assert {file.name for file in tmp_path.iterdir()} == {"page.html", "file"}


def test_an_audit_that_does_not_fit_leaves_no_half_drain(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "One")
    scenario.audit(b"a record\0")

    with _files_no_longer_than(4096), pytest.raises(HostError, match=r"audit\.log is not saved"):
        scenario.audit(b"x" * 10_000)
    scenario.audit(b"a later record\0")

    assert [drain.data for drain in Run.read(run.path).scenarios[0].drains()] == [
        b"a record\0",
        b"a later record\0",
    ]


def test_the_share_of_the_time_in_which_the_guest_worked(run: RunWriter) -> None:
    scenario = run.scenario(FEATURE, "Open the browser")
    scenario.step_started("When", "I open Firefox")
    scenario.step_finished("passed", guest_seconds=99.0)  # two processors at a time count as one
    scenario.step_started("Then", "I see a page")
    scenario.step_finished("passed", guest_seconds=0.0)
    assert scenario.record.working_share is None  # nobody knows yet how long it takes
    scenario.finish("passed")
    record = Run.read(run.path).scenario("open-the-browser").record
    assert record.working_share == pytest.approx(record.steps[0].seconds / record.seconds)
    other = run.scenario(FEATURE, "Without a measurement")
    other.step_started("When", "I open Firefox")
    other.finish("passed")
    assert other.record.working_share is None


def test_a_step_of_which_nobody_knows_counts_neither_way() -> None:
    now = datetime(2026, 11, 22, 18, 45, tzinfo=UTC)

    def of(*steps: tuple[float, float | None]) -> float | None:
        taken = tuple(
            Step(index=index, keyword="When", text="x", started=now, seconds=seconds, guest_seconds=used)
            for index, (seconds, used) in enumerate(steps)
        )
        record = ScenarioRecord(id="x", feature="x.feature", name="x", started=now, seconds=10.0, steps=taken)
        return record.working_share

    assert of((5.0, 4.0), (4.0, None)) == pytest.approx(4 / 6)
    assert of((4.0, 4.0), (6.0, None)) is None


def test_a_kept_checkpoint_becomes_one_of_a_later_run(
    run: RunWriter, manifest: Manifest, tmp_path: Path
) -> None:
    first = run.checkpoint("desktop-ready", parent="console-ready")
    first.baseline({"domain_policy.conf": b"<kernel>\nuse_profile 1\n\n"})
    first.attach("audit.log", b"#record\0")
    first.finish(save_seconds=3.25)
    later = RunWriter.create(tmp_path / "later", manifest)
    own = later.checkpoint("console-ready")
    own.finish()
    broken_off = later.checkpoint("desktop-ready")
    broken_off.attach("console.log", b"booting")
    later.take_over_checkpoint(first.folder)
    later.take_over_checkpoint(first.folder)
    assert not (broken_off.folder / "console.log").exists()
    later.take_over_checkpoint(run.checkpoint("console-ready").folder)
    read = {one.record.name: one for one in Run.read(later.path).checkpoints}
    assert read["desktop-ready"].record == first.record.model_copy(update={"reused": True})
    assert list(read["desktop-ready"].baseline()) == ["<kernel>"]
    assert (read["desktop-ready"].folder / "audit.log").read_bytes() == b"#record\0"
    assert read["console-ready"].record == own.record


def test_a_kept_record_becomes_that_of_a_later_run(
    run: RunWriter, manifest: Manifest, tmp_path: Path
) -> None:
    first = run.scenario("start/boot.feature", "Boot", checkpoint="power-off")
    first.step_started("When", "the computer is switched on")
    first.step_finished("passed")
    first.audit(b"#record\0")
    first.finish("passed")
    later = RunWriter.create(tmp_path / "later", manifest)
    later.scenario("start/boot.feature", "Boot", checkpoint="power-off").take_over(first.folder)
    (taken,) = Run.read(later.path).scenarios
    assert taken.record.reused
    assert taken.record.model_copy(update={"reused": False}) == first.record
    assert (taken.folder / "audit.log").read_bytes() == (first.folder / "audit.log").read_bytes()
    finished = [
        event for event in EventFollower(later.events.path).new() if event.kind == "scenario_finished"
    ]
    assert [event.outcome for event in finished] == ["passed"]
