"""Drives as libvirt gets them, and as the tools that made them read them back."""

import hashlib
import subprocess
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from harness import tool
from harness.errors import HostError
from harness.machine import drive


def test_a_stick_has_its_files_on_it(tmp_path: Path) -> None:
    stick = drive.stick_with(tmp_path / "stick", {"notes.txt": b"The kettle is on\n"})
    shown = subprocess.run(
        ["mtype", "-i", stick.image, "::notes.txt"], capture_output=True, check=True
    ).stdout
    assert shown == b"The kettle is on\n"
    assert b"STICK" in stick.content()[:512]


def test_an_empty_stick_is_empty_and_an_unreadable_one_is_not(tmp_path: Path) -> None:
    assert set(drive.empty_stick(tmp_path / "empty").content()) == {0}
    assert set(drive.unreadable_stick(tmp_path / "broken").content()) == {0, 0xDE, 0xAD, 0xBE, 0xEF}


def test_a_disc_is_read_only_and_has_its_files(tmp_path: Path) -> None:
    disc = drive.disc_with(tmp_path / "disc.iso", {"song.txt": b"short and stout"})
    assert b"short and stout" in disc.content()
    element = ElementTree.fromstring(disc.xml())
    assert (element.get("device"), element.find("readonly") is not None) == ("cdrom", True)


def test_a_stick_can_be_written_to_and_taken_away(tmp_path: Path) -> None:
    element = ElementTree.fromstring(drive.empty_stick(tmp_path / "a & b").xml())
    source, target = element.find("source"), element.find("target")
    assert source is not None
    assert target is not None
    assert source.get("file") == str(tmp_path / "a & b")
    assert (target.get("bus"), target.get("removable")) == ("usb", "on")
    assert element.find("readonly") is None


def test_a_missing_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "PATH", str(tmp_path))
    with pytest.raises(HostError, match=r"not installed on this host: mkfs\.vfat"):
        drive.stick_with(tmp_path / "stick", {})


def test_a_luks_volume_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    stick = drive.luks_stick(tmp_path / "stick", "ket,tle", {"note.txt": b"hidden away\n"})
    assert [file.name for file in tmp_path.iterdir()] == ["stick"]
    assert stick.content().startswith(b"LUKS\xba\xbe")
    assert b"hidden away" not in stick.content()

    def opened(passphrase: str) -> subprocess.CompletedProcess[bytes]:
        of = f"driver=luks,key-secret=s,file.filename={stick.image}"
        secret = f"secret,id=s,data={passphrase.replace(',', ',,')}"
        out = tmp_path / "plain"
        return subprocess.run(
            ["qemu-img", "convert", "--object", secret, "--image-opts", of, "-O", "raw", out],
            capture_output=True, check=False,
        )  # fmt: skip

    assert b"Invalid password" in opened("kettle").stderr
    assert opened("ket,tle").returncode == 0
    plain = (tmp_path / "plain").read_bytes()
    assert (plain[3:11], b"hidden away" in plain) == (b"mkfs.fat", True)


def test_a_veracrypt_volume_opens_with_its_passphrase_alone(tmp_path: Path) -> None:
    volume = drive.veracrypt_stick(tmp_path / "stick", "kettle", {"note.txt": b"hidden away\n"}).content()
    assert b"hidden away" not in volume

    def decrypted(unit: bytes, keys: bytes, number: int) -> bytes:
        cipher = Cipher(algorithms.AES(keys), modes.XTS(number.to_bytes(16, "little")))
        return cipher.decryptor().update(unit)

    def header(passphrase: bytes) -> bytes:
        return decrypted(
            volume[64:512], hashlib.pbkdf2_hmac("sha512", passphrase, volume[:64], 500_000, 64), 0
        )

    assert header(b"teapot")[:4] != b"VERA"
    opened = header(b"kettle")
    assert opened[:4] == b"VERA"
    assert int.from_bytes(opened[188:192]) == zlib.crc32(opened[:188])
    assert int.from_bytes(opened[8:12]) == zlib.crc32(opened[192:])
    keys, begins = opened[192:256], int.from_bytes(opened[44:52])
    sectors = range(begins, len(volume), 512)
    plain = b"".join(decrypted(volume[start : start + 512], keys, start // 512) for start in sectors)
    assert plain[3:11] == b"mkfs.fat"
    assert b"hidden away" in plain
