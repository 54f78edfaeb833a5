"""Managers: who may change a running kernel's policy (`tomoyo_write_manager`, `security/tomoyo/common.c`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.errors import PolicyError
from harness.policy.line import BadLine, encode, read_lines
from harness.policy.word import is_domain_name, is_word

_BY_NON_ROOT = "manage_by_non_root"


@dataclass(frozen=True, slots=True)
class ManagerPolicy:
    """The programs and domains that may write policy.

    Attributes:
        managers: programs or domains, each once.
        manage_by_non_root: any user may, not root alone. The kernel does not print this back.
        source: the file it was read from, for messages.
        bad_lines: what a lenient reading set aside.
    """

    managers: tuple[str, ...] = ()
    manage_by_non_root: bool = False
    source: str = field(default="", compare=False)
    bad_lines: tuple[BadLine, ...] = field(default=(), compare=False)

    def text(self) -> str:
        """The managers, a line each."""
        flag = (_BY_NON_ROOT,) if self.manage_by_non_root else ()
        return "".join(f"{line}\n" for line in (*flag, *self.managers))

    def dump(self) -> bytes:
        """`text` as bytes."""
        return encode(self.text())


def parse_manager(data: bytes | str, *, source: str = "", lenient: bool = False) -> ManagerPolicy:
    """Reads managers.

    Raises:
        PolicyError: at the first bad line, unless lenient.
    """
    managers: list[str] = []

    def take(line: str, _: int) -> None:
        if line != _BY_NON_ROOT and not is_word(line) and not is_domain_name(line):
            raise PolicyError(f"neither a program nor a domain: {line}", expected="a path or <kernel> …")
        managers.append(line)

    bad_lines = read_lines(data, take, source=source, lenient=lenient)
    return ManagerPolicy(
        tuple(dict.fromkeys(line for line in managers if line != _BY_NON_ROOT)),
        _BY_NON_ROOT in managers,
        source,
        bad_lines,
    )
