from __future__ import annotations

import gzip
import os
import subprocess
import zlib
from pathlib import Path

import pytest

from harness.image import overlay
from harness.image.apt import PackageRoot
from harness.image.liveiso import LiveIso

AGENT = "initialize_domain /usr/sbin/qemu-ga from any"
EXECUTOR = r"aggregator proc:/self/fd/\$ /usr/lib/systemd/systemd-executor"


def test_unpack_keeps_to_merged_folders_and_leaves_documentation(tmp_path: Path) -> None:
    package = tmp_path / "package"
    for name in (
        "sbin/tomoyo-init",
        "usr/lib/lib.so.3",
        "usr/share/doc/x/copyright",
        "etc/init.d/x",
        "etc/x.conf",
    ):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    (package / "sbin/tomoyo-init").chmod(0o755)
    (package / "DEBIAN").mkdir()
    (package / "DEBIAN/control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: N <n@example.org>\nDescription: x\n"
    )
    (package / "DEBIAN/postinst").write_text("#!/bin/sh\nexit 1\n")
    (package / "DEBIAN/postinst").chmod(0o755)
    deb = tmp_path / "x.deb"
    subprocess.run(["dpkg-deb", "--build", package, deb], check=True, capture_output=True)
    root = tmp_path / "root"
    overlay.unpack(deb, root, ["sbin", "lib"])
    found = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert found == ["etc/x.conf", "usr/lib/lib.so.3", "usr/sbin/tomoyo-init"]
    assert os.access(root / "usr/sbin/tomoyo-init", os.X_OK)
    unmerged = tmp_path / "unmerged"
    overlay.unpack(deb, unmerged, [])
    assert (unmerged / "sbin/tomoyo-init").is_file()


def test_an_archive_depends_on_its_content_only(tmp_path: Path) -> None:
    packed = []
    for name in ("one", "other"):
        tree = tmp_path / name
        (tree / "a/b").mkdir(parents=True)
        (tree / "a/b/file").write_text("x")
        (tree / "link").symlink_to("a")
        for path in (tree / "a/b/file", tree / "a/b", tree / "a"):
            os.utime(path, (1, 1))
        os.utime(tree / "link", (1, 1), follow_symlinks=False)
        packed.append(overlay.archive(tree))
    assert packed[0] == packed[1]
    listing = subprocess.run(
        ["cpio", "--list", "--verbose", "--quiet", "--numeric-uid-gid"],
        input=gzip.decompress(packed[0]),
        capture_output=True,
        check=True,
    ).stdout.decode()
    lines = [line.split() for line in listing.splitlines()]
    assert [line[8] for line in lines] == ["a", "a/b", "a/b/file", "link"]
    assert {(line[2], line[3]) for line in lines} == {("0", "0")}


def test_what_is_laid_behind_starts_where_the_kernel_looks() -> None:
    laid = overlay.laid_behind(b"x" * 700, b"y" * 10)
    assert laid[:700] == b"x" * 700
    assert laid[1024:1034] == b"y" * 10
    assert len(laid) % 512 == 0


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A host whose apt has nothing to add; records what it was asked for."""
    asked: list[list[str]] = []

    class Nothing(PackageRoot):
        def update(self) -> None:
            pass

        def download(self, packages):
            asked.append(list(packages))
            return ()

    monkeypatch.setattr("harness.image.apt.PackageRoot", Nothing)
    return asked


def test_an_overlay_is_made_once_for_an_image(iso: Path, no_packages: list[list[str]]) -> None:
    live = LiveIso.read(iso)
    first = overlay.overlay_for(live)
    assert overlay.overlay_for(live) == first
    assert no_packages == [["qemu-guest-agent", "tomoyo-tools"]]
    assert first.kernel.read_bytes() == live.kernel()
    assert first.initrd.read_bytes().startswith(live.initrd())


def test_the_hook_runs_behind_live_boots_own(iso: Path, no_packages: list[list[str]]) -> None:
    made = overlay.overlay_for(LiveIso.read(iso))
    archive = zlib.decompressobj(wbits=31).decompress(made.initrd.read_bytes()[512:])
    names = subprocess.run(
        ["cpio", "--list", "--quiet"],
        input=archive,
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert "conf/conf.d/zz-tomograph" in names.splitlines()
    assert "scripts/live-bottom/zz-tomograph" in names.splitlines()
    assert "tomograph/root/usr/lib/systemd/system-shutdown/tomograph" in names.splitlines()


class Initramfs:
    """The hook under busybox, as in an initramfs, with a live root at /root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        for name in (
            "bin",
            "dev",
            "tomograph/root/usr/sbin",
            "root/sbin",
            "root/usr/lib/tomoyo",
            "root/usr/sbin",
        ):
            (folder / name).mkdir(parents=True)
        self.policy = self.root / "etc/tomoyo/policy/current"
        (folder / "tomograph/root/usr/sbin/qemu-ga").write_text("agent")
        (folder / "tomograph/root/etc").mkdir()
        (folder / "tomograph/root/etc/new.conf").write_text("new")
        (folder / "hook").write_bytes((overlay._recipe() / "hook").read_bytes())
        for place in (folder, self.root):
            (place / "bin").mkdir(exist_ok=True)
            (place / "bin/busybox").write_bytes(Path("/bin/busybox").read_bytes())
            (place / "bin/busybox").chmod(0o755)
            (place / "bin/sh").symlink_to("busybox")
        self._script("sbin/ldconfig", "echo yes > /ldconfig-ran")
        # Stands for the real one, which this host need not have: what it writes is what the hook builds on.
        self._script(
            "usr/lib/tomoyo/init_policy",
            "busybox mkdir -p /etc/tomoyo/policy/current; cd /etc/tomoyo/policy/current\n"
            'echo "$*" > profile.conf; echo "<kernel>" > domain_policy.conf; : > exception_policy.conf\n'
            'echo "Memory used by audit log:     16777216" > /etc/tomoyo/stat.conf\n',
        )

    def _script(self, name: str, text: str) -> None:
        (self.root / name).write_text(f"#!/bin/sh\nPATH=/bin\n{text}\n")
        (self.root / name).chmod(0o755)

    def run(self) -> str:
        """Run the hook; returns what it told the kernel's log."""
        log = self.folder / "dev/kmsg"
        log.write_text("")
        busybox = ["/bin/busybox", "env", "-i", "PATH=/bin:/applets", "/bin/busybox", "sh", "-c"]
        install = (
            "busybox mkdir -p /applets; for name in $(busybox --list); do "
            "busybox ln -sf /bin/busybox /applets/$name; done; exec busybox sh /hook"
        )
        prefix = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
        subprocess.run([*prefix, "chroot", self.folder, *busybox, install], check=True, capture_output=True)
        return log.read_text()

    def text(self, name: str) -> str:
        return (self.policy / name).read_text()


@pytest.fixture
def initramfs(tmp_path: Path) -> Initramfs:
    return Initramfs(tmp_path / "initramfs")


def test_an_image_without_policy_gets_one_that_learns(initramfs: Initramfs) -> None:
    initramfs.run()
    assert "use_profile=1" in initramfs.text("profile.conf")
    assert "max_learning_entry=65536" in initramfs.text("profile.conf")
    assert "268435456" in (initramfs.root / "etc/tomoyo/stat.conf").read_text()
    assert (initramfs.root / "ldconfig-ran").exists()
    assert (initramfs.root / "usr/sbin/qemu-ga").read_text() == "agent"
    assert not (initramfs.folder / "tomograph").exists()


def test_the_agent_has_a_domain_that_learns_nothing(initramfs: Initramfs) -> None:
    initramfs.run()
    assert AGENT in initramfs.text("exception_policy.conf").splitlines()
    assert (
        "keep_domain any from <kernel> /usr/sbin/qemu-ga"
        in initramfs.text("exception_policy.conf").splitlines()
    )
    domains = initramfs.text("domain_policy.conf")
    assert "<kernel> /usr/sbin/qemu-ga\nuse_profile 0\n" in domains


@pytest.mark.parametrize("present", [True, False])
def test_the_executor_is_named_where_there_is_one(initramfs: Initramfs, present: bool) -> None:
    if present:
        (initramfs.root / "usr/lib/systemd").mkdir(parents=True)
        (initramfs.root / "usr/lib/systemd/systemd-executor").touch()
    initramfs.run()
    assert (EXECUTOR in initramfs.text("exception_policy.conf").splitlines()) == present


def test_an_image_with_a_policy_keeps_it(initramfs: Initramfs) -> None:
    initramfs.policy.mkdir(parents=True)
    own = {
        "profile.conf": "own profile\n",
        "domain_policy.conf": "<kernel>\nuse_profile 3\n",
        "exception_policy.conf": "x\n",
    }
    for name, text in own.items():
        (initramfs.policy / name).write_text(text)
    said = initramfs.run()
    assert "policy of its own" in said
    assert initramfs.text("profile.conf") == own["profile.conf"]
    assert initramfs.text("domain_policy.conf").startswith(own["domain_policy.conf"])
    added = initramfs.text("exception_policy.conf").removeprefix(own["exception_policy.conf"])
    assert all(
        "/usr/sbin/qemu-ga" in line or "system-shutdown/tomograph" in line for line in added.splitlines()
    )
    assert AGENT in added
    assert (initramfs.root / "etc/tomoyo/stat.conf").read_text() == "Memory used by audit log: 268435456\n"


def test_an_image_that_knows_the_agent_is_left_alone(initramfs: Initramfs) -> None:
    initramfs.policy.mkdir(parents=True)
    for name in ("profile.conf", "domain_policy.conf"):
        (initramfs.policy / name).write_text("own\n")
    (initramfs.policy / "exception_policy.conf").write_text(f"{AGENT}\n")
    initramfs.run()
    assert initramfs.text("exception_policy.conf") == f"{AGENT}\n"
    assert initramfs.text("domain_policy.conf") == "own\n"


def test_folders_of_the_image_keep_their_mode(initramfs: Initramfs) -> None:
    (initramfs.root / "etc").mkdir()
    (initramfs.root / "etc").chmod(0o700)
    initramfs.run()
    assert (initramfs.root / "etc").stat().st_mode & 0o777 == 0o700
    assert (initramfs.root / "etc/new.conf").read_text() == "new"


def test_a_failure_in_the_hook_is_told(initramfs: Initramfs) -> None:
    (initramfs.root / "sbin/ldconfig").unlink()
    assert "ldconfig failed" in initramfs.run()
