"""TOMOYO in the guest: is it active, save the policy, drain the audit.

The interface lies in securityfs; the dated folders are those of tomoyo-savepolicy (tomoyo-tools 2.6).
"""

from __future__ import annotations

import io
import re
import tarfile
from dataclasses import dataclass

from harness.errors import GuestError
from harness.guest.agent import Agent
from harness.policy.stat import parse_stat

SECURITYFS = "/sys/kernel/security/tomoyo"
_POLICY = "/etc/tomoyo/policy"
_FILES = ("domain_policy.conf", "exception_policy.conf", "manager.conf", "profile.conf")
_NO_ROOM = 64  # KiB left on a file system that is as good as full
AGENT_DOMAIN = "<kernel> /usr/sbin/qemu-ga"
SHUTDOWN_DOMAIN = "<kernel> /usr/lib/systemd/system-shutdown/tomograph"
_SENT_FILE = re.compile(rb"^#file (\w+)\n", re.MULTILINE)
_LOADING = re.compile(r"^\[ *(\d+\.\d+)\] Calling \S*tomoyo-init to load policy", re.MULTILINE)
_ACTIVE = re.compile(r"^\[ *(\d+\.\d+)\] Mandatory Access Control activated", re.MULTILINE)
_SENT_WHOLE = b"\n#complete\n"


@dataclass(frozen=True, slots=True)
class SavedPolicy:
    """What one call of tomoyo-savepolicy wrote.

    Attributes:
        name: the dated folder's name, `YY-MM-DD.hh:mm:ss` of the guest's clock. Not unique: every
            scenario that starts from one checkpoint starts from one clock.
        files: file name to content.
    """

    name: str
    files: dict[str, bytes]

    @property
    def domain_policy(self) -> bytes:
        """The text of domain_policy.conf."""
        return self.files["domain_policy.conf"]


@dataclass(frozen=True, slots=True)
class LastWords:
    """What a machine that switched itself off sent at its very end (`vm/overlay/…/system-shutdown`).

    Attributes:
        policy: the policy in the kernel then, under the name `shutdown`.
        audit: the audit records that nobody had read, NUL-ended.
        verb: what was being done, in systemd's words: `poweroff`, `reboot`, …
    """

    policy: SavedPolicy
    audit: bytes
    verb: str

    @classmethod
    def read(cls, sent: bytes) -> LastWords:
        """Take apart what came through the shutdown port.

        Raises:
            GuestError: it did not arrive whole.
        """
        head, *parts = _SENT_FILE.split(sent)
        if head or not sent.endswith(_SENT_WHOLE):
            raise GuestError(
                f"the policy at the end of the shutdown did not arrive whole: {len(sent)} bytes came",
                expected="the domain policy and what follows it, closed by #complete",
                hint="the machine went off in the middle of it; console.log shows how far it came",
            )
        contents = dict(zip(map(bytes.decode, parts[::2]), parts[1::2], strict=True))
        audit = contents.pop("audit", b"").removesuffix(_SENT_WHOLE)
        verb = contents.pop("verb", b"").decode(errors="replace").strip()
        files = {f"{name}.conf": text for name, text in contents.items()}
        return cls(SavedPolicy("shutdown", files), audit, verb)


@dataclass(frozen=True, slots=True)
class State:
    """What the guest's TOMOYO says of itself."""

    version: str
    kernel: str


class Tomoyo:
    """TOMOYO in the machine that `agent` runs in."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def state(self) -> State:
        """What is active.

        Raises:
            GuestError: the kernel has no TOMOYO, TOMOYO is not activated, or the agent would add rules.
        """
        script = (
            'echo "$(uname -r)"; echo "$(cat /proc/cmdline)"; echo "$(cat /sys/kernel/security/lsm)"; '
            f'cd {SECURITYFS} || exit 0; echo "$(cat version)"; echo "$(cat self_domain)"'
        )  # $(…), since only some of these files end with a line end
        lines = self._agent.shell(script).out.decode(errors="replace").splitlines()
        kernel, command_line, lsm, *tomoyo = (*lines, *[""] * (3 - len(lines)))
        if not tomoyo:
            raise GuestError(
                f"the kernel {kernel} runs without TOMOYO; its security modules: {lsm or 'unknown'}",
                expected="a kernel built with CONFIG_SECURITY_TOMOYO and booted with security=tomoyo",
                hint=f"its command line was: {command_line}",
            )
        version, domain = tomoyo[0], tomoyo[1] if len(tomoyo) > 1 else ""
        if domain == "<kernel>":
            raise GuestError(
                "TOMOYO is in the guest's kernel but was not activated: every process is in <kernel>",
                expected="/sbin/tomoyo-init to be found and run when /sbin/init starts",
                hint="the console says 'Mandatory Access Control activated.' when it worked; "
                "an init of another name needs TOMOYO_trigger= on the command line",
            )
        if domain != AGENT_DOMAIN:
            raise GuestError(
                f"the guest agent runs in the domain {domain!r}: what the harness does would be learned",
                expected=f"the domain {AGENT_DOMAIN!r}, which learns nothing",
                hint="the image's own exception policy may move it; the overlay adds the lines for it",
            )
        return State(version.removeprefix("Version: ").removeprefix("TOMOYO "), kernel)

    def save(self) -> SavedPolicy:
        """Call tomoyo-savepolicy and fetch what it wrote.

        Raises:
            GuestError: it failed, or the guest's disk is full.
        """
        script = (
            f"tomoyo-savepolicy > /dev/null 2>&1; status=$?; cd {_POLICY} || exit 6; "
            "echo \"$(readlink current) $(df -Pk . | awk 'END { print $4 }') $status\"; "
            'tar -cf - "$(readlink current)"'
        )
        head, _, archive = self._agent.read(script, deadline=self._agent.deadline(60)).partition(b"\n")
        name, room, status = [*head.decode(errors="replace").rsplit(" ", 2), "", ""][:3]
        name = name.strip("/").rsplit("/", 1)[-1]
        files = _untar(archive)
        lacking = [file for file in _FILES if file not in files]
        whole = files.get("domain_policy.conf", b"").endswith(b"\n\n")
        if status != "0" or lacking or not whole or not room.isdigit() or int(room) < _NO_ROOM:
            raise GuestError(
                f"tomoyo-savepolicy left an incomplete policy in the guest's {_POLICY}/{name}: "
                f"its status is {status or 'unknown'}, {room or 'unknown'} KiB are free there, missing "
                f"{'are ' + ', '.join(lacking) if lacking else 'may be the end of domain_policy.conf'}",
                expected="four whole files",
                hint="the guest's disk is full: a live system keeps it in memory; more of it: --memory",
            )
        return SavedPolicy(name, files)

    def drain_audit(self) -> bytes:
        """The audit records since the last call, NUL-ended. Reading consumes them."""
        return self._agent.read(f"cat {SECURITYFS}/audit", deadline=self._agent.deadline(60))

    def loading_seconds(self) -> float | None:
        """How long init waited for the first policy, by the kernel's messages; None when they are gone."""
        said = self._agent.shell("dmesg").out.decode(errors="replace")
        began, active = _LOADING.search(said), _ACTIVE.search(said)
        if began is None or active is None:
            return None
        return round(float(active[1]) - float(began[1]), 2)

    def stat(self) -> bytes:
        """The kernel's counters and memory quotas."""
        return self._agent.read(f"cat {SECURITYFS}/stat")

    def violations(self, mode: str) -> int | None:
        """How much the kernel has denied since it was booted; None where it does not say.

        Args:
            mode: `enforcing`, or `permissive`, which denies in words alone.

        It counts what it has no room for in its audit, too (`tomoyo_supervisor`).
        """
        counter = parse_stat(self.stat(), lenient=True).policy.get(f"violation in {mode} mode")
        return counter.count if counter is not None else None


def _untar(archive: bytes) -> dict[str, bytes]:
    """The plain files in a tar archive by their last name; an archive cut short gives what is whole."""
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None:
                    files[member.name.rsplit("/", 1)[-1]] = content.read()
    except tarfile.ReadError:
        return files
    return files
