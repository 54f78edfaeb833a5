"""A small run with everything in it that a view has to show, some of it written by a hostile guest."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from harness.analysis import attribute
from harness.policy import Domain, DomainPolicy
from harness.record import Manifest, Run, RunWriter
from harness.record.drains import Drain

HOSTILE = '</script><script>alert("owned")</script>\x1b[31m\u202e'
GUEST = datetime(2026, 11, 22, 18, 47, 56, tzinfo=UTC)
SHELL = "<kernel> /usr/bin/gnome-shell"
FRAGMENT = DomainPolicy(
    [
        Domain(
            f"{SHELL} /usr/bin/firefox",
            profile=1,
            rules=(
                "file read /etc/fonts/fonts.conf",
                "file read squashfs:/etc/fonts/fonts.conf",
                "file read/write /home/amnesia/.mozilla/x",
            ),
        ),
        Domain(SHELL, profile=1, rules=("file execute /usr/bin/firefox",)),
    ]
)


def picture(color: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1024, 768), color).save(buffer, "PNG")
    return buffer.getvalue()


def audit_record(domain: str, entry: str, extra: str = "") -> bytes:
    task = "{ pid=7 ppid=1 uid=1000 gid=1000 euid=1000 egid=1000 suid=1000 sgid=1000 fsuid=1000 fsgid=1000 }"
    head = f"#2026/11/22 18:47:56# profile=1 mode=learning granted=no (global-pid=7) task={task}{extra}"
    return f"{head}\n{domain}\n{entry}\n".encode() + b"\0"


def write_run(path: Path) -> RunWriter:
    """One scenario passed, one failed with a finding, one was skipped, one was interrupted."""
    manifest = Manifest.model_validate(
        {
            "run": path.name,
            "started": "2026-11-22T18:45:00Z",
            "image": {"label": "Debian 13", "path": "x.iso", "kernel": "6.12.107"},
            "accelerator": {"name": "TCG", "why": "a trial boot under KVM hung"},
            "machine": {"memory_mib": 4096, "vcpus": 2, "cpu": "Nehalem"},
        }
    )
    run = RunWriter.create(path, manifest)
    run.started(4)
    checkpoint = run.checkpoint("desktop-ready")
    checkpoint.stage("login prompt")
    checkpoint.settled()
    checkpoint.finish(save_seconds=4.1)

    browse = run.scenario(
        "features/web.feature", "Open the browser", tags=["desktop"], checkpoint="desktop-ready"
    )
    browse.restored(1.9)
    browse.step_started("When", "I open Firefox", guest_time=GUEST)
    program = f"{SHELL} /usr/bin/firefox"
    argv = 'argv[]={ "firefox" "<script>alert(1)</script>" }'
    start = f' exec={{ realpath="/usr/bin/firefox" argc=2 envc=0 {argv} envp[]={{ }} }}'
    browse.audit(
        audit_record(SHELL, "file execute /usr/bin/firefox", start)
        + audit_record(program, "misc env HOME", start)
        + audit_record(program, "file read /etc/fonts/fonts.conf")
        + audit_record(program, "file write /home/amnesia/.mozilla/x")
    )
    browse.screen(picture("navy"), "Firefox")
    browse.step_finished("passed", guest_time=GUEST)
    browse.saved_policy("26-11-22.18:48:01", {"domain_policy.conf": FRAGMENT.dump()})
    browse.fragment(FRAGMENT, baseline="desktop-ready")
    drains = [Drain(0, GUEST, drain.data) for drain in Run.read(path).scenarios[0].drains()]
    browse.provenance(attribute(FRAGMENT, drains))
    browse.attach("journal.txt", f"a line {HOSTILE}\n".encode() + b"\xff\xfe\n")
    browse.finish("passed")

    write = run.scenario("features/text.feature", f"Write {HOSTILE}", description=HOSTILE)
    write.step_started("Then", f"I see {HOSTILE}")
    write.finding("audit-lost", f"3 rules have no record {HOSTILE}")
    write.finish("failed", error=f"not on the screen: {HOSTILE}\nseen: nothing", fault="task")
    run.scenario("features/text.feature", "Open the Welcome Screen").finish("skipped", error="needs Tails")
    run.scenario("features/text.feature", "Print").step_started("When", "the harness dies")
    return run


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "first").path
