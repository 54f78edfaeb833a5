"""What is laid over a live image: the instruments, and TOMOYO where the image lacks it.

The kernel unpacks cpio archives laid end to end as one initramfs, so the image's own initrd with an
archive behind it boots the unchanged ISO. A hook in that archive (`vm/overlay/hook`) copies the
files into the live root and sees to the first policy before the root's init starts.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from harness import tool
from harness.image import apt, cache
from harness.image.liveiso import LiveIso
from harness.progress import Progress, silent

_BUILDER = 1
"""Raised when this module changes what comes of `vm/overlay/`."""

_AGENT = "qemu-guest-agent"
_TOMOYO = "tomoyo-tools"
# Read by people and by dpkg only; an initramfs lives in memory.
_LEFT_OUT = ("usr/share/", "etc/init.d/")
_MERGED = ("bin", "sbin", "lib", "lib64")
_ALIGNMENT = 512


@dataclass(frozen=True, slots=True)
class Overlay:
    """What boots instead of the image's own kernel and initrd.

    Attributes:
        kernel: the image's kernel, as a file.
        initrd: the image's initrd with the overlay behind it.
        packages: what was missing in the image and is brought along.
        key: its name in the cache; changes with the image and with what is laid over it.
    """

    kernel: Path
    initrd: Path
    packages: tuple[apt.Package, ...]
    key: str


def overlay_for(iso: LiveIso, progress: Progress = silent) -> Overlay:
    """The overlay for `iso`, made unless the cache has it.

    Raises:
        ImageError: the image's root cannot be read, or apt finds no way to add a package to it.
        HostError: a tool is missing, or no package source answers.
    """
    key = f"{iso.sha256[:16]}-{_recipe_digest()}"
    folder = cache.entry("overlay", key, lambda partial: _make(iso, partial, progress), progress)
    return Overlay(folder / "vmlinuz", folder / "initrd", _read_manifest(folder / "packages"), key)


def _recipe() -> Path:
    return Path(str(resources.files("vm"))) / "overlay"


def _recipe_digest() -> str:
    state = hashlib.sha256(str(_BUILDER).encode())
    for path in sorted(_recipe().rglob("*")):
        if path.is_file():
            state.update(f"\0{path.relative_to(_recipe())}\0".encode() + path.read_bytes())
    return state.hexdigest()[:12]


def _make(iso: LiveIso, folder: Path, progress: Progress) -> None:
    archives = folder / "archives"
    archives.mkdir()
    debs = _missing_packages(iso, archives, progress)
    tree = folder / "tree"
    shutil.copytree(_recipe() / "root", tree / "tomograph" / "root")
    merged = [name for name in _MERGED if iso.root.is_link(name)]
    for deb in debs:
        unpack(deb, tree / "tomograph" / "root", merged)
    for name, target in (("order", "conf/conf.d/zz-tomograph"), ("hook", "scripts/live-bottom/zz-tomograph")):
        (tree / target).parent.mkdir(parents=True)
        shutil.copy(_recipe() / name, tree / target)
    progress("overlay: kernel and initrd")
    (folder / "vmlinuz").write_bytes(iso.kernel())
    (folder / "initrd").write_bytes(laid_behind(iso.initrd(), archive(tree)))
    (folder / "packages").write_text(apt.manifest([_name_and_version(deb) for deb in debs]))
    shutil.rmtree(tree)
    shutil.rmtree(archives)


def _missing_packages(iso: LiveIso, archives: Path, progress: Progress) -> list[Path]:
    """Download what the image needs and does not have; the files are copied to `archives`."""
    progress(f"overlay: what does this {iso.suite} image lack?")
    status = iso.root.read("var/lib/dpkg/status")
    installed = {package.name for package in apt.parse_status(status.decode(errors="replace"))}
    wanted = [name for name in (_AGENT, _TOMOYO) if name not in installed]
    if not wanted:
        return []
    # Both at once: what tomoyo-tools needs beside it comes from the image's own release, where it fits.
    suites = dict.fromkeys((iso.suite, apt.TOMOYO_SUITE))
    with cache.locked("apt-overlay", progress):
        root = apt.package_root("overlay", tuple(suites), status)
        found = [Path(shutil.copy(deb, archives)) for deb in root.download(wanted)]
    names = {deb.name.partition("_")[0] for deb in found}
    progress(f"overlay: brings {', '.join(sorted(names))}")
    if replaced := names & installed:
        progress(
            f"overlay: REPLACES the image's own {', '.join(sorted(replaced))}, which is too old for the agent"
        )
    return found


def unpack(deb: Path, root: Path, merged: Iterable[str]) -> None:
    """Unpack a Debian package's files into `root`, without its documentation and maintainer scripts.

    None of the maintainer scripts is needed: what tomoyo-tools' does the overlay's hook does, the
    agent is started by its udev rule, and libraries are found after the hook's ldconfig.

    Args:
        deb: the package.
        root: the folder to unpack into.
        merged: top folders that are links into `/usr` in the image, which must stay so.
    """
    data = tool.run(["dpkg-deb", "--fsys-tarfile", deb])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if name.partition("/")[0] in merged:
                name = f"usr/{name}"
            if name.startswith(_LEFT_OUT) or member.isdir():
                continue
            tar.extract(member.replace(name=name, deep=False), root, filter="tar")


def archive(tree: Path) -> bytes:
    """`tree` as a gzipped cpio archive that belongs to root; the same tree gives the same bytes."""
    names = sorted(str(path.relative_to(tree)) for path in tree.rglob("*"))
    packed = tool.run(
        ["cpio", "--quiet", "--create", "--format=newc", "--reproducible", "--owner=+0:+0"],
        stdin="".join(f"{name}\n" for name in names).encode(),
        cwd=tree,
    )
    return gzip.compress(packed, mtime=0)


def laid_behind(initrd: bytes, overlay: bytes) -> bytes:
    """`initrd` with `overlay` behind it, each part padded so that the kernel finds the next one."""
    return b"".join(part + bytes(-len(part) % _ALIGNMENT) for part in (initrd, overlay))


def _name_and_version(deb: Path) -> apt.Package:
    name, version = (
        tool.run(["dpkg-deb", "--show", "--showformat=${Package} ${Version}", deb]).decode().split()
    )
    return apt.Package(name, version)


def _read_manifest(path: Path) -> tuple[apt.Package, ...]:
    return tuple(apt.Package(*line.split("\t")) for line in path.read_text().splitlines())
