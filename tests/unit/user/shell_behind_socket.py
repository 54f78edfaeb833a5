"""A login prompt and a real bash on a pseudo-terminal, behind a UNIX socket: what a serial line shows.

Run as a program: SOCKET. It accepts one connection after the other; the session stays when a
connection ends, as a machine's does. The user is "amnesia", the password "live".
"""

import os
import pty
import select
import socket
import sys
from pathlib import Path

_GETTY = r"""
while :; do
    printf '\r\nDebian GNU/Linux 13 debian ttyS0\r\n\r\ndebian login: '
    IFS= read -r user || exit
    [ -n "$user" ] || continue
    stty -echo; printf 'Password: '; IFS= read -r password; stty echo; printf '\r\n'
    if [ "$user" = refused ] || [ "$password" != live ]; then printf '\r\nLogin incorrect\r\n'; continue; fi
    printf 'Last login: Sun Nov 22 20:00:00 UTC 2026 on ttyS0\r\n'
    env -i HOME=/nonexistent LOGNAME="$user" PATH="$PATH" TERM=vt220 \
        PS1='\[\e[01;32m\]\u@\h\[\e[00m\]:\[\e[01;34m\]\w\[\e[00m\]\$ ' bash --norc --noprofile -i
done
"""


def main(path: str) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("bash", ["bash", "-c", "trap : INT; " + _GETTY])
    listener = socket.socket(socket.AF_UNIX)
    # The path is there when it answers, not before.
    listener.bind(f"{path}.new")
    listener.listen()
    Path(f"{path}.new").rename(path)
    while True:
        connection, _ = listener.accept()
        with connection:
            forward(connection, terminal)


def forward(connection: socket.socket, terminal: int) -> None:
    try:
        while True:
            ready, _, _ = select.select([connection, terminal], [], [])
            if terminal in ready:
                connection.sendall(os.read(terminal, 4096))
            if connection in ready:
                data = connection.recv(4096)
                if not data:
                    return
                os.write(terminal, data)
    except ConnectionError:
        # Closed with something unread on its way: a line that is pulled out.
        return


if __name__ == "__main__":
    main(sys.argv[1])
