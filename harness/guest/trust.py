"""Certificate authorities that the guest trusts, put there by the instruments, so that nothing is learned."""

from __future__ import annotations

import json

from harness.errors import GuestError
from harness.guest.agent import Agent

_OWN = "/usr/local/share/ca-certificates/tomograph.crt"
_ALL = "/etc/ssl/certs/ca-certificates.crt"
_MOZILLA = ("/etc/firefox/policies/policies.json", "/etc/thunderbird/policies/policies.json")


def trust(agent: Agent, certificate: bytes) -> None:
    """Make programs trust one more authority, if they start after this.

    Most read Debian's list, the one file; update-ca-certificates would hash all authorities anew. Mozilla's
    programs have a list of their own, to which a policy adds, where the image has a policy for them.

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
    for path in _MOZILLA:
        policies = agent.read(f"[ ! -f {path} ] || cat {path}")
        if policies:
            agent.write_file(path, with_certificate(policies))


def with_certificate(policies: bytes) -> bytes:
    """A `policies.json` of Firefox or Thunderbird, with the authority's certificate among those to install.

    The format: https://mozilla.github.io/policy-templates/#certificates--install.
    """
    content = json.loads(policies)
    install = content["policies"].setdefault("Certificates", {}).setdefault("Install", [])
    if _OWN not in install:
        install.append(_OWN)
    return json.dumps(content, indent=2).encode() + b"\n"
