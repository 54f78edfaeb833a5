"""Where tomoyo-checkpolicy and the kernel disagree; we side with the kernel."""

from __future__ import annotations

import subprocess
from collections import Counter

import pytest

from harness.errors import PolicyError
from harness.policy import parse_rule
from harness.policy.exception_policy import parse_entry
from tests.oracle.kernel import Kernel


def tool_takes(kind: str, text: str) -> bool:
    done = subprocess.run(
        ["tomoyo-checkpolicy", kind], input=text, text=True, capture_output=True, timeout=20, check=False
    )
    assert "Total:" in done.stdout + done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("line", "tool", "kernel_takes"),
    [
        ("file read /a", True, True),
        ("file raed /a", False, False),
        (r"file read /\(a\)/", False, False),
        ("network inet stream accept 1.2.3.4 80", True, False),
        ("misc env A=B", True, False),
        ("file read /" + r"\*" * 21, False, False),
    ],
)
def test_rules(kernel: Kernel, agreed: Counter[str], line: str, tool: bool, kernel_takes: bool) -> None:
    domain = "<kernel> /tool"
    [policy] = kernel.ask(
        [f"domain {domain}", f"domain {line}", "show domain_policy", f"domain delete {domain}"]
    )
    assert (f"\n{line}\n" in policy) is kernel_takes
    assert tool_takes("d", f"{domain}\nuse_profile 0\n\n{line}\n") is tool
    if kernel_takes:
        assert str(parse_rule(line)) == line
    else:
        with pytest.raises(PolicyError):
            parse_rule(line)
    agreed["a line held against tomoyo-checkpolicy"] += 1


@pytest.mark.parametrize(
    ("line", "printed", "tool"),
    [
        ("initialize_domain /a from any", "initialize_domain /a from any", True),
        ("initialize_domain proc:/self/exe from any", "initialize_domain proc:/self/exe from any", False),
        ("keep_domain <kernel> /a", "keep_domain any from <kernel> /a", False),
        ("initialize_domain a", None, False),
    ],
)
def test_exceptions(kernel: Kernel, agreed: Counter[str], line: str, printed: str | None, tool: bool) -> None:
    [policy] = kernel.ask([f"exception {line}", "show exception_policy", f"exception delete {line}"])
    # With more than one namespace the kernel puts it in front of every line.
    lines = {entry.removeprefix("<kernel> ") for entry in policy.splitlines()}
    assert (printed or line) in lines if printed else line not in lines
    assert tool_takes("e", f"{line}\n") is tool
    if printed:
        assert str(parse_entry(line)) == printed
    else:
        with pytest.raises(PolicyError):
            parse_entry(line)
    agreed["a line held against tomoyo-checkpolicy"] += 1
