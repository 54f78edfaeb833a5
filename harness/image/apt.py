"""Package sources: the host's own apt configuration, turned to another Debian release.

Nothing here names a mirror. What `apt-get indextargets` says of the host's Debian sources is reused
with the release's name replaced (`bookworm-security` becomes `trixie-security`), together with the
host's `Acquire` settings: a proxy, a clock that is off, a snapshot that has expired.
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from harness import tool
from harness.errors import HostError, ImageError
from harness.image import cache

Suite = Literal["trixie", "bookworm"]

TOMOYO_SUITE: Suite = "bookworm"
"""The last Debian release with tomoyo-tools; its packages work on the later one too."""

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FIELDS = ("ORIGIN", "REPO_URI", "RELEASE", "CODENAME", "COMPONENT", "SIGNED_BY")


@dataclass(frozen=True, slots=True)
class Source:
    """One line of sources.list, see sources.list(5).

    Attributes:
        uri: the repository.
        release: a release in it, or a path that ends in `/` for a repository without releases.
        components: those wanted of the release.
        options: such as `signed-by=/usr/share/keyrings/…`.
    """

    uri: str
    release: str
    components: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        options = f"[{' '.join(self.options)}]" if self.options else ""
        return " ".join(filter(None, ("deb", options, self.uri, self.release, *self.components)))


def parse_index_targets(text: str, suite: str) -> tuple[Source, ...]:
    """The Debian sources in `text`, turned to `suite`.

    Args:
        text: lines of `apt-get indextargets --format`, fields as in `_FIELDS` separated by tabs.
        suite: the release's code name to put in the place of the host's.

    Returns:
        One source a repository and release, in the host's order. Sources that name another origin
        than Debian are left out. The origin is known only once the host's lists were downloaded;
        without it, everything that carries Debian's main component is taken.
    """
    found: dict[tuple[str, str], Source] = {}
    for line in text.splitlines():
        origin, uri, release, codename, component, signed_by = line.split("\t")
        if component != "main" or origin not in ("Debian", ""):
            continue
        name, _, pocket = release.partition("-")
        # With lists downloaded apt knows the code name behind "stable"; otherwise take the name itself.
        host = (codename or release).partition("-")[0]
        if name not in (host, "stable", "oldstable", "oldoldstable", "testing"):
            continue
        turned = f"{suite}-{pocket}" if pocket else suite
        # The key may also stand in the source itself; the archive's keyring has the same ones.
        key = signed_by if signed_by.startswith("/") else str(_KEYRING)
        # apt uses packages behind file: where they lie; copy: brings them to where they are looked for.
        uri = re.sub("^file:", "copy:", uri)
        found.setdefault((uri, turned), Source(uri, turned, ("main",), (f"signed-by={key}",)))
    return tuple(found.values())


def host_sources(suite: str) -> tuple[Source, ...]:
    """The host's Debian sources turned to `suite`.

    Raises:
        HostError: the host's apt knows no Debian source.
    """
    form = "\t".join(f"$({field})" for field in _FIELDS)
    text = tool.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"]).decode()
    sources = parse_index_targets(text, suite)
    if not any(source.release == suite for source in sources):
        raise HostError(
            "the host's apt configuration names no Debian source",
            expected="at least one source with the component main",
            hint="look at /etc/apt/sources.list and /etc/apt/sources.list.d/",
        )
    return sources


def host_options() -> tuple[str, ...]:
    """The host's `Acquire` settings that say how to reach a source, as lines of an apt.conf."""
    text = tool.run(["apt-config", "dump", "--no-empty", "Acquire"]).decode()
    # What to download is each apt's own affair, how to get at it is the host's.
    own = ("Acquire::IndexTargets", "Acquire::Languages", "Acquire::GzipIndexes", "Acquire::CompressionTypes")
    return tuple(
        line for line in text.splitlines() if line.startswith("Acquire::") and not line.startswith(own)
    )


@dataclass(frozen=True, slots=True)
class Package:
    """One package as apt would install it."""

    name: str
    version: str


class PackageRoot:
    """An apt of its own in a folder of the cache, which touches nothing else of the host.

    Args:
        sources: where it looks; when several have a package the highest version wins.
        folder: where its configuration, lists and downloads live.
        status: a dpkg status file: what counts as installed. Nothing by default.
    """

    def __init__(self, sources: Sequence[Source], folder: Path, status: bytes = b"") -> None:
        self.sources = tuple(sources)
        self.folder = folder
        for name in ("lists/partial", "archives/partial", "sources.d", "preferences.d"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "status").write_bytes(status)
        (folder / "sources.list").write_text("".join(f"{source}\n" for source in sources))
        settings = {
            "Dir::State": folder,
            "Dir::State::status": folder / "status",
            "Dir::State::lists": folder / "lists",
            "Dir::Cache": folder,
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": folder / "sources.d",
            "Dir::Etc::preferences": folder / "preferences",
            "Dir::Etc::preferencesparts": folder / "preferences.d",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root",  # the folder belongs to whoever builds
            "APT::Architecture": "amd64",
        }
        lines = [f'{name} "{value}";' for name, value in settings.items()]
        (folder / "apt.conf").write_text("\n".join([*lines, ""]))

    def update(self) -> None:
        """Download the package lists.

        Raises:
            HostError: a source cannot be reached, or its signature does not verify.
        """
        self._run("apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update")

    def released(self) -> datetime:
        """When the newest of the lists was published: every package in them is older."""
        dates = []
        for path in (self.folder / "lists").glob("*Release"):
            match = re.search(r"^Date: (.+)$", path.read_text(errors="replace"), re.MULTILINE)
            if match:
                dates.append(email.utils.parsedate_to_datetime(match.group(1)).astimezone(UTC))
        if not dates:
            raise HostError(
                f"apt downloaded no Release file to {self.folder / 'lists'}",
                expected="one for each package source, with its date",
                hint="does `apt-get update` work on this host?",
            )
        return max(dates)

    def download(self, packages: Sequence[str]) -> tuple[Path, ...]:
        """Download `packages` and those that they need, less what the status says is there.

        Raises:
            ImageError: apt cannot find a way to install them beside what is there.
        """
        archives = self.folder / "archives"
        for old in archives.glob("*.deb"):
            old.unlink()
        try:
            self._run(
                *("apt-get", "-q", "-y", "--no-install-recommends", "--download-only", "--no-remove"),
                *("install", *packages),
            )
        except HostError as error:
            releases = ", ".join(dict.fromkeys(source.release for source in self.sources))
            raise ImageError(
                f"apt finds no way to add {', '.join(packages)} from {releases}:\n{error.seen}",
                hint="is the image of this Debian release, and do the host's sources carry it?",
            ) from error
        return tuple(sorted(archives.glob("*.deb")))

    def _run(self, *command: str) -> bytes:
        return tool.run(command, env={"APT_CONFIG": str(self.folder / "apt.conf"), "LC_ALL": "C"})


def package_root(name: str, suites: Sequence[str], status: bytes = b"") -> PackageRoot:
    """The PackageRoot `name` of the cache, updated, with the host's sources turned to each of `suites`.

    Hold the lock `apt-NAME` while using it.
    """
    sources = [source for suite in suites for source in host_sources(suite)]
    root = PackageRoot(sources, cache.root() / "apt" / name, status)
    root.update()
    return root


def parse_status(status: str) -> tuple[Package, ...]:
    """The installed packages in the text of a dpkg status file, sorted by name."""
    found = []
    for paragraph in status.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Status", "").endswith(" installed"):
            found.append(Package(fields["Package"], fields["Version"]))
    return tuple(sorted(found, key=lambda package: package.name))


def manifest(packages: Sequence[Package]) -> str:
    """One line a package: its name and version, as a live image's `.packages` has it."""
    return "".join(f"{package.name}\t{package.version}\n" for package in packages)
