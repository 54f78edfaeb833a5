import pytest

from harness.user.terminal import Transcript, apart_from_kernel, plain


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b[01;32mamnesia@debian\x1b[00m:\x1b[01;34m~\x1b[00m$ ", "amnesia@debian:~$ "),
        (b"\x1b[?2004hprompt\x1b[?2004l\r\nout\r\n", "prompt\nout\n"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]3008;start=abc;type=command\x1b\\text", "text"),
        (b"\x1b(B\x1b[mplain\x1b=\x1b>", "plain"),
        (b"10%\r55%\r100%\r\ndone", "100%\ndone"),
        (b"ring\x07 the bell", "ring the bell"),
        (b"na\xc3\xafve \xff", "na\u00efve \ufffd"),
    ],
)
def test_terminal_control_is_taken_out(raw: bytes, text: str) -> None:
    assert plain(raw) == text


def test_kernel_messages_are_told_apart() -> None:
    text = "one\n[   12.345678] usb 1-1: new device\n[not] kernel\ntwo"
    assert apart_from_kernel(text) == (
        "one\n[not] kernel\ntwo",
        ("[   12.345678] usb 1-1: new device",),
    )


def test_a_transcript_keeps_the_end() -> None:
    transcript = Transcript(limit=8)
    for data in (b"first\r\n", b"last\r\n"):
        transcript.write(data)
    assert bytes(transcript) == b"\r\nlast\r\n"
    assert transcript.lines() == ["last"]
