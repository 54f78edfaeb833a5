"""A policy, or lines of one, behind the overlay: the archive, its key, and the hook that lays it."""

from __future__ import annotations

import os
import subprocess
import zlib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from harness.image.first_policy import with_exceptions, with_policy
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


def test_lines_that_choose_domains_make_another_checkpoint(overlay: Overlay, tmp_path: Path) -> None:
    made = with_exceptions(overlay, ["initialize_domain /usr/bin/gpg from any"], tmp_path)
    assert made.initrd.read_bytes().startswith(overlay.initrd.read_bytes())
    assert "tomograph-policy/exception_policy.more" in listing(made.initrd, overlay.initrd.stat().st_size)
    other = with_exceptions(overlay, ["initialize_domain /usr/bin/gpgsm from any"], tmp_path)
    assert len({overlay.key, made.key, other.key}) == 3
    assert with_exceptions(overlay, [], tmp_path) == overlay


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """The first policy of a root, by the name that it was saved under."""
    dated = tmp_path / "root/etc/tomoyo/policy/26-11-22.20:00:00"
    dated.mkdir(parents=True)
    (dated.parent / "current").symlink_to(dated.name)
    return dated


def lay(files: dict[str, bytes], tmp_path: Path) -> str:
    """What the hook said to the kernel's log when it laid `files` into the root."""
    laid = tmp_path / "tomograph-policy"
    laid.mkdir()
    for name, content in files.items():
        (laid / name).write_bytes(content)
    hook = Path(str(resources.files("vm"))) / "policy" / "hook"
    said = tmp_path / "kmsg"
    script = (
        hook.read_text()
        .replace("/root/", f"{tmp_path}/root/")
        .replace("/tomograph-policy", str(laid))
        .replace("/dev/kmsg", str(said))
    )
    subprocess.run(["sh", "-c", script], check=True)
    assert not laid.exists()
    assert os.access(hook, os.X_OK)
    return said.read_text()


def test_the_hook_puts_the_policy_where_tomoyo_reads_it(dated: Path, tmp_path: Path) -> None:
    (dated / "domain_policy.conf").write_text("<kernel>\nuse_profile 1\n")
    (dated / "manager.conf").write_text("/usr/sbin/tomoyo-loadpolicy\n")
    assert "domain_policy.conf is in place" in lay(FILES, tmp_path)
    assert (dated / "domain_policy.conf").read_bytes() == FILES["domain_policy.conf"]
    assert (dated / "manager.conf").read_text() == "/usr/sbin/tomoyo-loadpolicy\n"


def test_the_hook_adds_the_lines_that_the_first_policy_has_not(dated: Path, tmp_path: Path) -> None:
    old = "aggregator proc:/self/fd/\\$ /x\ninitialize_domain /usr/bin/gpg from any\n"
    (dated / "exception_policy.conf").write_text(old)
    more = "initialize_domain /usr/bin/gpg from any\nkeep_domain any from <kernel> /a\\040\\$\n"
    assert "further lines" in lay({"exception_policy.more": more.encode()}, tmp_path)
    assert (dated / "exception_policy.conf").read_text() == f"{old}keep_domain any from <kernel> /a\\040\\$\n"


def test_the_hook_tells_what_it_cannot_lay(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    assert "cannot lay profile.conf" in lay(FILES, tmp_path)
    assert "cannot add to" in lay({"exception_policy.more": b"initialize_domain /x from any\n"}, tmp_path)


def test_another_overlay_gets_an_initrd_of_its_own(overlay: Overlay, tmp_path: Path) -> None:
    (tmp_path / "newer").write_bytes(b"another kernel's" * 50)
    newer = replace(overlay, initrd=tmp_path / "newer", key="newer-recipe")
    for one in (overlay, newer):
        assert with_policy(one, FILES, tmp_path).initrd.read_bytes().startswith(one.initrd.read_bytes())
