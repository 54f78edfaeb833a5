"""The text console against a real bash behind a socket."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.errors import GuestError
from harness.user.console import SerialConsole
from harness.user.expectation import NotSeen, Patience


@pytest.fixture
def console(serial_socket: Path) -> Iterator[SerialConsole]:
    console = SerialConsole(serial_socket, Patience(seconds=20, scale=1))
    yield console
    console.close()


@pytest.fixture
def shell(console: SerialConsole) -> SerialConsole:
    console.log_in("amnesia", "live")
    return console


def test_output_and_status_come_back(shell: SerialConsole) -> None:
    result = shell.run("echo hello; echo oops >&2; false")
    assert (result.code, result.out) == (1, "hello\noops\n")


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("printf 'no line end'", "no line end"),
        ("true", ""),
        ("for i in 1 2; do\n  echo line $i\ndone", "line 1\nline 2\n"),
        ("printf '\\033[31mred\\033[0m\\n'", "red\n"),
        ('echo "it\'s $((6 * 7))"', "it's 42\n"),
        ("cd /usr; pwd", "/usr\n"),
        ("seq 1 3000 | tail -n 2", "2999\n3000\n"),
    ],
)
def test_output_is_what_stood_there(shell: SerialConsole, command: str, out: str) -> None:
    result = shell.run(command)
    assert (result.code, result.out) == (0, out)


def test_much_output_arrives_whole(shell: SerialConsole) -> None:
    assert shell.run("seq 1 20000").out.split() == [str(number) for number in range(1, 20001)]


def test_a_mistake_in_the_command_does_not_hang(shell: SerialConsole) -> None:
    result = shell.run("echo 'unclosed")
    assert result.code != 0
    assert "unexpected EOF" in result.out


def test_questions_are_answered(shell: SerialConsole) -> None:
    result = shell.run("read -p 'Your name: ' name; echo \"Hi $name\"", answers={"Your name:": "Ada"})
    assert result.out.endswith("Hi Ada\n")


def test_kernel_messages_are_kept_apart(shell: SerialConsole) -> None:
    result = shell.run("echo '[   12.345678] usb 1-1: new device'; echo mine")
    assert result.out == "mine\n"
    assert result.kernel == ("[   12.345678] usb 1-1: new device",)


def test_a_command_without_end_shows_the_console(shell: SerialConsole) -> None:
    with pytest.raises(NotSeen, match="the end of the command 'echo working; sleep 600'") as caught:
        shell.run("echo working; sleep 600", within=0.5)
    assert "working" in str(caught.value)
    assert caught.value.png is None


def test_logging_in_leaves_a_command_that_still_runs(serial_socket: Path) -> None:
    # Closed whatever happens: the line takes one connection, and the tests after this one need it.
    with closing(SerialConsole(serial_socket, Patience(seconds=20))) as before:
        before.log_in("amnesia", "live")
        with pytest.raises(NotSeen):
            before.run("sleep 600", within=1)
    with closing(SerialConsole(serial_socket, Patience(seconds=20))) as after:
        after.log_in("amnesia", "live")
        assert after.run("echo back").out == "back\n"


def test_a_new_connection_finds_the_session(serial_socket: Path, shell: SerialConsole) -> None:
    shell.run("mark=here")
    shell.close()
    again = SerialConsole(serial_socket, Patience(seconds=20))
    again.log_in("amnesia", "live")
    assert again.run("echo $mark").out == "here\n"
    again.close()


def test_another_user_gets_a_shell_of_their_own(shell: SerialConsole) -> None:
    shell.log_in("somebody", "live")
    assert shell.run("echo $LOGNAME").out == "somebody\n"


def test_a_refused_password_is_told(shell: SerialConsole) -> None:
    shell.log_out()
    with pytest.raises(NotSeen, match="password of 'amnesia'"):
        shell.log_in("amnesia", "wrong")
    shell.log_in("amnesia", "live")


def test_a_password_asked_for_by_somebody_else_is_no_obstacle(shell: SerialConsole) -> None:
    shell.log_out()
    shell._line.send(b"somebody\r")
    shell.log_in("amnesia", "live")
    assert shell.run("echo $LOGNAME").out == "amnesia\n"


def test_the_transcript_has_commands_and_no_passwords(shell: SerialConsole) -> None:
    shell.log_out()
    shell.log_in("amnesia", "live")
    shell.run("echo for the record")
    transcript = bytes(shell.transcript)
    assert b"for the record" in transcript
    assert b"Password: " in transcript
    assert b"live" not in transcript


def test_a_machine_that_is_gone_is_told(mortal_shell: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, serial = mortal_shell
    console = SerialConsole(serial, Patience(seconds=20))
    console.log_in("amnesia", "live")
    process.kill()
    with pytest.raises(GuestError, match="no serial line at"):
        console.run("true")
    with pytest.raises(GuestError, match="no serial line at"):
        console.log_in("amnesia", "live")
    console.close()


def test_output_without_end_is_stopped(
    mortal_shell: tuple[subprocess.Popen[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.user.serial._MOST_AT_ONCE", 1 << 20)
    console = SerialConsole(mortal_shell[1], Patience(seconds=60))
    console.log_in("amnesia", "live")
    with pytest.raises(GuestError, match="over 1 MiB"):
        console.run("yes 'an endless line of text to fill the console with'")
    console.close()
