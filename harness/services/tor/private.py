"""The network as a whole: who is in it, when it is ready, and somebody else who uses it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HostError
from harness.services.program import Enter
from harness.services.tor import clock, socks
from harness.services.tor.daemon import Daemon
from harness.services.tor.identity import Identity, make_identity

AUTHORITIES = {"Assam": "192.0.2.101", "Ceylon": "192.0.2.102", "Keemun": "192.0.2.103"}
RELAYS = {"Kettle": "192.0.2.104", "Samovar": "192.0.2.105", "Gaiwan": "192.0.2.106"}
EXITS = {"Teapot": "192.0.2.107"}
_ONION_PORT = 9001
_DIRECTORY_PORT = 9030

_PERIOD = 300
"""Seconds between two consensuses. The first is called for when all relays are known to all authorities."""
_VOTES = _SIGNATURES = 2
"""Seconds for votes, then for signatures under the outcome, to reach all authorities; tor allows no less."""
_NOTICE = 2
"""Seconds between the call for a vote and the vote."""
_CALLED_AGAIN = 6.0
"""Seconds after which a consensus that should be there is called for anew."""
_BANDWIDTH = 1000
"""What each relay is measured to carry, in kB/s; authorities count for a few at most."""

_BEGINS = 120.0
_ANSWERS = 120.0


class TorNetwork:
    """Authorities that are relays too, relays and an exit. Made when it can be used.

    Args:
        folder: an empty folder of its own.
        enter: makes a command run in the machine's network.
        resolv_conf: names the name server in there.
        now: the guest's time; see `clock`.

    Raises:
        HostError: tor or libfaketime is missing, or the network does not get ready.
    """

    def __init__(self, folder: Path, *, enter: Enter, resolv_conf: str, now: datetime) -> None:
        if shutil.which("tor") is None:
            raise HostError("tor is not on the PATH", expected="Debian's tor", hint="make setup")
        ahead = clock.seconds_ahead(now)
        self._ahead = ahead
        self._folder = folder
        self._prefix = enter(*clock.prefix(ahead))
        self._daemons: list[Daemon] = []
        self._elsewhere: Daemon | None = None
        self._bandwidths = folder / "bandwidths"  # https://spec.torproject.org/bandwidth-file-spec
        self._resolv_conf = folder / "resolv.conf"
        self._resolv_conf.write_text(resolv_conf)
        identities = self._identities(clock.prefix(ahead))
        self.client_options = [
            "TestingTorNetwork 1",
            *(
                f"DirAuthority {name} orport={_ONION_PORT} v3ident={identities[name].voter}"
                f" {address}:{_DIRECTORY_PORT} {identities[name].relay}"
                for name, address in AUTHORITIES.items()
            ),
        ]
        try:
            self._start()
            self._agree()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all daemons."""
        for daemon in self._daemons:
            daemon.close()

    def fetch(self, url: str, upload: socks.Upload | None = None) -> bytes:
        """What somebody elsewhere gets through this network who asks for `url` (http), or sends a file there.

        Raises:
            OSError: it cannot be had.
            HostError: their tor does not get ready.
        """
        self._somebody_elsewhere()
        return socks.fetch(self._folder / "Elsewhere" / "socks", url, _ANSWERS, upload)

    def publish(self, address: str, port: int) -> str:
        """Make a server of the machine's network an onion service, whose machine nobody can tell.

        Args:
            address: the server's.
            port: where it listens.

        Returns:
            The name under which a client of this network finds it; it can be found at once.

        Raises:
            HostError: its descriptor is not taken.
        """
        deadline = Deadline.after(_ANSWERS)
        waiting: set[str] = set()
        taken = 0
        with self._somebody_elsewhere().control() as control:
            control.ask("SETEVENTS HS_DESC")
            made = control.ask(f"ADD_ONION NEW:ED25519-V3 Flags=Detach,DiscardPK Port=80,{address}:{port}")
            name = made[0].removeprefix("ServiceID=")
            try:
                while waiting or not taken:
                    _kind, action, whose, _auth, directory, *_rest = control.event(deadline).split()
                    if whose != name:
                        continue
                    if action == "UPLOAD":
                        waiting.add(directory)
                    else:
                        waiting.discard(directory)
                        taken += action == "UPLOADED"
            except TimeoutError:
                raise HostError(
                    f"{taken} relays took the descriptor of an onion service within {_ANSWERS:.0f} s,"
                    f" {len(waiting)} did not answer",
                    expected="that each relay which is asked answers",
                ) from None
        return f"{name}.onion"

    def _somebody_elsewhere(self) -> Daemon:
        """A client of this network that is not the guest."""
        if self._elsewhere is None:
            folder = self._room("Elsewhere")
            self._elsewhere = self._add("Elsewhere", [f"SocksPort unix:{folder}/socks"])
            self._wait([self._elsewhere], lambda one: one.is_ready)
        return self._elsewhere

    def _identities(self, prefix: list[str]) -> dict[str, Identity]:
        def identity(name: str) -> Identity:
            address = f"{AUTHORITIES[name]}:{_DIRECTORY_PORT}"
            return make_identity(self._room(name), prefix=prefix, address=address)

        with ThreadPoolExecutor() as pool:
            return dict(zip(AUTHORITIES, pool.map(identity, AUTHORITIES), strict=True))

    def _room(self, name: str) -> Path:
        room = self._folder / name
        room.mkdir(mode=0o700, exist_ok=True)
        return room

    def _add(self, name: str, options: Iterable[str]) -> Daemon:
        daemon = Daemon(self._room(name), [*self.client_options, *options], prefix=self._prefix)
        self._daemons.append(daemon)
        return daemon

    def _start(self) -> None:
        later = self._offset(_PERIOD // 2)
        for name, address in AUTHORITIES.items():
            self._add(name, [*_relay(address), *_authority(address, later, self._bandwidths)])
        for name, address in RELAYS.items():
            self._add(name, [*_relay(address), "ExitRelay 0"])
        for name, address in EXITS.items():
            self._add(name, [*_relay(address), *_exit(self._resolv_conf)])

    def _agree(self) -> None:
        """Let the authorities vote as soon as each of them knows all relays, not when a period ends."""
        authorities, others = self._daemons[: len(AUTHORITIES)], self._daemons[len(AUTHORITIES) :]
        everybody = {*AUTHORITIES, *RELAYS, *EXITS}
        self._wait(authorities, lambda one: _described(one) >= everybody)
        self._measure(authorities[0])
        called = Deadline.after(0)

        def agreed(one: Daemon) -> bool:
            nonlocal called
            fine = _listed(one) >= everybody
            if not fine and called.expired:
                ahead = _NOTICE + _VOTES + _SIGNATURES
                _tell(authorities, f"SETCONF TestingV3AuthVotingStartOffset={self._offset(ahead)}")
                called = Deadline.after(ahead + _CALLED_AGAIN)
            return fine

        self._wait(authorities, agreed)
        _tell(others, "SIGNAL HUP")  # they have asked in vain, more and more seldom: ask again now
        # The only exit finds no exit but itself, so it is not asked for circuits of its own.
        self._wait(self._daemons, lambda one: _listed(one) >= everybody and _has_directory(one))

    def _measure(self, authority: Daemon) -> None:
        """Have all relays weigh the same, but for the authorities, which cannot be measured.

        Else the one that carried some bytes first is everybody's choice: for a client's guard and for its
        rendezvous point, and a path never leads back to where it came from.
        """
        told = authority.tells("desc/all-recent")
        prints = [line.partition(" ")[2].replace(" ", "") for line in told if line.startswith("fingerprint ")]
        lines = [str(int(time.time() + self._ahead)), *(f"node_id=${one} bw={_BANDWIDTH}" for one in prints)]
        self._bandwidths.write_text("".join(f"{line}\n" for line in lines))

    def _offset(self, seconds: int) -> int:
        """What the votes' period has to begin with, so that one ends in so many seconds."""
        return int(time.time() + self._ahead + seconds) % _PERIOD

    def _wait(self, daemons: Iterable[Daemon], fine: Callable[[Daemon], bool]) -> None:
        for last in Deadline.after(_BEGINS).attempts(longest=0.3):
            late = [one for one in daemons if not fine(one)]
            if not late:
                return
            if last:
                break
        told = "\n".join(f"{one.name}:\n{one.last_words}" for one in late)
        names = ", ".join(one.name for one in late)
        raise HostError(
            f"after {_BEGINS:.0f} s a private tor network is not ready in {names}\n{told}",
            expected="that each has a consensus which names all relays",
        )


def _relay(address: str) -> list[str]:
    return [
        f"Address {address}",
        f"ORPort {address}:{_ONION_PORT}",
        f"OutboundBindAddress {address}",
        "SocksPort 0",
        "AssumeReachable 1",
        "ContactInfo nobody@example.org",
    ]


def _authority(address: str, offset: int, bandwidths: Path) -> list[str]:
    return [
        f"DirPort {address}:{_DIRECTORY_PORT}",
        "AuthoritativeDirectory 1",
        "V3AuthoritativeDirectory 1",
        f"V3BandwidthsFile {bandwidths}",
        "ExitRelay 0",
        f"TestingV3AuthVotingStartOffset {offset}",
        f"TestingV3AuthInitialVotingInterval {_PERIOD}",
        f"TestingV3AuthInitialVoteDelay {_VOTES}",
        f"TestingV3AuthInitialDistDelay {_SIGNATURES}",
        f"V3AuthVotingInterval {_PERIOD}",
        f"V3AuthVoteDelay {_VOTES}",
        f"V3AuthDistDelay {_SIGNATURES}",
        # What elsewhere is a matter of weeks of service.
        "TestingDirAuthVoteGuard *",
        "TestingDirAuthVoteHSDir *",
        "TestingMinExitFlagThreshold 0",
    ]


def _exit(resolv_conf: Path) -> list[str]:
    return [
        "ExitRelay 1",
        "ExitPolicy accept *:*",  # there is nothing beyond the machine's network
        f"ServerDNSResolvConfFile {resolv_conf}",
        "ServerDNSDetectHijacking 0",  # asks for names of the world
    ]


def _tell(daemons: Iterable[Daemon], command: str) -> None:
    for daemon in daemons:
        with daemon.control() as control:
            control.ask(command)


def _has_directory(daemon: Daemon) -> bool:
    return "status/enough-dir-info=1" in daemon.tells("status/enough-dir-info")


def _listed(daemon: Daemon) -> set[str]:
    """The names in its consensus."""
    return {line.split()[1] for line in daemon.tells("ns/all") if line.startswith("r ")}


def _described(daemon: Daemon) -> set[str]:
    """The names of the relays that have told it of themselves."""
    told = daemon.tells("desc/all-recent")
    return {line.split()[1] for line in told if line.startswith("router ")}
