"""A machine's screen, keyboard and pointer over VNC on a UNIX socket, spoken by vncdotool.

vncdotool runs on Twisted, whose reactor can be started once in a process and lives in a thread of
its own. Machines come and go (each restore opens a new socket): a connection is an object, the
reactor is the process's.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from twisted.internet import endpoints
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.error import (
    ConnectError,
    ConnectionClosed,
    ConnectionLost,
    ConnectionRefusedError,  # noqa: A004
)
from twisted.python.failure import Failure
from vncdotool.client import VNCDoException, VNCDoToolClient, VNCDoToolFactory

from harness.deadline import Deadline
from harness.errors import GuestError
from harness.user.expectation import Patience
from harness.user.picture import Picture

_Answer = TypeVar("_Answer")
_LAST_LOOK = 1.0
_SCROLL_LOCK = 0xFF14
_LOOK = "look whether the machine's QEMU still runs"
_LOST = (OSError, VNCDoException, ConnectionClosed, ConnectError)

# Parts of Twisted that have no types.
_reactor = cast(Any, installed_reactor)
_endpoints = cast(Any, endpoints)
_reactor_start = threading.Lock()
_reactor_thread: threading.Thread | None = None


def _ensure_reactor() -> None:
    global _reactor_thread  # noqa: PLW0603 - Twisted has one reactor a process, so has this module
    with _reactor_start:
        if _reactor_thread is None:
            started = threading.Event()
            _reactor.callWhenRunning(started.set)
            _reactor_thread = threading.Thread(
                target=_reactor.run, kwargs={"installSignalHandlers": False}, name="vnc", daemon=True
            )
            _reactor_thread.start()
            started.wait()
            atexit.register(_stop_reactor, _reactor_thread)


def _stop_reactor(thread: threading.Thread) -> None:
    _reactor.callFromThread(_reactor.stop)
    thread.join(timeout=5)


class _Client(VNCDoToolClient):  # type: ignore[misc]  # vncdotool has no types
    """vncdotool's client, which tells whoever waits when the connection is lost."""

    lost = False
    deferred: Deferred[_Client] | None = None

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        self.lost = True
        super().connectionLost(reason)
        if not self.factory.deferred.called:
            self.factory.deferred.errback(reason)
        if self.deferred is not None:
            waiting, self.deferred = self.deferred, None
            waiting.errback(reason)


class _Factory(VNCDoToolFactory):  # type: ignore[misc]  # vncdotool has no types
    protocol = _Client
    noisy = False
    client: _Client | None = None
    deferred: Deferred[_Client]

    def buildProtocol(self, address: Any) -> _Client:  # noqa: N802 - Twisted's name
        self.client = cast(_Client, super().buildProtocol(address))
        return self.client

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        # vncdotool calls this again when the refused connection is closed.
        if not self.deferred.called:
            super().clientConnectionFailed(connector, reason)


class VncDisplay:
    """One connection to one machine; opened at first use and again whenever it was lost.

    Implements `Display`, `KeyPort` and `PointerPort`. Calls may come from any one thread at a time.

    Args:
        socket: the machine's VNC socket.
        patience: its `seconds` (scaled) bound every single request.
    """

    def __init__(self, socket: Path, patience: Patience) -> None:
        self.socket = socket
        self._patience = patience
        self._client: _Client | None = None

    def capture(self) -> Picture:
        """The whole screen as it is now.

        Raises:
            GuestError: no connection, or no picture, in time.
        """
        return self._on_connection(_capture, "a picture of the screen")

    def key(self, keysym: int, *, down: bool) -> None:
        """Press or release a key.

        Raises:
            GuestError: no connection in time.
        """
        self._on_connection(lambda client: succeed(client.keyEvent(keysym, down=down)), "taking a key")

    def pointer(self, x: int, y: int, buttons: int) -> None:
        """Put the pointer on (x, y) with the buttons of the mask held down.

        Raises:
            GuestError: no connection in time.
        """
        self._on_connection(lambda client: succeed(client.pointerEvent(x, y, buttons)), "taking the pointer")

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        client, self._client = self._client, None
        if client is not None and not client.lost:
            _reactor.callFromThread(client.transport.abortConnection)

    def _on_connection(self, action: Callable[[_Client], Deferred[_Answer]], wanted: str) -> _Answer:
        deadline = self._patience.deadline()
        seen: BaseException | None = None
        for _ in self._patience.looks(deadline):
            try:
                client = self._connected(deadline)
                return _in_reactor(partial(_act, client, action), deadline)
            except ConnectionRefusedError as error:
                # A socket without anybody behind it: QEMU has ended, and nobody will come back.
                self.close()
                raise GuestError(
                    f"nobody is behind the screen at {self.socket} any more", expected=wanted, hint=_LOOK
                ) from error
            except _LOST as error:
                seen = error
                self.close()
        raise GuestError(
            f"the screen at {self.socket} gave no answer in {deadline.seconds:.0f} s: {seen!r}",
            expected=wanted,
            hint=_LOOK,
        ) from seen

    def _connected(self, deadline: Deadline) -> _Client:
        if self._client is None or self._client.lost:
            _ensure_reactor()
            factory = _Factory()
            try:
                self._client = _in_reactor(partial(_connect, self.socket, factory), deadline)
            except _LOST:
                if factory.client is not None and not factory.client.lost:
                    _reactor.callFromThread(factory.client.transport.abortConnection)
                raise
        return self._client


def _connect(socket: Path, factory: _Factory) -> Deferred[_Client]:
    connecting: Deferred[Any] = _endpoints.UNIXClientEndpoint(_reactor, str(socket)).connect(factory)
    connecting.addErrback(lambda reason: factory.clientConnectionFailed(None, reason))
    return factory.deferred


def _act(client: _Client, action: Callable[[_Client], Deferred[_Answer]]) -> Deferred[_Answer]:
    # Until the reactor came to this, the connection may have gone, and nobody would tell the action any more.
    if client.lost:
        raise ConnectionLost
    return action(client)


def _capture(client: _Client) -> Deferred[Picture]:
    # QEMU looks at an idle guest's display up to 3 s apart, and again every 30 ms after a key. The
    # release of a key that is not down wakes it, and goes no further than QEMU.
    client.keyEvent(_SCROLL_LOCK, down=False)

    def picture(refreshed: _Client) -> Picture:
        return Picture(np.array(refreshed.screen, dtype=np.uint8))

    return cast("Deferred[Picture]", client.refreshScreen().addCallback(picture))


def _in_reactor(action: Callable[[], Deferred[_Answer]], deadline: Deadline) -> _Answer:
    """Run `action` in the reactor's thread and hand its result, or its exception, to this one."""
    answer: Future[_Answer] = Future()

    def arrive(result: _Answer) -> None:
        if answer.set_running_or_notify_cancel():
            answer.set_result(result)

    def fail(reason: Failure) -> None:
        if answer.set_running_or_notify_cancel():
            answer.set_exception(reason.value)

    _reactor.callFromThread(lambda: maybeDeferred(action).addCallbacks(arrive, fail))
    try:
        # The last look of an expired deadline still gets a moment: an answer takes milliseconds.
        return answer.result(timeout=max(_LAST_LOOK, deadline.remaining))
    except TimeoutError:
        answer.cancel()
        raise
