"""A policy behind the overlay: its archive, its key, and the hook that lays it."""

from __future__ import annotations

import os
import subprocess
import zlib
from importlib import resources
from pathlib import Path

import pytest

from harness.image.enforced import with_policy
from harness.image.overlay import Overlay

FILES = {
    "domain_policy.conf": b"<kernel>\nuse_profile 3\n\n\n",
    "profile.conf": b"PROFILE_VERSION=20150505\n",
}


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    (tmp_path / "initrd").write_bytes(b"the image's own" * 50)
    return Overlay(tmp_path / "vmlinuz", tmp_path / "initrd", (), "image-recipe")


def listing(initrd: Path, behind: int) -> list[str]:
    # What pads the archive is behind the end of its gzip stream.
    archive = zlib.decompressobj(wbits=31).decompress(initrd.read_bytes()[-(-behind // 512) * 512 :])
    listed = subprocess.run(["cpio", "--list", "--quiet"], input=archive, capture_output=True, check=True)
    return listed.stdout.decode().splitlines()


def test_the_policy_lies_behind_the_overlay(overlay: Overlay, tmp_path: Path) -> None:
    made = with_policy(overlay, FILES, tmp_path)
    assert made.initrd.read_bytes().startswith(overlay.initrd.read_bytes())
    names = listing(made.initrd, overlay.initrd.stat().st_size)
    assert {"tomograph-policy/domain_policy.conf", "tomograph-policy/profile.conf"} <= set(names)
    assert {"conf/conf.d/zz-tomograph-policy", "scripts/live-bottom/zz-tomograph-policy"} <= set(names)
    assert made.kernel == overlay.kernel


def test_a_checkpoint_under_a_policy_is_another_checkpoint(overlay: Overlay, tmp_path: Path) -> None:
    other = {**FILES, "domain_policy.conf": b"<kernel>\nuse_profile 3\n\nfile read /x\n\n"}
    keys = [with_policy(overlay, files, tmp_path).key for files in (FILES, other, FILES)]
    assert keys[0] != keys[1]
    assert keys[0] == keys[2]
    assert overlay.key not in keys


def test_the_hook_puts_the_policy_where_tomoyo_reads_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    dated = root / "etc/tomoyo/policy/26-11-22.20:00:00"
    dated.mkdir(parents=True)
    (dated / "domain_policy.conf").write_text("<kernel>\nuse_profile 1\n")
    (dated / "manager.conf").write_text("/usr/sbin/tomoyo-loadpolicy\n")
    (dated.parent / "current").symlink_to(dated.name)
    laid = tmp_path / "tomograph-policy"
    laid.mkdir()
    for name, content in FILES.items():
        (laid / name).write_bytes(content)
    hook = Path(str(resources.files("vm"))) / "policy" / "hook"
    said = tmp_path / "kmsg"
    script = (
        hook.read_text()
        .replace("/root/", f"{root}/")
        .replace("/tomograph-policy", str(laid))
        .replace("/dev/kmsg", str(said))
    )
    subprocess.run(["sh", "-c", script], check=True)
    assert (dated / "domain_policy.conf").read_bytes() == FILES["domain_policy.conf"]
    assert (dated / "manager.conf").read_text() == "/usr/sbin/tomoyo-loadpolicy\n"
    assert not laid.exists()
    assert "in place" in said.read_text()
    assert os.access(hook, os.X_OK)
