import io

from rich.console import Console

from harness.report.waiting import waiting


def shown(*, terminal: bool) -> str:
    output = io.StringIO()
    with waiting(Console(file=output, force_terminal=terminal, width=80)) as progress:
        progress("reading a\x1b[2J file [bold]")
    return output.getvalue()


def test_a_terminal_shows_what_is_being_done() -> None:
    assert "reading a\\x1b[2J file [bold]" in shown(terminal=True)


def test_a_file_or_pipe_gets_nothing() -> None:
    assert shown(terminal=False) == ""
