"""Private keys in a back-up: encrypted with a password that is kept elsewhere than the file.

Whoever has a key of the log can sign another history, so a stick that is lost must not give it away. AES-256 in GCM,
the key by scrypt (RFC 7914; 64 MiB) from the password and a salt of its own.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

from bench.errors import OperatorError

LEAST_CHARACTERS = 12
_SALT, _NONCE = 16, 12
_COST, _BLOCK, _PARALLEL = 1 << 16, 8, 1


def locked(keys: Mapping[str, bytes], password: str) -> bytes:
    """Errors: OperatorError where the password is too short."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(password) < LEAST_CHARACTERS:
        raise OperatorError(
            f"the password of the keys has {LEAST_CHARACTERS} characters at least; choose another"
        )
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    content = json.dumps({name: base64.b64encode(key).decode() for name, key in keys.items()}).encode()
    return salt + nonce + AESGCM(_key(password, salt)).encrypt(nonce, content, None)


def unlocked(box: bytes, password: str) -> dict[str, bytes]:
    """Errors: OperatorError where it is not the password."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce, content = box[:_SALT], box[_SALT : _SALT + _NONCE], box[_SALT + _NONCE :]
    try:
        keys = json.loads(AESGCM(_key(password, salt)).decrypt(nonce, content, None))
    except (InvalidTag, ValueError) as error:  # a box that is cut has no nonce
        raise OperatorError(
            "this is not the password of the keys; nothing was changed; give the right one, or --without-keys"
        ) from error
    return {str(name): base64.b64decode(key) for name, key in keys.items()}


def _key(password: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_PARALLEL).derive(password.encode())
