"""VeraCrypt volumes: AES in XTS mode, the key by SHA-512.

The format: https://veracrypt.io/en/VeraCrypt%20Volume%20Format%20Specification.html. There is no copy of the
header at the end, which only a repair would read, and no hidden volume.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_SECTOR = 512
_SALT = 64
_AREA = 128 << 10
"""Bytes before the encrypted file system, for this header and that of a hidden volume."""
_ITERATIONS = 500_000
_KEYS = 64
"""Bytes of the two keys of XTS."""
_VERSION, _NEEDS_VERSION = 5, 0x010B


def encrypt(content: bytes, passphrase: str) -> bytes:
    """A volume with the file system `content`, whose length is a multiple of 512 bytes."""
    keys = os.urandom(_KEYS)
    first = _AREA // _SECTOR
    sectors = [content[start : start + _SECTOR] for start in range(0, len(content), _SECTOR)]
    body = b"".join(_encrypted(sector, keys, first + index) for index, sector in enumerate(sectors))
    return _header(len(content), keys, passphrase).ljust(_AREA, b"\0") + body


def _header(size: int, keys: bytes, passphrase: str) -> bytes:
    """Offsets 0 to 511: the salt, then fields of big-endian numbers, encrypted by the passphrase."""
    salt = os.urandom(_SALT)
    secrets = keys.ljust(256, b"\0")
    fields = struct.pack(
        ">4sHHI16x4QII120x",
        b"VERA", _VERSION, _NEEDS_VERSION, zlib.crc32(secrets), 0, size, _AREA, size, 0, _SECTOR,
    )  # fmt: skip
    plain = fields + struct.pack(">I", zlib.crc32(fields)) + secrets
    by_passphrase = hashlib.pbkdf2_hmac("sha512", passphrase.encode(), salt, _ITERATIONS, _KEYS)
    return salt + _encrypted(plain, by_passphrase, 0)


def _encrypted(unit: bytes, keys: bytes, number: int) -> bytes:
    cipher = Cipher(algorithms.AES(keys), modes.XTS(number.to_bytes(16, "little")))
    return cipher.encryptor().update(unit)
