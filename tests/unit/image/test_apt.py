"""Against a real apt and a package source of the test's own, in a folder."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.errors import HostError, ImageError
from harness.image import apt
from harness.image.apt import Package, PackageRoot, Source

KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"


def targets(*rows: str) -> str:
    return "".join("\t".join(row.split("|")) + "\n" for row in rows)


def test_the_hosts_sources_are_turned_to_the_suite() -> None:
    text = targets(
        f"Debian|http://mirror/debian/|bookworm|bookworm|main|{KEY}",
        f"Debian|http://mirror/debian/|bookworm|bookworm|contrib|{KEY}",
        f"Debian|http://mirror/debian/|bookworm-updates|bookworm-updates|main|{KEY}",
        f"Debian|http://mirror/security/|bookworm-security|bookworm-security|main|{KEY}",
    )
    assert [str(source) for source in apt.parse_index_targets(text, "trixie")] == [
        f"deb [signed-by={KEY}] http://mirror/debian/ trixie main",
        f"deb [signed-by={KEY}] http://mirror/debian/ trixie-updates main",
        f"deb [signed-by={KEY}] http://mirror/security/ trixie-security main",
    ]


@pytest.mark.parametrize("name", ["stable", "oldstable"])
def test_a_release_named_by_its_state(name: str) -> None:
    text = targets(
        f"Debian|http://m/|{name}|bookworm|main|{KEY}", f"Debian|http://m/|{name}-updates||main|{KEY}"
    )
    assert [source.release for source in apt.parse_index_targets(text, "trixie")] == [
        "trixie",
        "trixie-updates",
    ]


def test_sources_of_others_are_left_out() -> None:
    text = targets(
        f"Debian|http://m/|bookworm|bookworm|main|{KEY}",
        "Docker|https://docker/|bookworm|bookworm|stable|",
        "Other|https://other/|bookworm|bookworm|main|",
    )
    assert [source.uri for source in apt.parse_index_targets(text, "trixie")] == ["http://m/"]


def test_a_mirror_in_a_folder_is_copied_from() -> None:
    (source,) = apt.parse_index_targets(
        targets(f"Debian|file:/srv/mirror/|bookworm|bookworm|main|{KEY}"), "trixie"
    )
    assert source.uri == "copy:/srv/mirror/"


def test_lists_that_were_never_downloaded_name_no_origin() -> None:
    (source,) = apt.parse_index_targets(targets("|http://m/|bookworm||main|"), "trixie")
    assert source == Source("http://m/", "trixie", ("main",), (f"signed-by={KEY}",))


def test_a_host_without_debian_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "apt.conf"
    config.write_text('Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n')
    monkeypatch.setenv("APT_CONFIG", str(config))
    with pytest.raises(HostError, match="names no Debian source"):
        apt.host_sources("trixie")


def test_how_to_reach_a_source_is_kept_and_what_to_fetch_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "apt.conf"
    config.write_text('Acquire::http::Proxy "http://proxy:3142";\nAcquire::Languages "de";\n')
    monkeypatch.setenv("APT_CONFIG", str(config))
    options = apt.host_options()
    assert 'Acquire::http::Proxy "http://proxy:3142";' in options
    assert not [option for option in options if "Languages" in option or "IndexTargets" in option]


def test_parse_status_counts_only_what_is_installed() -> None:
    status = (
        "Package: b\nStatus: install ok installed\nVersion: 2\nDescription: x\n Package: inside a text\n\n"
        "Package: a\nStatus: install ok installed\nVersion: 1:1\n\n"
        "Package: c\nStatus: deinstall ok config-files\nVersion: 3\n"
    )
    packages = apt.parse_status(status)
    assert packages == (Package("a", "1:1"), Package("b", "2"))
    assert apt.manifest(packages) == "a\t1:1\nb\t2\n"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """A flat repository: `tool` needs `lib` (2 or later); `broken` needs what nobody has."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for name, version, depends in (
        ("tool", "1.0", "lib (>= 2)"),
        ("lib", "2.1", ""),
        ("broken", "1.0", "absent"),
    ):
        control = (
            f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <n@example.org>\n"
        )
        control += f"Depends: {depends}\n" if depends else ""
        tree = tmp_path / "packages" / name
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(f"{control}Description: for a test\n")
        subprocess.run(["dpkg-deb", "--build", tree, folder], check=True, capture_output=True)
    packages = subprocess.run(
        ["apt-ftparchive", "packages", "."], cwd=folder, check=True, capture_output=True
    )
    (folder / "Packages").write_bytes(packages.stdout)
    release = subprocess.run(["apt-ftparchive", "release", "."], cwd=folder, check=True, capture_output=True)
    (folder / "Release").write_bytes(release.stdout)
    return Source(f"copy:{folder}", "./", (), ("trusted=yes",))


def names(found: tuple[Path, ...]) -> list[str]:
    return [path.name for path in found]


def test_what_an_empty_image_lacks(source: Source, tmp_path: Path) -> None:
    root = PackageRoot([source], tmp_path / "apt")
    root.update()
    assert names(root.download(["tool"])) == ["lib_2.1_all.deb", "tool_1.0_all.deb"]
    assert abs((datetime.now(UTC) - root.released()).total_seconds()) < 600


def test_what_the_image_has_is_not_fetched(source: Source, tmp_path: Path) -> None:
    status = b"Package: lib\nStatus: install ok installed\nVersion: 2.0\nArchitecture: all\n\n"
    root = PackageRoot([source], tmp_path / "apt", status)
    root.update()
    assert names(root.download(["tool"])) == ["tool_1.0_all.deb"]


def test_what_the_image_has_too_old_is_fetched(source: Source, tmp_path: Path) -> None:
    status = b"Package: lib\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\n\n"
    root = PackageRoot([source], tmp_path / "apt", status)
    root.update()
    assert names(root.download(["tool"])) == ["lib_2.1_all.deb", "tool_1.0_all.deb"]


@pytest.mark.parametrize("name", ["broken", "unheard-of"])
def test_a_package_that_cannot_be_had(source: Source, tmp_path: Path, name: str) -> None:
    root = PackageRoot([source], tmp_path / "apt")
    root.update()
    with pytest.raises(ImageError, match="apt finds no way") as caught:
        root.download([name])
    assert name in str(caught.value)


def test_a_source_that_does_not_answer(tmp_path: Path) -> None:
    root = PackageRoot([Source(f"file:{tmp_path}/nowhere", "./", (), ("trusted=yes",))], tmp_path / "apt")
    with pytest.raises(HostError, match="apt-get ended with status"):
        root.update()
