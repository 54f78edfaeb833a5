"""What is said when TOMOYO or the guest is not as it should be. The answers are those of real machines;
`tests/vm` asks real ones."""

import io
import tarfile
from typing import cast

import pytest

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.guest.agent import Agent, Result
from harness.guest.tomoyo import LastWords, Tomoyo


class Answers:
    """An agent whose guest gives one fixed answer."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def shell(self, script: str) -> Result:
        return Result(0, self.answer, b"")

    def read(self, script: str, *, deadline: Deadline | None = None) -> bytes:
        return self.answer

    def deadline(self, seconds: float) -> Deadline:
        return Deadline.after(seconds)


def tomoyo(answer: bytes) -> Tomoyo:
    return Tomoyo(cast(Agent, Answers(answer)))


LINE = b"boot=live security=tomoyo console=tty0 console=ttyS0"


def test_state_of_a_guest_as_it_should_be() -> None:
    answer = b"6.12.107+deb13-amd64\n" + LINE + b"\ncapability,tomoyo\n2.6.0\n<kernel> /usr/sbin/qemu-ga\n"
    state = tomoyo(answer).state()
    assert (state.version, state.kernel) == ("2.6.0", "6.12.107+deb13-amd64")


def test_a_kernel_without_tomoyo() -> None:
    with pytest.raises(GuestError, match="runs without TOMOYO; its security modules: capability,apparmor"):
        tomoyo(b"6.12.107\n" + LINE + b"\ncapability,apparmor\n").state()


def test_tomoyo_that_was_not_activated() -> None:
    with pytest.raises(GuestError, match="was not activated"):
        tomoyo(b"6.12.107\n" + LINE + b"\ncapability,tomoyo\n2.6.0\n<kernel>\n").state()


def test_an_agent_that_would_be_learned_from() -> None:
    domain = b"<kernel> /usr/sbin/init /usr/sbin/qemu-ga"
    with pytest.raises(GuestError, match="what the harness does would be learned"):
        tomoyo(b"6.12.107\n" + LINE + b"\ncapability,tomoyo\n2.6.0\n" + domain + b"\n").state()


def saved(files: dict[str, bytes], room: int = 500_000, cut: int | None = None, status: int = 0) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"26-11-22.20:00:00/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return f"/etc/tomoyo/policy/26-11-22.20:00:00 {room} {status}\n".encode() + archive.getvalue()[:cut]


WHOLE = {
    "domain_policy.conf": b"<kernel>\nuse_profile 1\nuse_group 0\n\nfile read /a\n\n",
    "exception_policy.conf": b"",
    "manager.conf": b"/usr/sbin/tomoyo-loadpolicy\n",
    "profile.conf": b"PROFILE_VERSION=20150505\n",
}


def test_a_saved_policy_comes_whole_under_its_dated_name() -> None:
    policy = tomoyo(saved(WHOLE)).save()
    assert policy.name == "26-11-22.20:00:00"
    assert policy.files == WHOLE
    assert policy.domain_policy == WHOLE["domain_policy.conf"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(saved(WHOLE, room=0), id="no room left"),
        pytest.param(saved(WHOLE, status=1), id="savepolicy failed"),
        pytest.param(saved({**WHOLE, "domain_policy.conf": b"<kernel>\nuse_pro"}), id="cut in the middle"),
        pytest.param(saved({"profile.conf": b"x\n"}), id="files missing"),
        pytest.param(saved(WHOLE, cut=700), id="archive cut short"),
        pytest.param(b"", id="nothing at all"),
    ],
)
def test_a_policy_that_is_not_whole_is_an_error(answer: bytes) -> None:
    with pytest.raises(GuestError, match="incomplete policy"):
        tomoyo(answer).save()


RECORD = b"#2026/11/22 20:00:00# profile=1 mode=learning granted=no\n<kernel>\nfile read /a\n\0"


def test_last_words_are_a_policy_and_its_audit() -> None:
    sent = b"#file domain_policy\n<kernel>\nuse_profile 1\n\n#file profile\nPROFILE_VERSION=20150505\n"
    said = LastWords.read(b"#file verb\nreboot\n" + sent + b"#file audit\n" + RECORD + b"\n#complete\n")
    assert said.verb == "reboot"
    assert said.policy.name == "shutdown"
    assert said.policy.files == {
        "domain_policy.conf": b"<kernel>\nuse_profile 1\n\n",
        "profile.conf": b"PROFILE_VERSION=20150505\n",
    }
    assert said.audit == RECORD


def test_last_words_without_a_record() -> None:
    assert LastWords.read(b"#file domain_policy\n<kernel>\n#file audit\n\n#complete\n").audit == b""


@pytest.mark.parametrize("sent", [b"", b"#file domain_policy\n<kernel>\n", b"noise\n#complete\n"])
def test_last_words_cut_short(sent: bytes) -> None:
    with pytest.raises(GuestError, match=f"did not arrive whole: {len(sent)} bytes came"):
        LastWords.read(sent)


def test_the_kernel_tells_how_long_init_waited_for_the_policy() -> None:
    said = (
        b"[    4.102938] Calling /sbin/tomoyo-init to load policy. Please wait.\n"
        b"[    6.352938] Mandatory Access Control activated.\n"
    )
    assert tomoyo(said).loading_seconds() == 2.25
    assert tomoyo(b"[    6.352938] Mandatory Access Control activated.\n").loading_seconds() is None
