"""What is to be run: an image with its overlay, on a machine of some size."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.image import cache
from harness.image.commandline import command_line
from harness.image.first_policy import with_exceptions, with_policy
from harness.image.liveiso import LiveIso
from harness.image.overlay import Overlay, overlay_for
from harness.lab.enforcement import Enforcement
from harness.lab.tags import POWER_OFF
from harness.machine import accelerator
from harness.machine.domain import Boot, Definition, Spec
from harness.record.schema import Mode

_DISPLAY_MANAGERS = frozenset({"gdm3", "lightdm", "sddm"})


@dataclass(frozen=True, slots=True)
class Setup:
    """An image and the machine it is run on.

    Attributes:
        iso: the image.
        overlay: what is laid over it.
        definition: the machine.
        enforcement: the policy it is under; None while TOMOYO learns.
    """

    iso: LiveIso
    overlay: Overlay
    definition: Definition
    enforcement: Enforcement | None = None

    @property
    def mode(self) -> Mode:
        """What TOMOYO does in a scenario."""
        return self.enforcement.mode if self.enforcement is not None else "learning"

    @property
    def boots_under(self) -> Enforcement | None:
        """The policy in force from the first process on, if there is one."""
        enforced = self.enforcement
        return enforced if enforced is not None and enforced.start == "boot" else None

    @property
    def user(self) -> str:
        """The person's account."""
        return "amnesia"

    @property
    def password(self) -> str:
        """The account's password on a text console."""
        return "amnesia"

    @property
    def readiest(self) -> str:
        """The checkpoint nearest to what this image's user works with."""
        return "desktop-ready" if self.iso.packages & _DISPLAY_MANAGERS else "console-ready"

    def key(self) -> str:
        """Part of a checkpoint's key: changes with what is booted and with the hardware."""
        boot = self.definition.boot
        parts = (self.iso.sha256, self.overlay.key, boot.command_line, self.definition.key())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def why_not(self, tags: Collection[str]) -> str | None:
        """Why scenarios with `tags` cannot be run on this image, or None."""
        if "tails" in tags and not self.iso.is_tails:
            return "needs a Tails image"
        if POWER_OFF in tags and self.enforcement is not None and self.enforcement.start == "checkpoint":
            return "starts with the machine switched off, and the policy is loaded into a checkpoint"
        has_desktop = self.readiest == "desktop-ready"
        if "no-desktop" in tags and has_desktop:
            return "the image has a desktop"
        if {"desktop-ready", "desktop-programs"} & set(tags) and not has_desktop:
            return "the image has no desktop"
        return None


def prepare(
    image: Path,
    *,
    wanted: str,
    spec: Spec,
    name: str,
    append: Sequence[str] = (),
    say: Callable[[str], None],
    enforcement: Enforcement | None = None,
    room: Path | None = None,
    exceptions: Sequence[str] = (),
) -> Setup:
    """Read the image, make its overlay and choose the accelerator; quick when all is cached.

    Args:
        image: the ISO; it is never written to.
        wanted: the accelerator: `auto`, `kvm` or `tcg`.
        spec: the machine's size.
        name: the machine's name.
        append: words for the end of the kernel's command line.
        say: hears what is being done.
        enforcement: the policy that the machine is under.
        room: where an initrd with that policy is kept; needed where it is in force from the boot on.
        exceptions: lines for the exception policy that TOMOYO begins with.

    Raises:
        ImageError: it is no live image.
        HostError: a tool is missing, or KVM was asked for and does not work.
    """
    iso = LiveIso.read(image)
    overlay = overlay_for(iso, say)
    overlay = with_exceptions(overlay, exceptions, overlay.initrd.parent)
    if enforcement is not None and enforcement.start == "boot" and room is not None:
        overlay = with_policy(overlay, enforcement.files(), room)
    memo = cache.root() / "accelerator.json"
    chosen = accelerator.choose(overlay.kernel, wanted=wanted, memo=memo)
    words = command_line(iso, *chosen.kernel_words, *append)
    boot = Boot(overlay.kernel, overlay.initrd, words, image.resolve())
    return Setup(iso, overlay, Definition(name, spec, boot, chosen), enforcement)
