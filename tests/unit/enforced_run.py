"""A small run under a policy, as `tomograph enforce` leaves it."""

from __future__ import annotations

from pathlib import Path

from harness.policy import Domain, DomainPolicy, parse_exception_policy, parse_manager, parse_profile
from harness.record import Manifest, RunWriter, ShippedPolicy
from harness.record.explanation import Explanation
from harness.record.schema import Denial, Mode, Process, VerdictRecord

BASH = "<kernel> /usr/bin/login /usr/bin/bash"
POLICY = ShippedPolicy(
    DomainPolicy(
        [
            Domain("<kernel>", 3, (0,)),
            Domain(BASH, 3, (0, 1), rules=("file read /etc/passwd", "file execute /usr/bin/ls")),
        ]
    ),
    parse_exception_policy("initialize_domain /usr/bin/login from any\n"),
    parse_profile("PROFILE_VERSION=20150505\n3-CONFIG={ mode=enforcing grant_log=yes reject_log=no }\n"),
    parse_manager("/usr/sbin/tomoyo-loadpolicy\n"),
    Explanation(tomograph="1"),
)
EVIL = '</script><script>alert("owned")</script>'


def denial(
    entry: str, *least: str, domain: str = BASH, step: int | None = 0, expected: bool = False
) -> Denial:
    return Denial(
        domain=domain,
        entry=entry,
        least=least or (entry,),
        step=step,
        process=Process(pid=7, ppid=1, uid=1000, program=domain.rpartition(" ")[2]),
        expected=expected,
    )


def write_enforced_run(path: Path, mode: Mode = "enforcing") -> Path:
    """A boot with a denial; a task with two, a variant and a refusal that passed, a refusal that failed."""
    run = RunWriter.create(
        path,
        Manifest.model_validate(
            {
                "run": path.name,
                "started": "2026-11-22T18:45:00Z",
                "mode": mode,
                "enforced": {
                    "path": "policy",
                    "sha256": "ab" * 32,
                    "start": "boot",
                    "rules": 2,
                    "unconfined": ["<kernel> /loose"],
                },
            }
        ),
    )
    run.started(4)
    boot = run.checkpoint("console-ready")
    boot_denial = denial("file read /etc/boot", domain="<kernel> /sbin/init", step=None)
    boot.verdict(VerdictRecord(verdict="passed with denials", mode=mode, denials=(boot_denial,)))
    boot.settled()
    boot.finish(save_seconds=1.0)

    task = run.scenario("files/folder.feature", "List files", checkpoint="console-ready")
    task.step_started("When", "I run ls")
    task.step_finished("failed", error="refused")
    execute = 'file execute /usr/bin/cat exec.realpath="/usr/bin/cat" exec.argv[0]="cat"'
    task.verdict(
        VerdictRecord(
            verdict="failed",
            mode=mode,
            denials=(
                denial("file execute /usr/bin/cat", execute),
                denial("misc env HOME", domain=f"{BASH} /usr/bin/cat"),
                denial(f"file read /tmp/{EVIL}", r"file read /tmp/\*"),
            ),
        )
    )
    task.finish("failed", error="refused", fault="task")

    variant = run.scenario("files/variant.feature", "List other files", kind="variant")
    variant.verdict(
        VerdictRecord(verdict="passed with denials", mode=mode, denials=(denial("file read /v"),))
    )
    variant.finish("passed")

    kept = run.scenario("refused/a.feature", "Read the shadow file", kind="refused")
    shadow = denial("file read /etc/shadow", expected=True)
    kept.verdict(VerdictRecord(verdict="passed", mode=mode, denials=(shadow,)))
    kept.finish("passed")
    broken = run.scenario("refused/a.feature", "Read the kernel's memory", kind="refused")
    broken.verdict(VerdictRecord(verdict="failed", mode=mode, denials=(denial("file read proc:/kcore"),)))
    broken.finish("failed", error="the attempt succeeded", fault="task")
    run.finished()
    return path
