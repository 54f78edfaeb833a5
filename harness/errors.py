"""Whose fault it was: every error that Tomograph raises on purpose.

TomographError
├── HostError     the host: libvirt, QEMU, the disk, a tool that is missing
├── ImageError    the image handed in: not an ISO, no live kernel, packages that cannot be found
├── GuestError    the machine under test: a panic, no TOMOYO, an agent that went away
├── PolicyError   a policy text, with its file, line and column
└── RecordError   a run folder that cannot be read

What a scenario expected and did not find on the screen or console is an AssertionError
(`harness.user`), because there the harness worked and the task failed.
"""

from __future__ import annotations


class TomographError(Exception):
    """An error with an explanation: what was seen, what was expected, and what to do about it."""

    def __init__(self, seen: str, *, expected: str = "", hint: str = "") -> None:
        super().__init__(seen)
        self.seen = seen
        self.expected = expected
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.seen]
        if self.expected:
            lines.append(f"expected: {self.expected}")
        if self.hint:
            lines.append(f"to do: {self.hint}")
        return "\n".join(lines)


class HostError(TomographError):
    """The host cannot do what was asked: libvirt, QEMU, the disk, a missing tool."""


class ImageError(TomographError):
    """The image handed in cannot be used: it is missing, is no ISO or holds no live system."""


class GuestError(TomographError):
    """The machine under test failed: it panicked, has no TOMOYO or its agent went away."""


class RecordError(TomographError):
    """A run folder cannot be read: it is missing, damaged or of another schema version."""


class PolicyError(TomographError):
    """A policy text is wrong. `source`, `line` and `column` (from 1; 0 means unknown) say where.

    Attributes:
        source: the file, or the option of the command line.
        line: the line's number there.
        column: where in the line.
        text: the line itself, where it is a rule of a domain.
        domain: the domain that it is in.
    """

    def __init__(
        self,
        seen: str,
        *,
        source: str = "",
        line: int = 0,
        column: int = 0,
        expected: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(seen, expected=expected, hint=hint)
        self.source = source
        self.line = line
        self.column = column
        self.text = ""
        self.domain = ""

    def __str__(self) -> str:
        first, *more = super().__str__().split("\n")
        place = [f"{what}: {shown}" for what, shown in (("rule", self.text), ("in", self.domain)) if shown]
        return "\n".join([f"{where}: {first}" if (where := self._where()) else first, *place, *more])

    def _where(self) -> str:
        if self.line:
            return ":".join(str(part) for part in (self.source, self.line, self.column) if part)
        # A column alone would be taken for a line.
        return ", ".join(
            part for part in (self.source, f"column {self.column}" if self.column else "") if part
        )
