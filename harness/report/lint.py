"""What lint found, for a terminal and for programs."""

from __future__ import annotations

from collections import Counter

from rich.console import Group, RenderableType
from rich.text import Text

from harness.policy.lint import CHECKS, Finding, Report
from harness.report.text import chain, printable


def lint_view(report: Report, *, limit: int) -> RenderableType:
    """Findings check by check, each rule in one line, however long: print it with `soft_wrap`.

    Args:
        report: what was found.
        limit: how many findings of one check are shown.
    """
    blocks = []
    for check in CHECKS:
        findings = [finding for finding in report.findings if finding.check == check]
        if findings:
            blocks.append(_block(check, findings, limit))
    blocks += [
        Text(f"unused waiver: {waiver.check} {waiver.domain} {waiver.rule} ({waiver.reason})", style="yellow")
        for waiver in report.unused
    ]
    counts = Counter(finding.check for finding in report.findings)
    found = ", ".join(f"{counts[check]} {check}" for check in CHECKS if counts[check]) or "nothing"
    blocks.append(Text(f"found: {found}; waived: {len(report.waived)}", style="bold"))
    return Group(*blocks)


def lint_json(report: Report) -> dict[str, object]:
    """The same for programs."""
    return {
        "findings": [_fields(finding) for finding in report.findings],
        "waived": [{**_fields(finding), "reason": waiver.reason} for finding, waiver in report.waived],
        "unused_waivers": [
            {"check": waiver.check, "domain": waiver.domain, "rule": waiver.rule, "reason": waiver.reason}
            for waiver in report.unused
        ],
    }


def _fields(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "domain": finding.domain,
        "rule": finding.rule,
        "message": finding.message,
        "line": finding.line,
    }


def _block(check: str, findings: list[Finding], limit: int) -> Text:
    block = Text()
    block.append(check, style="bold yellow")
    block.append(f"  {len(findings)}, see docs/lint/{check}.md", style="dim")
    for finding in findings[:limit]:
        place = f"{finding.line}: " if finding.line else ""
        block.append(f"\n  {place}{chain(finding.domain)}")
        if finding.rule:
            block.append(f"\n    {printable(finding.rule)}", style="cyan")
        block.append(f"\n    {printable(finding.message)}", style="dim")
    if len(findings) > limit:
        block.append(f"\n  and {len(findings) - limit} more: --all shows them", style="dim")
    block.append("\n")
    return block
