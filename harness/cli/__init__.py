"""The command line, a module a verb.

Each module of this package is named after its verb and holds a click command of the same name. It is
imported when the verb is used, so that `tomograph show` does not load what drives machines.

Exit codes: 0 all well, 1 scenarios failed or a gate did not hold, 2 wrong usage or input, 3 the harness
or the host failed.
"""

from __future__ import annotations

import os
import pkgutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

import click
from rich.console import Console
from rich.text import Text

from harness.errors import GuestError, HostError, TomographError
from harness.report.text import printable

# The order in which a newcomer meets them.
_ORDER = (
    "doctor",
    "image",
    "learn",
    "show",
    "why",
    "diff",
    "tune",
    "predict",
    "enforce",
    "coverage",
    "picture",
    "lint",
    "report",
)
_USAGE, _HARNESS, _INTERRUPTED = 2, 3, 130


class _Verbs(click.Group):
    """Finds the verbs among the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        names = [module.name for module in pkgutil.iter_modules(__path__)]
        found = [name for name in names if not name.startswith("_")]
        return sorted(found, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show where in the harness an error arose.")
@click.version_option(package_name="tomograph", prog_name="tomograph")
def tomograph(*, debug: bool) -> None:
    """Turn what people do in Tails into a TOMOYO Linux policy in which every rule belongs to a task."""


def main() -> None:
    """The entry point of the `tomograph` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit code."""
    console = Console(stderr=True, highlight=False)
    debug, result = False, None
    try:
        with ended_like_ctrl_c(), tomograph.make_context("tomograph", list(arguments)) as context:
            debug = context.params["debug"]
            result = tomograph.invoke(context)
    except click.exceptions.Exit as done:
        result = done.exit_code
    except BrokenPipeError:
        # The reader went away, as `head` does; nothing more can be written there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            console.print_exception()
        result = _failed(error, console)
    return result if isinstance(result, int) else 0


@contextmanager
def ended_like_ctrl_c() -> Iterator[None]:
    """Whoever ends this process otherwise, as CI and `timeout` do, gets the same orderly end.

    Without that what a verb had started would go on: machines, and a build with all its programs.
    """
    before = {one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _failed(error: BaseException, console: Console) -> int:
    """Say what went wrong; returns the exit code."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        console.print("stopped")
        return _INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return _USAGE
    if isinstance(error, TomographError):
        console.print(_explained(error), soft_wrap=True)
        return _HARNESS if isinstance(error, HostError | GuestError) else _USAGE
    unforeseen = TomographError(
        f"{type(error).__name__}: {error}",
        expected="no such error: this is a mistake in Tomograph itself",
        hint="run again with `tomograph --debug …` and report what it shows",
    )
    console.print(_explained(unforeseen), soft_wrap=True)
    return _HARNESS


def _explained(error: TomographError) -> Text:
    """What was seen, what was expected, what to do."""
    first, *more = printable(str(error), lines=True).split("\n")
    text = Text.assemble(("error: ", "bold red"), first)
    for line in more:
        label, colon, rest = line.partition(": ")
        if colon and label in {"rule", "in", "expected", "to do"}:
            text.append("\n").append(f"{label}: ", "bold").append(rest)
        else:
            text.append(f"\n{line}")
    return text
