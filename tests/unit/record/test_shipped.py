"""The policy folder comes back as it was written, and says what is wrong with one that is none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import PolicyError, RecordError
from harness.policy import (
    Domain,
    DomainPolicy,
    parse_exception_policy,
    parse_manager,
    parse_profile,
)
from harness.record import ShippedPolicy
from harness.record.explanation import Explanation, Learned, ShippedDomain, ShippedRule

POLICY = ShippedPolicy(
    DomainPolicy([Domain("<kernel> /usr/bin/cat", 3, (0,), rules=(r"file read /etc/\*.conf",))]),
    parse_exception_policy("initialize_domain /usr/bin/cat from any\n"),
    parse_profile("PROFILE_VERSION=20150505\n3-CONFIG={ mode=enforcing grant_log=no reject_log=yes }\n"),
    parse_manager("/usr/sbin/tomoyo-loadpolicy\n"),
    Explanation(
        domains={
            "<kernel> /usr/bin/cat": ShippedDomain(
                rules=(
                    ShippedRule(
                        rule=r"file read /etc/\*.conf",
                        learned=(Learned(rule="file read /etc/a.conf"),),
                        by=("configuration",),
                        sources=(0,),
                        beyond=0,
                    ),
                )
            )
        }
    ),
)


def test_a_folder_comes_back_as_it_was_written(tmp_path: Path):
    POLICY.write(tmp_path / "policy")
    again = ShippedPolicy.read(tmp_path / "policy")
    assert again.files() == POLICY.files()
    assert again.explanation == POLICY.explanation
    assert again.digest == POLICY.digest
    assert (tmp_path / "policy/domain_policy.conf").read_text() == POLICY.domains.text()


def test_the_digest_is_of_what_the_kernel_gets(tmp_path: Path):
    assert replace(POLICY, explanation=None).digest == POLICY.digest
    other = replace(POLICY, managers=parse_manager("/usr/sbin/tomoyo-editpolicy\n"))
    assert other.digest != POLICY.digest


def test_a_saved_folder_has_no_explanation(tmp_path: Path):
    POLICY.write(tmp_path)
    replace(POLICY, explanation=None).write(tmp_path)
    assert ShippedPolicy.read(tmp_path).explanation is None


def test_zero_paths_beyond_is_kept_apart_from_not_known(tmp_path: Path):
    POLICY.write(tmp_path)
    document = json.loads((tmp_path / "tuning.json").read_text())
    assert document["schema"] == 1
    assert document["domains"]["<kernel> /usr/bin/cat"]["rules"][0]["beyond"] == 0


@pytest.mark.parametrize(
    "name", ["domain_policy.conf", "exception_policy.conf", "profile.conf", "manager.conf"]
)
def test_a_missing_file_is_named(tmp_path: Path, name: str):
    POLICY.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(RecordError, match=name):
        ShippedPolicy.read(tmp_path)


def test_a_line_that_the_kernel_would_drop_is_an_error(tmp_path: Path):
    POLICY.write(tmp_path)
    (tmp_path / "domain_policy.conf").write_text("<kernel>\nuse_profile 3\n\nallow_read /etc/passwd\n\n")
    with pytest.raises(PolicyError, match=r"domain_policy\.conf"):
        ShippedPolicy.read(tmp_path)


def test_an_explanation_of_another_version_is_refused(tmp_path: Path):
    POLICY.write(tmp_path)
    (tmp_path / "tuning.json").write_text('{"schema": 99}')
    with pytest.raises(RecordError, match="schema version 99"):
        ShippedPolicy.read(tmp_path)
