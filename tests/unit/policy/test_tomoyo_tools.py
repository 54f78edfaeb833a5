"""Held against tomoyo-sortpolicy and tomoyo-diffpolicy (Debian's tomoyo-tools), on the corpus."""

from __future__ import annotations

import subprocess

from harness.policy import parse_domain_policy
from harness.policy.patch import apply
from harness.policy.sets import sort


def test_sorting_gives_the_lines_of_tomoyo_sortpolicy(corpus):
    data = corpus("debian12-firefox.domain_policy.conf.gz")
    theirs = subprocess.run(["tomoyo-sortpolicy"], input=data, capture_output=True, timeout=60, check=True)
    ours = sort(parse_domain_policy(data), one_permission_a_line=True)
    # The tool prints a domain's groups and flags among its rules; the reader puts them where they belong.
    expected = parse_domain_policy(theirs.stdout)
    assert ours.text() == expected.text()


def test_the_patch_of_tomoyo_diffpolicy_leads_to_the_same_policy(corpus, tmp_path):
    paths = []
    for name in ("debian12-ready", "debian12-firefox"):
        path = tmp_path / name
        path.write_bytes(corpus(f"{name}.domain_policy.conf.gz"))
        paths.append(path)
    theirs = subprocess.run(["tomoyo-diffpolicy", *paths], capture_output=True, timeout=60, check=True)
    old, new = (parse_domain_policy(path.read_bytes()) for path in paths)
    patched = apply(old, theirs.stdout)
    assert {name: set(domain.rules) for name, domain in patched.items()} == {
        name: set(domain.rules) for name, domain in new.items()
    }
