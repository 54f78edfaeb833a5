import multiprocessing
import shutil
from pathlib import Path

import pytest

from harness.guest.tomoyo import SavedPolicy
from harness.lab.store import Info, Store

BASELINE = SavedPolicy("26-11-22.20:00:00", {"domain_policy.conf": b"<kernel>\nuse_profile 1\n\n\n"})


def info(name: str = "console-ready") -> Info:
    return Info(
        name,
        BASELINE.name,
        "s=1;i=2",
        70.0,
        3.5,
        "2026-11-22T20:00:00+00:00",
        stages=[(61.5, "login prompt")],
    )


def save(store: Store, key: str) -> None:
    with store.making(key) as partial:
        assert partial is not None
        store.memory_file(partial).write_bytes(b"memory of " + key.encode())
        store.keep(partial, info(), BASELINE)


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.find("k") is None
    save(store, "k")
    found = store.find("k")
    assert found is not None
    assert (found.info, found.baseline) == (info(), BASELINE)
    assert found.memory.read_bytes() == b"memory of k"


def test_a_checkpoint_that_failed_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fail() -> None:
        with store.making("k") as partial:
            assert partial is not None
            store.memory_file(partial).write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.find("k") is None
    assert [path.name for path in tmp_path.iterdir()] == ["k.lock"]


def test_the_least_used_are_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path, keep=2)
    for key in "abc":
        save(store, key)
        if key == "b":
            assert store.find("a") is not None  # used last, so `b` goes
    assert {folder.name for folder, _size, _used in store.saved()} == {"a", "c"}


def test_a_copy_in_the_making_is_no_checkpoint(tmp_path: Path) -> None:
    store = Store(tmp_path)
    save(store, "a")
    shutil.copytree(tmp_path / "a", tmp_path / "a.record")
    assert [folder.name for folder, _size, _used in store.saved()] == ["a"]


def test_the_key_changes_with_every_part() -> None:
    assert Store.key("a", "b") != Store.key("a", "c")
    assert Store.key("ab", "c") != Store.key("a", "bc")


def _make_once(folder: Path, made: list[str]) -> None:
    store = Store(folder)
    with store.making("k") as partial:
        if partial is not None:
            made.append("made")
            store.memory_file(partial).write_bytes(b"memory")
            store.keep(partial, info(), BASELINE)


def test_of_two_workers_one_makes_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        made = manager.list()
        workers = [context.Process(target=_make_once, args=(tmp_path, made)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=60)
            assert worker.exitcode == 0
        assert list(made) == ["made"]


def test_one_machine_boots_at_a_time(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    assert not second.is_booting()
    with first.booting():
        assert second.is_booting()
    assert not second.is_booting()


def test_a_tasks_record_is_kept_as_long_as_the_checkpoint_it_led_to(tmp_path: Path) -> None:
    record = tmp_path / "run" / "scenarios" / "boot"
    record.mkdir(parents=True)
    (record / "scenario.json").write_text("{}")
    store = Store(tmp_path / "store", keep=1)
    store.keep_task("a", "task-1", record)  # no such checkpoint: nothing to keep it with
    assert store.task("a", "task-1") is None
    save(store, "a")
    store.keep_task("a", "task-1", record)
    kept = store.task("a", "task-1")
    assert kept is not None
    assert (kept / "scenario.json").read_text() == "{}"
    assert store.find("a") is not None
    assert store.task("a", "task-2") is None
    save(store, "b")
    assert store.task("a", "task-1") is None
    assert not list((tmp_path / "store").glob("*.task-1"))
