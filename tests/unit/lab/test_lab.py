"""The ways that a machine goes, without one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest

from harness.errors import GuestError, HostError, PolicyError
from harness.guest.tomoyo import SavedPolicy
from harness.lab.checkpoints import CHECKPOINTS
from harness.lab.enforcement import enforcement
from harness.lab.lab import Lab
from harness.record import Manifest, Run, RunWriter
from harness.user.expectation import NotSeen
from tests.unit.conftest import audit_record
from tests.unit.enforced_run import POLICY


class Store:
    """Keeps no checkpoint, unless `made` says that they all are there."""

    def __init__(self, folder: Path, *, made: bool = False) -> None:
        self.folder = folder
        self.made = made

    def key(self, *parts: str) -> str:
        return parts[0]

    def find(self, _key: str) -> object | None:
        return object() if self.made else None

    def task(self, _key: str, _name: str) -> None:
        return None

    @contextlib.contextmanager
    def making(self, _key: str) -> Iterator[Path | None]:
        yield None if self.made else self.folder

    @contextlib.contextmanager
    def booting(self) -> Iterator[None]:
        yield


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("harness.lab.lab.Tesseract", lambda: None)
    setup = SimpleNamespace(
        definition=SimpleNamespace(name="m", accelerator=SimpleNamespace(time_scale=1.0)),
        key=lambda: "key",
        readiest="desktop-ready",
    )
    host = SimpleNamespace(folder=tmp_path)
    manifest = {"run": "r", "started": "2026-11-22T18:45:00Z", "tomoyo": {"version": "2.6", "tools": "image"}}
    run = RunWriter.create(tmp_path / "run", Manifest.model_validate(manifest))
    return Lab(cast("Any", host), cast("Any", setup), cast("Any", Store(tmp_path)), run)


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (NotSeen("the clock of a desktop's top bar", waited=900, shown=["Welcome"]), 2),
        (GuestError("no login prompt"), 2),
        (HostError("the disk is full"), 2),
        (PolicyError("not taken"), 1),
    ],
)
def test_a_checkpoint_out_of_reach_is_not_tried_for_every_scenario(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception, tries: int
) -> None:
    tried = []

    def fail(*_: object) -> NoReturn:
        tried.append(error)
        raise error

    monkeypatch.setattr(lab, "_make", fail)
    for _ in range(5):
        with pytest.raises((GuestError, HostError, PolicyError), match=str(error).splitlines()[0]):
            lab.saved("console-ready")
    assert len(tried) == tries


@pytest.mark.parametrize(("mode", "denied", "tries"), [
    ("enforcing", True, 1), ("enforcing", False, 2), ("permissive", True, 2),
])  # fmt: skip
def test_a_boot_that_the_policy_forbids_is_not_tried_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: Any, denied: bool, tries: int
) -> None:
    record = audit_record("<kernel> /usr/sbin/init", "file read /x").replace(b"learning", mode.encode())
    tried = []

    def hang(*_: object) -> NoReturn:
        tried.append(None)
        raise GuestError("no login prompt")

    lab.setup = cast("Any", SimpleNamespace(
        boots_under=enforcement(POLICY, mode, "boot"), key=lambda: "key", readiest="console-ready",
    ))  # fmt: skip
    lab._person = cast("Any", SimpleNamespace(close=lambda: None))
    lab.machine = cast("Any", SimpleNamespace(
        console_tail=lambda: b"", is_running=lambda: True, stop=lambda: None, folder=tmp_path,
    ))  # fmt: skip
    monkeypatch.setattr(lab, "_walk", hang)
    monkeypatch.setattr(lab, "switch_on", lambda: None)
    monkeypatch.setattr(lab, "_yield_to_boot", lambda: None)
    monkeypatch.setattr(Lab, "tomoyo", SimpleNamespace(drain_audit=lambda: record if denied else b""))
    for _ in range(4):
        with pytest.raises(GuestError, match="no login prompt"):
            lab.saved("console-ready")
    assert len(tried) == tries


def test_one_boot_for_all_goes_on_where_the_scenario_that_booted_stopped(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    walked: list[str] = []
    monkeypatch.setattr(lab, "_walk", lambda checkpoint, _stage: walked.append(checkpoint.name))
    monkeypatch.setattr(lab, "_attach", lambda: setattr(lab, "_agent", SimpleNamespace(close=lambda: None)))
    machine = SimpleNamespace(start=lambda: None, stop=lambda: None, is_running=lambda: True, time_scale=1.0)
    lab.machine = cast("Any", machine)
    lab._store = cast("Any", Store(tmp_path, made=True))
    tomoyo = SimpleNamespace(
        drain_audit=lambda: b"",
        save=lambda: SavedPolicy("now", {}),
        state=lambda: SimpleNamespace(kernel="6.12", version="2.6"),
    )
    monkeypatch.setattr(Lab, "tomoyo", tomoyo)
    monkeypatch.setattr(Lab, "journal", SimpleNamespace(cursor=lambda: ""))
    lab.switch_on()
    lab.get_ready()
    assert walked == ["console-ready", "desktop-ready"]
    lab.save_policy()
    lab.go_on("console-ready")
    assert walked == ["console-ready", "desktop-ready"]
    lab.switch_off()
    lab.switch_on()
    lab.save_policy()
    lab.go_on("console-ready")
    assert walked == ["console-ready", "desktop-ready", "console-ready"]
    for _ in range(2):  # a scenario may have logged out
        assert lab.go_on("logged-in").baseline == SavedPolicy("now", {})
    assert walked[3:] == ["logged-in", "logged-in"]


def test_a_save_that_failed_is_no_baseline(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> NoReturn:
        raise GuestError("the agent does not answer")

    lab._agent = cast("Any", object())
    lab.machine = cast("Any", SimpleNamespace(is_running=lambda: True))
    monkeypatch.setattr(Lab, "tomoyo", SimpleNamespace(save=lambda: SavedPolicy("now", {})))
    lab.save_policy()
    monkeypatch.setattr(Lab, "tomoyo", SimpleNamespace(save=fail))
    with pytest.raises(GuestError):
        lab.save_policy()
    assert lab._last_saved is None, "or the next scenario learns what this one did"


@pytest.mark.parametrize("answers", [True, False])
def test_what_was_read_of_a_boot_that_failed_late_stays(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, answers: bool
) -> None:
    early, late = (
        audit_record("<kernel> /usr/sbin/init", f"file read /{name}").replace(b"learning", b"enforcing")
        for name in ("early", "late")
    )
    unread = [early, late]

    def drain() -> bytes:
        if len(unread) == 1 and not answers:
            raise GuestError("the agent does not answer")
        return unread.pop(0)

    def die(*_: object) -> NoReturn:
        raise HostError("the disk is full")

    lab.setup = cast("Any", SimpleNamespace(boots_under=enforcement(POLICY, "enforcing", "boot")))
    screen = SimpleNamespace(capture=lambda: SimpleNamespace(png=lambda: b""))
    lab._person = cast("Any", SimpleNamespace(screen=screen, close=lambda: None))
    lab.machine = cast("Any", SimpleNamespace(
        console_tail=lambda: b"", is_running=lambda: True, stop=lambda: None, folder=tmp_path, dump=die,
    ))  # fmt: skip
    monkeypatch.setattr(lab, "_walk", lambda *_: None)
    tomoyo = SimpleNamespace(drain_audit=drain, state=die, violations=lambda _mode: 2)
    monkeypatch.setattr(Lab, "tomoyo", tomoyo)
    with pytest.raises(HostError, match="the disk is full"):
        lab._make(CHECKPOINTS["console-ready"], tmp_path, under_way=True)
    (way,) = Run.read(tmp_path / "run").checkpoints
    verdict = way.verdict()
    assert verdict is not None
    assert [denial.entry for denial in verdict.denials] == ["file read /early", "file read /late"][
        : 1 + answers
    ]
    assert ("what was denied is not known" in way.record.error) is not answers
