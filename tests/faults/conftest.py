"""The plugin, the console's sentences, and sentences that break a machine."""

from __future__ import annotations

import os
import signal
from xml.etree import ElementTree

from pytest_bdd import given, parsers, when

from harness.deadline import Deadline
from harness.lab.lab import Lab
from harness.machine.host import qemu_processes

pytest_plugins = ("harness.plugin", "steps.console")


@when("QEMU is killed")
def kill_qemu(lab: Lab) -> None:
    (pid,) = qemu_processes(lab.machine.folder)
    os.kill(pid, signal.SIGKILL)


@when("the kernel panics")
def panic(lab: Lab) -> None:
    # In the background and a moment later, so that the agent can still answer.
    lab.agent.shell("(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 &")
    for last in Deadline.after(60).attempts():
        if lab.machine.death() is not None:
            return
        assert not last, "the kernel did not panic"


@when("the guest agent is stopped")
def stop_agent(lab: Lab) -> None:
    lab.agent.shell("systemd-run --collect systemctl mask --now --runtime qemu-guest-agent")
    for last in Deadline.after(120).attempts():
        if not agent_is_connected(lab):
            return
        assert not last, "the agent is still connected"


def agent_is_connected(lab: Lab) -> bool:
    """What libvirt sees of the agent's port, without asking the agent."""
    domain = ElementTree.fromstring(lab.machine.domain.XMLDesc())
    (port,) = domain.findall("./devices/channel/target[@name='org.qemu.guest_agent.0']")
    return port.get("state") == "connected"


@given(parsers.parse("the learning quota is {entries:d} entries"))
def learning_quota(lab: Lab, entries: int) -> None:
    set_preference(lab, f"max_learning_entry={entries}")


@given(parsers.parse("the kernel keeps {records:d} audit records"))
def audit_ring(lab: Lab, records: int) -> None:
    set_preference(lab, f"max_audit_log={records}")


@given("the guest's disk is full")
def fill_disk(lab: Lab) -> None:
    lab.agent.shell("cat /dev/zero > /etc/tomoyo/filler")


def sentences_of_another_file() -> dict[str, object]:
    """Known to pytest-bdd, and yet out of a feature's reach: as in a file that a conftest.py only imports."""

    @when("I say what another file's steps say")
    def say() -> None: ...

    return locals()


# pytest-bdd knows a step definition for as long as somebody holds what it put among the locals.
OUT_OF_REACH = sentences_of_another_file()


def set_preference(lab: Lab, preference: str) -> None:
    loaded = lab.agent.shell(f"echo '1-PREFERENCE={{ {preference} }}' | tomoyo-loadpolicy -p")
    assert loaded.code == 0, loaded.err
    profile = lab.agent.shell("cat /sys/kernel/security/tomoyo/profile").out.decode()
    assert preference in profile, f"the kernel did not take {preference}:\n{profile}"
