"""The log key: made once, kept private, never written over; what is wrong with its files is said in one line."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench.errors import OperatorError
from bench.keys.fingerprint import fingerprint
from bench.keys.log_key import all_log_publics, log_key_numbers, open_log_key, write_log_key
from bench.keys.private_files import read_private, write_private


def message_of(error: pytest.ExceptionInfo[OperatorError]) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


def test_a_fingerprint_is_sha_256_in_groups() -> None:
    digits = fingerprint(b"\x00" * 32)
    assert digits.startswith("6668 7AAD F862 BD77")
    assert digits.replace(" ", "").lower() == hashlib.sha256(bytes(32)).hexdigest()
    assert [len(group) for group in digits.split(" ")] == [4] * 16


def test_the_key_is_made_once_and_signs(tmp_path: Path) -> None:
    key = open_log_key(tmp_path)
    again = open_log_key(tmp_path)
    assert again.public == key.public
    assert len(key.public) == 32
    assert key.fingerprint == fingerprint(key.public)
    Ed25519PublicKey.from_public_bytes(key.public).verify(again.sign(b"text"), b"text")
    assert all_log_publics(tmp_path) == [key.public]


def test_only_the_bench_reads_its_keys(tmp_path: Path) -> None:
    open_log_key(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == {"log-1.key": 0o600, "log-1.pub": 0o644}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_the_highest_number_signs_and_the_others_stay_known(tmp_path: Path) -> None:
    first = open_log_key(tmp_path)
    second = write_log_key(tmp_path, 2, Ed25519PrivateKey.generate())
    tenth = write_log_key(tmp_path, 10, Ed25519PrivateKey.generate())
    assert open_log_key(tmp_path).public == tenth.public
    assert all_log_publics(tmp_path) == [first.public, second.public, tenth.public]
    assert log_key_numbers(tmp_path) == [1, 2, 10]
    (tmp_path / "keys" / "log-1.key").unlink()  # a key that no longer signs need not be kept
    assert all_log_publics(tmp_path)[0] == first.public


def test_a_public_file_that_is_gone_is_written_again(tmp_path: Path) -> None:
    key = open_log_key(tmp_path)
    (tmp_path / "keys" / "log-1.pub").unlink()
    open_log_key(tmp_path)
    assert all_log_publics(tmp_path) == [key.public]


def test_a_private_key_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    open_log_key(tmp_path)
    (tmp_path / "keys" / "log-1.key").unlink()
    with pytest.raises(OperatorError, match="back-up") as error:
        open_log_key(tmp_path)
    assert "log-1.key" in message_of(error)
    assert not (tmp_path / "keys" / "log-1.key").exists()


def test_where_something_is_signed_already_no_key_is_made(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="back-up"):
        open_log_key(tmp_path, may_make=False)
    assert not (tmp_path / "keys").exists()


def ec_key() -> bytes:
    return generate_ec(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("content", [b"", b"no key", ec_key()])
def test_a_damaged_private_key_says_so(tmp_path: Path, content: bytes) -> None:
    open_log_key(tmp_path)
    (tmp_path / "keys" / "log-1.key").write_bytes(content)
    with pytest.raises(OperatorError, match="damaged") as error:
        open_log_key(tmp_path)
    assert "log-1.key" in message_of(error)


@pytest.mark.parametrize("content", [b"", b"no key"])
def test_a_damaged_public_key_says_so(tmp_path: Path, content: bytes) -> None:
    open_log_key(tmp_path)
    (tmp_path / "keys" / "log-1.pub").write_bytes(content)
    with pytest.raises(OperatorError, match="damaged"):
        all_log_publics(tmp_path)
    with pytest.raises(OperatorError, match="damaged"):
        open_log_key(tmp_path)


def test_a_public_key_of_another_is_found(tmp_path: Path) -> None:
    open_log_key(tmp_path)
    other = Ed25519PrivateKey.generate().public_key()
    (tmp_path / "keys" / "log-1.pub").write_bytes(
        other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(OperatorError, match="not one key"):
        open_log_key(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    open_log_key(tmp_path)
    (tmp_path / "keys" / "log-1.key").chmod(mode)
    with pytest.raises(OperatorError, match="chmod 600") as error:
        open_log_key(tmp_path)
    assert "log-1.key" in message_of(error)


def test_a_folder_that_others_can_enter_is_closed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    open_log_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another user")
def test_a_key_of_another_user_is_not_used(tmp_path: Path) -> None:
    open_log_key(tmp_path)
    os.chown(tmp_path / "keys" / "log-1.key", 12345, 12345)
    with pytest.raises(OperatorError, match="another user"):
        open_log_key(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another user")
def test_what_root_makes_belongs_to_whom_the_folder_belongs(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    open_log_key(tmp_path)
    for path in (tmp_path / "keys", *(tmp_path / "keys").iterdir()):
        assert path.stat().st_uid == 12345


def test_a_private_file_is_never_written_over(tmp_path: Path) -> None:
    write_private(tmp_path / "a.key", b"first")
    with pytest.raises(OperatorError, match="never written over"):
        write_private(tmp_path / "a.key", b"second")
    assert read_private(tmp_path / "a.key") == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


def test_a_private_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="back-up"):
        read_private(tmp_path / "a.key")
    with pytest.raises(OperatorError, match="check the folder"):
        write_private(tmp_path / "none" / "a.key", b"content")
