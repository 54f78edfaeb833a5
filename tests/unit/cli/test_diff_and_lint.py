"""`tomograph diff` and `tomograph lint`, through the function that the command calls."""

import json
import subprocess
from pathlib import Path

import pytest

from harness import cli
from harness.policy import Domain, DomainPolicy
from tests.unit.conftest import SHELL
from tests.unit.enforced_run import POLICY

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


@pytest.fixture
def two_policies(tmp_path: Path) -> tuple[Path, Path]:
    POLICY.write(tmp_path / "old")
    POLICY.write(tmp_path / "new")
    return tmp_path / "old", tmp_path / "new"


def test_profiles_and_managers_are_compared(two_policies, capsys):
    old, new = two_policies
    assert cli.run(["diff", str(old), str(new)]) == 0
    assert capsys.readouterr().out == "The policies are the same.\n"
    profiles = new / "profile.conf"
    profiles.write_text(profiles.read_text().replace("mode=enforcing", "mode=disabled"))
    (new / "manager.conf").write_text("manage_by_non_root\n/usr/sbin/tomoyo-loadpolicy\n")
    assert cli.run(["diff", str(old), str(new)]) == 0
    output = capsys.readouterr().out
    assert "the same" not in output
    assert output.splitlines()[0].endswith("; 2 lines of the profiles; 1 line of the managers")
    assert "+ 3-CONFIG={ mode=disabled grant_log=yes reject_log=no }" in output
    assert "- 3-CONFIG={ mode=enforcing grant_log=yes reject_log=no }" in output
    assert "+ manage_by_non_root" in output
    assert cli.run(["diff", "--json", str(old), str(new)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (len(document["profiles"]), len(document["managers"])) == (2, 1)
    assert cli.run(["diff", "--lines", str(old), str(new)]) == 0
    assert "the profiles differ too" in capsys.readouterr().err


def test_what_one_side_alone_has_is_not_called_the_same(two_policies, capsys):
    old, new = two_policies
    (old / "profile.conf").unlink()
    assert cli.run(["diff", str(old), str(new)]) == 0
    said = capsys.readouterr()
    assert said.out == "What was compared is the same.\n"
    assert f"not compared: profile.conf; {old} has none" in said.err


def test_profiles_that_do_not_read_are_an_error(two_policies, capsys):
    old, new = two_policies
    (new / "profile.conf").write_text("3-CONFIG={ mode=enforced }\n")
    assert cli.run(["diff", str(old), str(new)]) == 2
    assert f"{new}/profile.conf:1:" in capsys.readouterr().err


def test_lint_tells_of_profiles_that_do_not_enforce(two_policies, capsys):
    _old, new = two_policies
    assert cli.run(["lint", str(new), "--check", "not-enforcing"]) == 0
    (new / "profile.conf").write_text("PROFILE_VERSION=20150505\n3-CONFIG={ mode=permissive }\n")
    capsys.readouterr()
    assert cli.run(["lint", str(new), "--check", "not-enforcing"]) == 1
    assert "profile 3, which 2 domains are in, has mode=permissive for everything" in capsys.readouterr().out


def test_the_exception_policy_of_a_run_is_that_of_its_checkpoints(tmp_path, run_folder, capsys):
    shell = DomainPolicy([Domain(SHELL, 1, (9,), rules=("file read /a",))])
    checkpoint = run_folder / "checkpoints" / "desktop-ready"
    (checkpoint / "domain_policy.conf").write_bytes(shell.dump())
    (checkpoint / "exception_policy.conf").write_text("acl_group 9 file read /x\n")
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "domain_policy.conf").write_bytes(shell.dump())
    (folder / "exception_policy.conf").write_text("acl_group 9 file read /y\n")
    for name in (f"{run_folder}:desktop-ready", str(run_folder)):
        assert cli.run(["diff", name, str(folder)]) == 0
        said = capsys.readouterr()
        assert "no exception policy" not in said.err
        assert "+ file read /y" in said.out
        assert "- file read /x" in said.out


def test_the_sum_comes_first_and_domains_may_be_limited(tmp_path, capsys):
    (tmp_path / "old.conf").write_text("<kernel>\nuse_profile 3\n\n")
    text = "".join(f"<kernel> /{n}\nuse_profile 3\n\nfile read /{n}\n\n" for n in range(50))
    (tmp_path / "new.conf").write_text("<kernel>\nuse_profile 3\n\n" + text)
    two = [str(tmp_path / "old.conf"), str(tmp_path / "new.conf")]
    assert cli.run(["diff", *two]) == 0
    output = capsys.readouterr().out
    assert output.startswith("50 domains differ (50 new, 0 gone, 0 under another name); rules: 50 added\n")
    assert output.count("file read") == 50
    assert cli.run(["diff", "--limit", "2", *two]) == 0
    output = capsys.readouterr().out
    assert output.count("file read") == 2
    assert "48 more domains: --limit 50" in output
    many = "".join(f"file read /{n}\n" for n in range(9))
    (tmp_path / "new.conf").write_text(f"<kernel>\nuse_profile 3\n\n{many}\n")
    assert cli.run(["diff", "--limit", "2", *two]) == 0
    assert "file read /1\n  and 7 more\n" in capsys.readouterr().out


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
