"""Who a directory authority is: the keys that a client knows it by, made before it first starts."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from harness.errors import HostError

_RELAY_KEY_BITS = 1024  # what Tor's relays have as their RSA identity (tor-spec, 1.1)
_CERTIFICATE_MONTHS = "1"


@dataclass(frozen=True, slots=True)
class Identity:
    """An authority's fingerprints, 40 hexadecimal digits each.

    Attributes:
        relay: of its key as a relay.
        voter: of the key that stands behind its votes (v3ident).
    """

    relay: str
    voter: str


def make_identity(folder: Path, *, prefix: list[str], address: str) -> Identity:
    """Make the keys of an authority in tor's folder `keys`.

    Args:
        folder: the authority's data folder.
        prefix: what a command begins with, so that it runs at the network's time.
        address: its directory port, ADDRESS:PORT.

    Raises:
        HostError: tor-gencert is missing or fails.
    """
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RELAY_KEY_BITS)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (keys / "secret_id_key").write_bytes(private)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    fingerprint = hashlib.sha1(public, usedforsecurity=False).hexdigest().upper()
    return Identity(fingerprint, _certify(keys, prefix, address))


def _certify(keys: Path, prefix: list[str], address: str) -> str:
    """Make the keys for voting and their certificate (dir-spec, 3.1); the fingerprint in it."""
    certificate = keys / "authority_certificate"
    command = [
        *prefix, "tor-gencert", "--create-identity-key", "-m", _CERTIFICATE_MONTHS, "-a", address,
        "--passphrase-fd", "0", "-i", str(keys / "authority_identity_key"),
        "-s", str(keys / "authority_signing_key"), "-c", str(certificate),
    ]  # fmt: skip
    done = subprocess.run(command, input="\n", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise HostError(f"tor-gencert failed: {done.stderr.strip()}", hint="make setup")
    lines = (line.split() for line in certificate.read_text().splitlines())
    return next(line[1] for line in lines if line[0] == "fingerprint")
