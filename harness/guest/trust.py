"""Certificate authorities that the guest trusts, put there by the instruments, so that nothing is learned."""

from __future__ import annotations

from harness.errors import GuestError
from harness.guest.agent import Agent

_OWN = "/usr/local/share/ca-certificates/tomograph.crt"
_ALL = "/etc/ssl/certs/ca-certificates.crt"


def trust(agent: Agent, certificate: bytes) -> None:
    """Make programs that read Debian's list of authorities trust one more.

    update-ca-certificates would hash all of them anew; the list in one file is what is read.

    Args:
        agent: the guest's.
        certificate: PEM.

    Raises:
        GuestError: the guest has no such list.
    """
    agent.write_file(_OWN, certificate)
    added = agent.shell(f'grep -qxF "$(sed -n 2p {_OWN})" {_ALL} || cat {_OWN} >> {_ALL}')
    if added.code != 0:
        raise GuestError(
            f"the guest does not take a certificate authority: {added.err.decode(errors='replace').strip()}",
            expected=f"{_ALL}, from the package ca-certificates",
        )
