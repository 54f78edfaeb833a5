"""`tomograph diff` and `tomograph lint`, through the function that the command calls."""

import json
import subprocess
from pathlib import Path

import pytest

from harness import cli

OLD = (
    "<kernel> /bash /gpg\nuse_profile 1\n\nfile read /k/1\nfile read /k/2\n\n"
    "<kernel>\nuse_profile 1\n\nfile read /a\n\n"
)
NEW = (
    "<kernel> /gpg\nuse_profile 1\n\nfile read /k/1\nfile read /k/2\n\n"
    "<kernel>\nuse_profile 3\nquota_exceeded\n\nfile read/write /a\nfile read squashfs:/b\nfile read /b\n\n"
)


@pytest.fixture
def saved(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "old.conf").write_text(OLD)
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "domain_policy.conf").write_text(NEW)
    (folder / "exception_policy.conf").write_text("initialize_domain /gpg from any\n")
    return str(tmp_path / "old.conf"), str(folder)


def test_a_difference_is_shown_by_meaning(saved, capsys):
    assert cli.run(["diff", *saved]) == 0
    output = capsys.readouterr().out
    assert "gpg  was bash \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} gpg" in output
    assert "profile: 1 -> 3" in output
    assert "  > file read/write /a" in output
    assert "  + file read /b  and 1 overlay name\n" in output
    assert "2 domains differ (0 new, 0 gone, 1 under another name); rules: 2 added, 1 widened" in output
    assert cli.run(["diff", saved[0], saved[0]]) == 0
    assert "the same" in capsys.readouterr().out


def test_a_difference_as_lines_and_as_json(saved, tmp_path, capsys):
    assert cli.run(["diff", "--lines", *saved]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "file write /a" in lines
    assert lines[-1] == "delete <kernel> /bash /gpg"
    (tmp_path / "one.conf").write_text(OLD.replace("file read /a", "file read /z"))
    assert cli.run(["diff", saved[0], str(tmp_path / "one.conf")]) == 0
    assert "1 domain differs (" in capsys.readouterr().out
    assert cli.run(["diff", "--json", *saved]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["counts"] == {"widened": 1, "added": 2}
    assert result["domains"][0]["moved"]


def test_shared_rules_and_the_exception_policy_count(tmp_path, capsys):
    names = [f"<kernel> /{letter}" for letter in "abcde"]
    for folder, group, other in (
        ("old", "file read /x", "keep_domain"),
        ("new", "file read /y", "no_keep_domain"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "domain_policy.conf").write_text(
            "".join(f"{name}\nuse_profile 3\nuse_group 9\n\nfile read /own\n\n" for name in names)
        )
        (tmp_path / folder / "exception_policy.conf").write_text(
            f"{other} any from /a\nacl_group 9 {group}\n"
        )
    two = [str(tmp_path / "old"), str(tmp_path / "new")]
    assert cli.run(["diff", *two]) == 0
    output = capsys.readouterr().out
    assert "+ no_keep_domain any from /a" in output
    assert output.count("file read /y") == 1
    assert "+ file read /y\n      in 5 domains: a, b, c and 2 more" in output
    assert "rules: 5 added, 5 removed; 2 lines of the exception policy" in output
    assert cli.run(["diff", "--lines", *two]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "4 lines that are not among these" in said.err
    assert cli.run(["diff", "--json", *two]) == 0
    assert {entry["kind"] for entry in json.loads(capsys.readouterr().out)["exceptions"]} == {
        "added",
        "removed",
    }


def test_no_line_is_cut_off_at_the_width_of_a_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    long = f"/usr/share/{'a' * 60}/the-end"
    names = [f"<kernel> /{letter}" for letter in "abcde"]
    for folder, path, line in (("old", "/x", ""), ("new", long, f"keep_domain any from {long}\n")):
        (tmp_path / folder).mkdir()
        shared = "".join(f"{name}\nuse_profile 3\n\nfile read {path}\n\n" for name in names)
        (tmp_path / folder / "domain_policy.conf").write_text(
            f"<kernel>\nuse_profile 3\n\nfile write {path}/own\nfile execute {path}\n\n{shared}"
        )
        (tmp_path / folder / "exception_policy.conf").write_text(line)
    assert cli.run(["diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    output = capsys.readouterr().out
    for line in (f"+ keep_domain any from {long}\n", f"+ file read {long}\n", f"+ file write {long}/own\n"):
        assert line in output
    assert "; 1 line of the exception policy" in output
    assert cli.run(["lint", str(tmp_path / "new")]) == 1
    assert f"    file write {long}/own\n" in capsys.readouterr().out


def test_without_an_exception_policy_the_other_sides_is_taken(tmp_path, capsys):
    (tmp_path / "shipped").mkdir()
    text = "<kernel> /x\nuse_profile 3\nuse_group 9\n\nfile read /own\n\n"
    for file in (tmp_path / "shipped" / "domain_policy.conf", tmp_path / "alone.conf"):
        file.write_text(text)
    (tmp_path / "shipped" / "exception_policy.conf").write_text("acl_group 9 file read /y\n")
    assert cli.run(["diff", str(tmp_path / "alone.conf"), str(tmp_path / "shipped")]) == 0
    said = capsys.readouterr()
    assert "the same" in said.out
    assert "alone.conf has no exception policy beside it" in said.err


def test_what_many_domains_have_in_common_names_them_and_keeps_what_each_had(tmp_path, capsys):
    names = [f"<kernel> /{letter}" for letter in "abcde"]
    for file, rules in (
        ("old.conf", lambda name: f"file read /a{name[-1]}/x\n"),
        ("new.conf", lambda _: "file read /a\\*/x\nfile read /1\nfile read /2\n"),
    ):
        text = "".join(f"{name}\nuse_profile 3\n\n{rules(name)}\n" for name in names)
        (tmp_path / file).write_text(text)
    assert cli.run(["diff", str(tmp_path / "old.conf"), str(tmp_path / "new.conf")]) == 0
    output = capsys.readouterr().out
    assert "+ file read /1\n      in 5 domains: a, b, c and 2 more" in output
    assert output.index("file read /1") < output.index("file read /2")
    assert all(f"was file read /a{letter}/x" in output for letter in "abcde")


def test_lint_finds_and_waives(saved, tmp_path, capsys):
    assert cli.run(["lint", saved[1]]) == 1
    output = capsys.readouterr().out
    assert "quota-exceeded  1, see docs/lint/quota-exceeded.md" in output
    assert "found: 1 quota-exceeded, 1 unreachable-domain; waived: 0" in output
    waivers = tmp_path / "waivers.toml"
    waivers.write_text(
        '[[waiver]]\ncheck = "quota-exceeded"\nreason = "known"\n\n'
        '[[waiver]]\ncheck = "unreachable-domain"\ndomain = "/gpg"\nreason = "known"\n'
    )
    assert cli.run(["lint", saved[1], "--waivers", str(waivers)]) == 0
    assert cli.run(["lint", saved[1], "--check", "quota-exceeded", "--json"]) == 1
    report = json.loads(capsys.readouterr().out.partition("waived: 2\n")[2])
    assert [finding["check"] for finding in report["findings"]] == ["quota-exceeded"]


def test_lint_against_the_files_of_an_image(saved, tmp_path, capsys):
    paths = tmp_path / "paths"
    paths.write_text("/usr/bin/cat\n")
    policy = tmp_path / "p.conf"
    policy.write_text("<kernel>\nfile read /usr/bin/dog\n")
    assert cli.run(["lint", str(policy), "--paths", str(paths), "--check", "stale-path"]) == 1
    assert "the image has no /usr/bin/dog" in capsys.readouterr().out


@pytest.fixture
def iso(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A live ISO with /usr/bin/cat and /usr/share/a b/."""
    monkeypatch.setenv("TOMOGRAPH_CACHE", str(tmp_path / "cache"))
    root, tree = tmp_path / "root", tmp_path / "tree"
    for folder in (root / "usr/bin", root / "usr/share/a b", tree / "live", tree / "isolinux"):
        folder.mkdir(parents=True)
    for file in (root / "usr/bin/cat", tree / "live/vmlinuz", tree / "live/initrd.img"):
        file.write_text(file.name)
    (tree / "isolinux/isolinux.cfg").write_text(
        "label live\nkernel /live/vmlinuz\nappend initrd=/live/initrd.img boot=live\n"
    )
    path = tmp_path / "live.iso"
    for command in (
        ["mksquashfs", root, tree / "live/filesystem.squashfs", "-quiet", "-no-progress"],
        ["xorriso", "-as", "mkisofs", "-quiet", "-r", "-o", path, tree],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return path


def test_lint_against_an_image(iso, tmp_path, capsys):
    policy = tmp_path / "p.conf"
    policy.write_text(
        "<kernel>\n\n"
        "file read /usr/bin/cat\nfile getattr /usr/share/a\\040b/\nfile read squashfs:/usr/bin/dog\n"
    )
    assert cli.run(["lint", str(policy), "--image", str(iso), "--check", "stale-path", "--json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [finding["rule"] for finding in findings] == ["file read squashfs:/usr/bin/dog"]


def test_lint_takes_the_files_of_an_image_from_one_place(saved, iso, capsys):
    assert cli.run(["lint", saved[0], "--image", str(iso), "--paths", saved[0]]) == 2
    assert "name only one of them" in " ".join(capsys.readouterr().err.split())
    assert cli.run(["lint", saved[0], "--image", saved[0]]) == 2
    assert "is not an ISO" in capsys.readouterr().err


def test_a_bad_line_is_wrong_input(tmp_path, capsys):
    policy = tmp_path / "p.conf"
    policy.write_text("<kernel>\nfile read /a\nfile raed /b\n")
    assert cli.run(["diff", str(policy), str(tmp_path / "none.conf")]) == 2
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    assert cli.run(["diff", str(empty), str(policy)]) == 2
    assert f"{policy}:3:6" in capsys.readouterr().err.replace("\n", "")
    assert cli.run(["lint", str(policy)]) == 1
    assert "unreadable-rule  1" in capsys.readouterr().out
