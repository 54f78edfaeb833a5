"""What comes out of a serial line: text without terminal control, kernel messages apart, a transcript."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement, bracketed paste (ECMA-48, 5.4)
    rb"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # OSC and other strings: window titles, systemd's context
    rb"|\x1b[ -/]*[0-~]"  # two-byte escapes: character sets, keypad modes
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]",
    re.DOTALL,
)
_KERNEL = re.compile(r"^\[ *\d+\.\d{6}\] ")


def plain(raw: bytes) -> str:
    """The text that a terminal would leave standing, with newlines for line ends.

    A carriage return in the middle of a line starts it over, as progress bars do. Bytes that are not
    UTF-8 are replaced.
    """
    text = _CONTROL.sub(b"", raw).replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").decode("utf-8", "replace")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))


def apart_from_kernel(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` without the lines that the kernel wrote in between, and those lines."""
    lines = text.split("\n")
    kernel = tuple(line for line in lines if _KERNEL.match(line))
    return "\n".join(line for line in lines if not _KERNEL.match(line)), kernel


class Transcript:
    """The last bytes that passed, for the record; a file as far as pexpect is concerned.

    Args:
        limit: how many bytes are kept.
    """

    def __init__(self, limit: int = 1 << 20) -> None:
        self._limit = limit
        self._kept = bytearray()

    def write(self, data: bytes) -> None:
        """Append what came."""
        self._kept += data
        surplus = len(self._kept) - self._limit
        if surplus > 0:
            del self._kept[:surplus]

    def flush(self) -> None:
        """Nothing waits to be written."""

    def __bytes__(self) -> bytes:
        return bytes(self._kept)

    def lines(self) -> list[str]:
        """The kept text, line by line, without terminal control and empty lines."""
        return [line.rstrip() for line in plain(bytes(self._kept)).split("\n") if line.strip()]
