"""Building the reference image: Debian packages -> root -> squashfs -> bootable ISO."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from harness import tool
from harness.errors import HostError
from harness.image import apt, cache
from harness.image.bootable import write_iso
from harness.image.recipe import Flavour, Recipe
from harness.image.squashfs import Squashfs
from harness.progress import Progress, silent

_TITLES = {"trixie": "Debian 13", "bookworm": "Debian 12"}


def build(
    flavour: Flavour = "desktop",
    suite: apt.Suite = "trixie",
    *,
    with_tomoyo: bool = False,
    fresh: bool = False,
    progress: Progress = silent,
) -> Path:
    """The reference image's ISO, built unless the cache has one of the same recipe.

    Beside the ISO lie a `.packages` (name and version, a line each), a `.files` (every name in the
    root) and a `.log` of the build. The same recipe and package versions give the same two lists.

    Args:
        flavour: `console` or `desktop`.
        suite: the Debian release.
        with_tomoyo: add TOMOYO's tools, a first policy that learns, and `security=tomoyo`.
        fresh: build anew with today's package versions even if there is one.
        progress: gets a line for each stage.

    Raises:
        HostError: a tool is missing, no package source answers, or the host may not build.
    """
    recipe = Recipe(flavour, suite, with_tomoyo)
    key = f"{recipe.name}-{recipe.digest}"
    folder = cache.entry(
        "image", key, lambda partial: _build(recipe, partial, progress), progress, fresh=fresh
    )
    return folder / f"{recipe.name}.iso"


def _build(recipe: Recipe, folder: Path, progress: Progress) -> None:
    tool.require("mmdebstrap", "mksquashfs", "unsquashfs", "xorriso")
    started = time.monotonic()

    def say(what: str) -> None:
        progress(f"[{time.monotonic() - started:5.0f} s] {what}")

    say(f"package lists of {recipe.suite}")
    with cache.locked(f"apt-{recipe.suite}", progress):
        epoch = _epoch(apt.package_root(recipe.suite, [recipe.suite]))
    tree = folder / "tree"
    (tree / "live").mkdir(parents=True)
    squashfs = tree / "live" / "filesystem.squashfs"
    say(f"a root with {len(recipe.packages)} packages and what they need")
    _write_root(recipe, squashfs, folder / f"{recipe.name}.log", epoch, say)
    say("file and package lists")
    root = Squashfs(squashfs)
    names = root.names()
    installed = apt.parse_status(root.read("var/lib/dpkg/status").decode())
    listing = "".join(f"{name}\n" for name in names)
    (folder / f"{recipe.name}.files").write_text(listing, errors="surrogateescape")
    (folder / f"{recipe.name}.packages").write_text(apt.manifest(installed))
    for pattern, target in ((r"boot/vmlinuz-\S+", "vmlinuz"), (r"boot/initrd\.img-\S+", "initrd.img")):
        found = [name for name in names if re.fullmatch(pattern, name)]
        (tree / "live" / target).write_bytes(root.read(found[-1]))
    say("a bootable ISO")
    write_iso(
        tree,
        folder / f"{recipe.name}.iso",
        boot=recipe.folder / "boot",
        title=f"{_TITLES[recipe.suite]} {recipe.flavour} (reference image)",
        command_line=recipe.command_line,
        epoch=epoch,
    )
    shutil.rmtree(tree)
    size = (folder / f"{recipe.name}.iso").stat().st_size >> 20
    say(f"{recipe.name}.iso: {len(installed)} packages, {len(names)} files, {size} MiB")


def _epoch(root: apt.PackageRoot) -> int:
    """The moment that stands for the time of building.

    Not older than any packaged file: mmdebstrap sets files that are newer back to it, and Python
    then finds the time of a source other than the one in its compiled module.
    """
    chosen = os.environ.get("SOURCE_DATE_EPOCH")
    return int(chosen) if chosen else int(root.released().timestamp())


def _write_root(recipe: Recipe, squashfs: Path, log: Path, epoch: int, say: Progress) -> None:
    sources = list(apt.host_sources(recipe.suite))
    if recipe.with_tomoyo and recipe.suite != apt.TOMOYO_SUITE:
        # Higher versions win, so nothing but what the suite lacks comes from the older release.
        sources += apt.host_sources(apt.TOMOYO_SUITE)
    command = [
        *_privilege(),
        "mmdebstrap",
        *("--variant=important", "--architectures=amd64", f"--include={','.join(recipe.packages)}"),
        "--aptopt=APT::Install-Recommends false",
        "--dpkgopt=force-confdef",
        "--dpkgopt=force-unsafe-io",
        *(f"--aptopt={option}" for option in apt.host_options()),
        *(f"--customize-hook=sync-in {shlex.quote(str(tree))} /" for tree in recipe.trees),
        *(f'--customize-hook={shlex.quote(str(hook))} "$1"' for hook in recipe.hooks),
        *(recipe.suite, "-", *(str(source) for source in sources)),
    ]
    squash = ["mksquashfs", "-", str(squashfs), "-tar", "-comp", "zstd", "-Xcompression-level", "3"]
    # tar calls the root itself ".", which mksquashfs passes over: without this everybody could write to it.
    squash += ["-root-mode", "755", "-root-uid", "0", "-root-gid", "0", "-no-progress", "-quiet"]
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8"}
    with (
        log.open("w", buffering=1) as record,
        # A session of its own: mmdebstrap signals its whole process group when it fails.
        subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        ) as make,
        subprocess.Popen(squash, env=env, stdin=make.stdout, stdout=record, stderr=record) as pack,
    ):
        assert make.stdout is not None
        assert make.stderr is not None
        make.stdout.close()
        try:
            for raw in make.stderr:
                line = raw.decode(errors="replace").rstrip()
                record.write(f"{line}\n")
                # mmdebstrap's own remarks start so; the rest is what packages say.
                if line.startswith("I: ") and not line.startswith("I: running"):
                    say(f"  {line.removeprefix('I: ')}")
        except BaseException:
            # Ctrl-C does not reach another session by itself; mmdebstrap then removes what it unpacked. The
            # whole session, as what stands before mmdebstrap passes no signal on.
            os.killpg(make.pid, signal.SIGTERM)
            raise
        statuses = {"mmdebstrap": make.wait(), "mksquashfs": pack.wait()}
    for program, status in statuses.items():
        if status != 0:
            raise tool.failure([program], status, log.read_text(errors="replace"))


def _privilege() -> Sequence[str]:
    """What stands before mmdebstrap so that files can belong to root, as this user may do it.

    As root it gets a mount namespace of its own: when it is killed, the /proc and /dev that it mounted in its
    temporary folder go with it, and whoever removes that folder does not remove the host's devices.

    Raises:
        HostError: this user has neither subordinate user ids nor sudo without a password.
    """
    apart = ("unshare", "--mount")
    if os.geteuid() == 0:
        # A container's root may be forbidden that; mmdebstrap then makes do without mounting, too.
        return apart if _succeeds(*apart, "true") else ()
    if shutil.which("newuidmap") and _succeeds("unshare", "--user", "--map-auto", "--map-root-user", "true"):
        return ()
    if shutil.which("sudo") and _succeeds("sudo", "-n", "true"):
        return ("sudo", "-n", "--preserve-env=SOURCE_DATE_EPOCH,LC_ALL", *apart)
    raise HostError(
        "this user can neither map user ids (newuidmap, /etc/subuid) nor use sudo without a password",
        expected="one of them: a root file system has files that belong to other users",
        hint="run the build as root, or install uidmap and give the user a range in /etc/subuid",
    )


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
