"""What QEMU finds when it is started: a loopback, a name server of ours, and no way out."""

import os
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from harness.errors import HostError
from harness.machine import enclosure


def started(folder: Path, script: str, **programs: str) -> subprocess.CompletedProcess[str]:
    """Start the launcher with `script` in QEMU's place."""
    for name, content in {"qemu-system-x86_64": script, **programs}.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{content}\n")
        program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        [enclosure.launcher(), "-one", "two words"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )


def test_there_is_a_loopback_and_nothing_else(tmp_path: Path) -> None:
    said = started(tmp_path, "tail -n +3 /proc/net/dev")
    assert [line.split(":")[0].strip() for line in said.stdout.splitlines()] == ["lo"]


@pytest.mark.parametrize("address", ["9.9.9.9", "10.0.2.2", "2620:fe::fe"])
def test_there_is_no_route_to_anywhere_else(tmp_path: Path, address: str) -> None:
    said = started(tmp_path, f"ip route get {address}; echo status $?")
    assert "unreachable" in said.stderr
    assert said.stdout == "status 2\n"


def test_addresses_for_services_are_local(tmp_path: Path) -> None:
    assert started(tmp_path, "ip route get 192.0.2.80").stdout.startswith("local 192.0.2.80 dev lo")


def test_names_are_asked_of_the_loopback(tmp_path: Path) -> None:
    said = started(tmp_path, "grep ^nameserver /etc/resolv.conf")
    assert said.stdout == "nameserver 127.0.0.1\n"


def test_arguments_arrive_whole(tmp_path: Path) -> None:
    assert started(tmp_path, 'printf "%s\\n" "$@"').stdout == "-one\ntwo words\n"


def test_without_namespaces_qemu_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = started(tmp_path, "echo started", unshare="echo 'unshare failed: no' >&2; exit 1")
    assert (said.returncode, said.stdout) == (1, "")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(HostError, match="unshare failed: no"):
        enclosure.must_work()


def test_half_an_enclosure_is_none(tmp_path: Path) -> None:
    said = started(tmp_path, "echo started", mount="exit 32")
    assert (said.returncode, said.stdout) == (32, "")


def test_the_launcher_stays_when_its_installation_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "vm"
    shutil.copytree(str(resources.files("vm") / "enclosure"), installed / "enclosure")
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(resources, "files", lambda _package: installed)
    first = enclosure.launcher()
    (installed / "enclosure" / "resolv.conf").write_text("nameserver 127.0.0.53\n")
    other = enclosure.launcher()
    shutil.rmtree(installed)
    assert first != other
    assert os.access(first, os.X_OK)
    assert os.access(other, os.X_OK)
