"""The guest's journal, a slice at a time."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from harness.guest.agent import Agent

_CURSOR = b"-- cursor: "


@dataclass(frozen=True, slots=True)
class Journal:
    """systemd's journal in the machine that `agent` runs in."""

    agent: Agent

    def cursor(self) -> str:
        """Where the journal stands now; empty when the guest has none."""
        out = self.agent.shell("journalctl -q -n 1 -o cat --show-cursor").out
        return out.rpartition(_CURSOR)[2].decode(errors="replace").strip() if _CURSOR in out else ""

    def since(self, cursor: str) -> bytes:
        """What was written after `cursor`, as text with the guest's time to the microsecond.

        Args:
            cursor: where to begin; empty for all since the boot.
        """
        begin = f"--after-cursor {shlex.quote(cursor)}" if cursor else "--boot"
        return self.agent.read(f"journalctl -q -o short-iso-precise {begin} || true")
