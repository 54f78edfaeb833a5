"""`audit.log`: the raw bytes of the kernel's audit, each drain with the step it belongs to.

A drain is a header line, `#drain ` and a JSON object with `step`, `at` and `bytes`, then exactly that
many bytes and a line end. The length decides where a drain ends, so nothing a guest writes into its
records can pass for a header; and the file still reads well in a text editor.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

_MARK = b"#drain "


@dataclass(frozen=True, slots=True)
class Drain:
    """What the audit held when it was emptied.

    Attributes:
        step: index of the step that had begun last, None before the first.
        at: host clock.
        data: the raw records, NUL-ended.
        torn: the file ended before the drain did.
    """

    step: int | None
    at: datetime
    data: bytes
    torn: bool = False


def frame(drain: Drain) -> bytes:
    """The bytes of one drain in `audit.log`."""
    header = {"step": drain.step, "at": drain.at.isoformat(), "bytes": len(drain.data)}
    return _MARK + json.dumps(header).encode() + b"\n" + drain.data + b"\n"


def read_drains(log: bytes) -> Iterator[Drain]:
    """The drains of an `audit.log`; one that a crash cut short comes last, marked `torn`."""
    position = 0
    while position < len(log):
        line_end = log.find(b"\n", position)
        if line_end < 0:
            return
        try:
            header = json.loads(log[position + len(_MARK) : line_end])
            size, at, step = header["bytes"], datetime.fromisoformat(header["at"]), header["step"]
        except (ValueError, TypeError, KeyError):
            return
        start = line_end + 1
        data = log[start : start + size]
        yield Drain(step, at, data, torn=len(data) < size)
        position = start + size + 1
