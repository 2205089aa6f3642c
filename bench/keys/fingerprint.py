"""The fingerprint of a public key: what people compare, on paper, on a page, over the telephone."""

from __future__ import annotations

import hashlib

_GROUP = 4


def fingerprint(public: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits, upper case, in groups of four.

    public: of Ed25519 the raw 32 bytes, of every other key its DER SubjectPublicKeyInfo.
    """
    return in_groups(hashlib.sha256(public).hexdigest().upper())


def in_groups(digits: str) -> str:
    """A fingerprint, or its beginning, as it is read aloud."""
    return " ".join(digits[i : i + _GROUP] for i in range(0, len(digits), _GROUP))
