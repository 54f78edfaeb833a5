"""The time that a network's daemons live at: the guest's, which stood still while its memory lay on disk.

To a tor a consensus whose time is more than a day from its own is none. A guest's clock is not set, since a
jump sets off whatever waits for a time of day, and that would be learned; so the daemons' clock is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from harness.errors import HostError

_SAME = 5.0
_LIBRARIES = Path("/usr/lib")


def seconds_ahead(moment: datetime) -> float:
    """How far `moment` is ahead of this host's clock; 0 where the difference does not matter."""
    ahead = (moment - datetime.now(UTC)).total_seconds()
    return ahead if abs(ahead) > _SAME else 0.0


def prefix(ahead: float) -> list[str]:
    """What a command begins with, so that its clock is `ahead` seconds ahead of this host's.

    Raises:
        HostError: libfaketime is missing.
    """
    if not ahead:
        return []
    library = next(iter(sorted(_LIBRARIES.glob("*/faketime/libfaketime.so.1"))), None)
    if library is None:
        raise HostError("libfaketime is not installed", expected="Debian's libfaketime", hint="make setup")
    return ["env", f"LD_PRELOAD={library}", f"FAKETIME={ahead:+.1f}"]
