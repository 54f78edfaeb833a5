"""What the verbs that run scenarios share: the reference image, pytest as a process, progress."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from click.core import ParameterSource
from rich.console import Console

import features
from harness.errors import HostError
from harness.lab.capacity import Capacity
from harness.lab.run import RunOptions, new_place
from harness.record import Run
from harness.record.writer import must_be_new
from harness.report.progress import follow
from harness.report.text import count_of

Command = Callable[..., int]

INTERRUPTED = 130
_NOTHING_FOUND = 5  # pytest.ExitCode.NO_TESTS_COLLECTED
_MISUSED = 4  # pytest.ExitCode.USAGE_ERROR
_ERROR = re.compile(r"^ERROR: (.*)", re.MULTILINE | re.DOTALL)
_EXPRESSION = "Wrong expression passed to"
_SHOWN = 15
_OPTIONS = {
    "image": "image", "accel": "accelerator", "connect": "connect", "memory": "memory", "vcpus": "vcpus",
    "append": "append", "isolation": "isolation", "fresh": "fresh", "repeat": "repeat", "replays": "repeat",
    "unlearned": "unlearned",
}  # fmt: skip
"""Options of the command line, and what `RunOptions` calls them."""
_HEEDS = ("env", "--default-signal=INT", "setpriv", "--pdeathsig=INT", "--")
"""What runs the scenarios heeds the signal, also as a background job, and does not outlive this process.

It has a process group of its own, so that a terminal's Ctrl-C comes once, from here.
"""


def scenario_options(command: Command) -> Command:
    """The options of a verb that runs scenarios: which image, which of them, on what machines."""
    options = (
        click.option(
            "--image", type=click.Path(path_type=Path), help="The ISO under test; default: reference image."
        ),
        click.option(
            "--flavour", type=click.Choice(["desktop", "console"]), default="desktop", show_default=True,
            help="Which reference image, when no --image is given.",
        ),
        click.option(
            "-k", "expression", default="", help="Only scenarios whose name or ID matches, as for pytest."
        ),
        click.option("-m", "tags", default="", help="Only scenarios with such tags: 'console-ready'."),
        click.option(
            "--workers", type=click.IntRange(1, 64),
            help="Machines at a time; default: as many as the host carries.",
        ),
        click.option("--out", type=click.Path(path_type=Path), help="The run's folder; default: runs/DATE."),
        click.option("--accel", type=click.Choice(["auto", "kvm", "tcg"]), default="auto", show_default=True),
        click.option("--connect", default="qemu:///embed", show_default=True, help="libvirt's URI."),
        click.option(
            "--memory", type=click.IntRange(1024), default=4096, show_default=True, help="MiB of a machine."
        ),
        click.option(
            "--vcpus", type=click.IntRange(1, 64), help="Processors of a machine; default: two, if there are."
        ),
        click.option("--append", default="", metavar="WORDS", help="Added to the kernel's command line."),
        click.option(
            "--features", "folder", type=click.Path(path_type=Path, exists=True),
            default=Path(features.__file__).parent, help="Default: Tomograph's own.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def place_of(out: Path | None, resume: Path | None) -> Path:
    """The folder of a run to begin, or of the one to go on with.

    Raises:
        click.UsageError: both are named.
        RecordError: the folder of one to begin holds something.
    """
    if out is not None and resume is not None:
        raise click.UsageError("--out begins a run and --resume goes on with one: name only one of them")
    if resume is not None:
        return resume
    place = out or new_place(datetime.now(UTC))
    must_be_new(place, hint="choose another --out, or continue that run with --resume")
    return place


def going_on(run: Path) -> RunOptions:
    """What a run was begun with, in order to go on with it, and what the command line says anew.

    What must not change is looked at where the run is opened, see `begin_run`.

    Raises:
        RecordError: there is no run, or one of another schema version.
        click.UsageError: a flavour is named, which chooses an image.
    """
    named = dict(named_parameters())
    if "flavour" in named:
        raise click.UsageError("--resume goes on with the image of the run: leave --flavour out")
    known = {field: named[name] for name, field in _OPTIONS.items() if name in named}
    if "image" in known:
        known["image"] = str(known["image"])
    return RunOptions.of(run).model_copy(update=known)


def to_go_on(run: Path) -> str:
    """The command that goes on with a run: this one, with --resume for --out."""
    context = click.get_current_context()
    words = ["tomograph", context.info_name or ""]
    options = {parameter.name: parameter for parameter in context.command.params}
    for name, value in named_parameters():
        if name in ("out", "resume", "flavour"):  # the run has its image
            continue
        parameter = options[name]
        if isinstance(parameter, click.Option):
            words.append(parameter.opts[0])
        if not (isinstance(parameter, click.Option) and parameter.is_flag):
            words.append(str(value))
    return shlex.join([*words, "--resume", str(run)])


def named_parameters() -> Iterator[tuple[str, object]]:
    """The parameters that stand on the command line, with their values."""
    context = click.get_current_context()
    for name, value in context.params.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            yield name, value


def reference(flavour: str, console: Console) -> Path:
    """The reference image of that flavour, built if need be."""
    from harness.image import reference as image  # noqa: PLC0415 - only a run without an image builds one

    return image.build(
        "console" if flavour == "console" else "desktop",
        progress=lambda text: console.print(f"==> {text}", highlight=False),
    )


def machines(memory: int, vcpus: int) -> int:
    """How many machines of MEMORY MiB and VCPUS processors this host carries at a time."""
    return Capacity.of_this_host().workers(memory, vcpus)


def processors() -> int:
    """Of how many processors a machine on this host is."""
    return Capacity.of_this_host().vcpus()


def proofread(folder: Path, *, expression: str, tags: str) -> None:
    """Collect the scenarios without running any, so that mistakes are told before anything is built.

    The workers of a run read the features each, and nothing tells what one of them says of them.

    Args:
        folder: the features.
        expression: pytest's -k.
        tags: pytest's -m.

    Raises:
        HostError: the features, or the steps beside them, cannot be read.
        click.ClickException: there is a mistake in them, or no scenario is asked for.
    """
    command = [*_pytest(folder), "--collect-only", "--quiet", "--no-header", *selection(expression, tags)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    _refuse(told.returncode, told.stdout + told.stderr, hint=f"see it with `{shlex.join(command)}`")


def run_scenarios(
    options: RunOptions,
    console: Console,
    *,
    folder: Path,
    expression: str = "",
    tags: str = "",
    workers: int = 1,
    go_on: str = "",
) -> int:
    """Run scenarios by pytest, with its own output in a file beside the record, and show the progress.

    Args:
        options: the run.
        console: where the progress is shown.
        folder: the features.
        expression: pytest's -k.
        tags: pytest's -m.
        workers: machines at a time.
        go_on: the command that goes on after an early end.

    Returns:
        0: all passed, or a resumed run has nothing left to do; 1: scenarios failed; `INTERRUPTED`.

    Raises:
        HostError: pytest ended early.
        click.ClickException: no scenario was found, or pytest was misused.
    """
    run = Path(options.run)
    policy = [f"--policy={options.policy}", f"--start={options.start}"] if options.policy else []
    command = [
        *_pytest(folder), "--tb=short",
        f"--image={options.image}", f"--run-dir={run}", f"--isolation={options.isolation}",
        f"--accel={options.accelerator}", f"--connect={options.connect}", f"--memory={options.memory}",
        f"--vcpus={options.vcpus}", f"--append={options.append}",
        f"--repeat={options.repeat}", *policy,
        *(["--fresh"] if options.fresh else []),
        *(["--permissive"] if options.mode == "permissive" else []),
        *(["--all-tasks"] if options.unlearned else []),
        *(["--resume"] if options.resume else []),
        *(f"--exception={line}" for line in options.exceptions),
        *selection(expression, tags),
        *(["-n", str(workers), "--maxschedchunk=1"] if workers > 1 else []),
    ]  # fmt: skip
    size = f"{workers} at a time, each with {count_of(options.vcpus, 'processor')}"
    console.print(f"==> run: {run}; {size}", highlight=False)
    return _follow(command, run, console, go_on)


def selection(expression: str, tags: str) -> list[str]:
    """The words that choose scenarios, for pytest and for a verb alike."""
    return [*(["-k", expression] if expression else []), *(["-m", tags] if tags else [])]


def _pytest(folder: Path) -> list[str]:
    return [sys.executable, "-m", "pytest", str(folder), "-p", "no:cacheprovider"]


def _follow(command: Sequence[str], run: Path, console: Console, go_on: str) -> int:
    run.parent.mkdir(parents=True, exist_ok=True)
    run = run.resolve()  # "." has no name
    log = run.with_name(f"{run.name}.pytest.log")
    before = log.stat().st_size if "--resume" in command and log.exists() else 0
    since = datetime.now(UTC)
    with (
        log.open("ab" if before else "wb") as output,
        subprocess.Popen([*_HEEDS, *command], stdout=output, stderr=output, process_group=0) as pytest,
    ):
        try:
            with follow(run, console, since=since):
                code = pytest.wait()
        except KeyboardInterrupt:
            console.print("==> stopping: switching the machines off")
            _stop(pytest)
            return INTERRUPTED
    said = log.read_bytes()[before:].decode(errors="replace").strip()
    if code in (_NOTHING_FOUND, _MISUSED) and not _has_begun(run) and "--resume" not in command:
        shutil.rmtree(run, ignore_errors=True)
        log.unlink()
    if code == _NOTHING_FOUND and "--resume" in command:
        return 0  # the scenarios have been found before, see `proofread`: all of them are done
    hint = f"the whole output is in {log}"
    _refuse(code, said, hint=hint + (f"; `{go_on}` goes on" if go_on and _has_begun(run) else ""))
    if code != 0 and not _is_told(run, since):
        raise HostError(
            "a test failed of which no scenario's record tells",
            expected="a record of each failure",
            hint=hint,
        )
    return code


def _is_told(run: Path, since: datetime) -> bool:
    """Whether a scenario that was tried since then failed, or did not come to its end."""
    return any(
        scenario.record.outcome in ("failed", "error", "running") and scenario.record.started >= since
        for scenario in Run.read(run).scenarios
    )


def _refuse(code: int, said: str, *, hint: str) -> None:
    """Say what pytest said, when it ended otherwise than after its scenarios."""
    if code == _NOTHING_FOUND:
        raise click.UsageError(
            "no scenario matches -k and -m; while TOMOYO learns, @refused and @variant ones are left out "
            "unless -m names the tag, and under a policy, without --all, those that it was not made from; "
            "`tomograph coverage` lists the scenarios"
        )
    if code == _MISUSED and (errors := _ERROR.search(said)):
        join = "\njoin the words: -k 'pack and files', -m 'core and not slow'"
        raise click.ClickException(errors[1].strip() + (join if _EXPRESSION in errors[1] else ""))
    if code > 1:
        wrong = [line[1:].strip() for line in said.splitlines() if line.startswith("E   ")]
        tail = wrong[-_SHOWN:] or said.strip().splitlines()[-_SHOWN:]
        raise HostError("pytest ended early:\n" + "\n".join(tail), expected="a run to its end", hint=hint)


def _stop(pytest: subprocess.Popen[bytes]) -> None:
    """Let it end its machines and close the record; who asks again does not want to wait."""
    with suppress(ProcessLookupError):  # it may end of its own just now
        try:
            os.killpg(pytest.pid, signal.SIGINT)
            pytest.wait()
        except KeyboardInterrupt:
            os.killpg(pytest.pid, signal.SIGKILL)


def _has_begun(run: Path) -> bool:
    """Whether there is a record of something in the run's folder."""
    return any((run / kind).is_dir() for kind in ("scenarios", "checkpoints"))
