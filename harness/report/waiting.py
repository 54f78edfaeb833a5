"""What a reader sees while a minute goes by before there is a result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from harness.progress import Progress, silent
from harness.report.text import printable


@contextmanager
def waiting(console: Console) -> Iterator[Progress]:
    """Show on one line of a terminal what is being done, until the block ends; show nothing elsewhere.

    Args:
        console: where to show it; the standard error leaves the output to the result.
    """
    if not console.is_terminal:
        yield silent
        return
    with console.status("") as status:
        yield lambda line: status.update(Text(printable(line)))
