"""The key of the journal: an Ed25519 key that signs checkpoints, manifests and what the QR codes say.

`keys/log-1.key` is the private key (PKCS #8, PEM), `keys/log-1.pub` the public one (PEM). A key that follows it is
`log-2`, and so on: the highest number signs, and the public keys of all stay, since what they have signed stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from bench.errors import OperatorError
from bench.keys.fingerprint import fingerprint
from bench.keys.private_files import KEYS_FOLDER, keys_folder, read_private, write_private

_NAME = re.compile(r"log-([1-9][0-9]{0,5})\.(key|pub)")
_PUBLIC_MODE = 0o644


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key that signs now."""

    _private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The raw 32 bytes."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self._private.sign(message)


def open_log_key(state_dir: Path, *, may_make: bool = True) -> LogKey:
    """The key that signs now, made where there is none.

    may_make: False where something is signed already, so that a key that is missing was there once.
    Errors: OperatorError where a key file is missing, damaged, or not the bench's alone.
    """
    folder = state_dir / KEYS_FOLDER
    numbers = _numbers(folder)
    if not numbers:
        if not may_make:
            raise OperatorError(
                f"{folder}: the key that has signed this journal is missing; restore the folder from a back-up"
            )
        return write_log_key(state_dir, 1, Ed25519PrivateKey.generate())
    path = _private_path(folder, numbers[-1])
    key = LogKey(_read_private_key(path))
    public_path = path.with_suffix(".pub")
    if not public_path.exists():
        write_private(public_path, _public_pem(key), _PUBLIC_MODE)
    elif _read_public(public_path) != key.public:
        raise OperatorError(f"{path} and {public_path.name} are not one key; restore both from a back-up")
    return key


def write_log_key(state_dir: Path, number: int, private: Ed25519PrivateKey) -> LogKey:
    """Keep a new key under this number. Errors: OperatorError where there is one, or it cannot be written."""
    path = _private_path(keys_folder(state_dir), number)
    key = LogKey(private)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, pem)
    write_private(path.with_suffix(".pub"), _public_pem(key), _PUBLIC_MODE)
    return key


def log_key_numbers(state_dir: Path) -> list[int]:
    """Of the keys that there are or were, in their order: of each the private or the public file is there."""
    return _numbers(state_dir / KEYS_FOLDER)


def all_log_publics(state_dir: Path) -> list[bytes]:
    """The public keys (32 bytes each) of all log keys that there were, in their order; no private key is read.

    Errors: OperatorError for a damaged file.
    """
    return list(log_publics_by_number(state_dir).values())


def log_publics_by_number(state_dir: Path) -> dict[int, bytes]:
    """As `all_log_publics`, by the number of each key. Errors: OperatorError for a damaged file."""
    folder = state_dir / KEYS_FOLDER
    paths = {number: _private_path(folder, number).with_suffix(".pub") for number in _numbers(folder)}
    return {number: _read_public(path) for number, path in paths.items() if path.exists()}


def _numbers(folder: Path) -> list[int]:
    try:
        names = [entry.name for entry in folder.iterdir()] if folder.exists() else []
    except OSError as error:
        raise OperatorError(f"{folder}: {error.strerror}; run it as the bench's user") from error
    return sorted({int(match[1]) for match in map(_NAME.fullmatch, names) if match})


def _private_path(folder: Path, number: int) -> Path:
    return folder / f"log-{number}.key"


def _public_pem(key: LogKey) -> bytes:
    public = Ed25519PublicKey.from_public_bytes(key.public)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read_private_key(path: Path) -> Ed25519PrivateKey:
    content = read_private(path)
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise OperatorError(f"{path} is damaged: no Ed25519 key in PEM; restore it from a back-up")
    return private


def _read_public(path: Path) -> bytes:
    try:
        public = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; restore it from a back-up") from error
    except (ValueError, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, Ed25519PublicKey):
        raise OperatorError(f"{path} is damaged: no Ed25519 key in PEM; restore it from a back-up")
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
