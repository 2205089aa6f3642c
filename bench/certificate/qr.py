"""The QR code of a certificate: number, hash of the XML, root of the journal, signed, so that it verifies offline.

The text is `MTB1:` and the base45 (RFC 9285) of these bytes, without gaps:

    offset      bytes   what
    0           1       format, 1
    1           1       n, bytes of the certificate's number (1 to 30)
    2           n       the number, UTF-8
    2 + n       32      SHA-256 of the XML as it was issued, with its seal
    34 + n      32      root of the journal at the checkpoint at the end of the run
    66 + n      8       the first bytes of SHA-256 of the log key (32 raw bytes): the first 16 digits of its fingerprint
    74 + n      64      Ed25519 signature by that key over the ASCII text `MTB1:` and the bytes from 0 to 74 + n

Base45 stays within the alphanumeric characters of QR codes: a number of 12 bytes makes 230 characters, version 9 at
level M. Whoever reads it recomputes the hash from the XML, compares the root with the certificate and the bundle, and
verifies the signature by the key whose fingerprint the laboratory has published.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "MTB1:"
_FORMAT = 1
_HASH_BYTES, _KEY_ID_BYTES, _SIGNATURE_BYTES = 32, 8, 64
_LONGEST_NUMBER = 30
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_QUIET_MODULES = 4
"""Around the code, as ISO/IEC 18004 has it."""


@dataclass(frozen=True, slots=True)
class QrPayload:
    """What the code says, with its signature. key_id: of the log key."""

    number: str
    xml_sha256: bytes
    root: bytes
    key_id: bytes
    signature: bytes

    def is_signed_by(self, public: bytes) -> bool:
        """public: 32 bytes of a log key."""
        if key_id_of(public) != self.key_id:
            return False
        message = _message(_signed_bytes(self.number, self.xml_sha256, self.root, self.key_id))
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, message)
        except InvalidSignature:
            return False
        return True

    def to_text(self) -> str:
        signed = _signed_bytes(self.number, self.xml_sha256, self.root, self.key_id)
        return PREFIX + base45(signed + self.signature)


def key_id_of(public: bytes) -> bytes:
    return hashlib.sha256(public).digest()[:_KEY_ID_BYTES]


def signed_payload(
    number: str, xml: bytes, root: bytes, public: bytes, sign: Callable[[bytes], bytes]
) -> QrPayload:
    """xml: the file as it is issued. root: 32 bytes. public, sign: of the log key (`LogKey`)."""
    xml_sha256, key_id = hashlib.sha256(xml).digest(), key_id_of(public)
    signature = sign(_message(_signed_bytes(number, xml_sha256, root, key_id)))
    return QrPayload(number, xml_sha256, root, key_id, signature)


def parse_payload(text: str) -> QrPayload:
    """The code as it was read. Errors: ValueError for anything that `to_text` does not write; nothing is verified."""
    if not text.startswith(PREFIX):
        raise ValueError(f"{text[:20]!r} is no code of a certificate")
    content = from_base45(text.removeprefix(PREFIX))
    if len(content) < 2 or content[0] != _FORMAT:
        raise ValueError("the code of the certificate is of a format that is not known here")
    parts, at = [], 2
    for length in (content[1], _HASH_BYTES, _HASH_BYTES, _KEY_ID_BYTES, _SIGNATURE_BYTES):
        parts.append(content[at : at + length])
        at += length
    if at != len(content) or not 1 <= content[1] <= _LONGEST_NUMBER:
        raise ValueError("the code of the certificate is not as long as it must be")
    payload = QrPayload(parts[0].decode("utf-8"), *parts[1:])
    if payload.to_text() != text:
        raise ValueError("the code of the certificate is not written in its one form")
    return payload


@lru_cache(maxsize=1)  # one code stands on a certificate and on its label
def qr_svg(text: str) -> bytes:
    """The code as a picture, black on white."""
    import segno  # heavy, and only needed where something is printed

    picture = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(
        picture, kind="svg", border=_QUIET_MODULES, xmldecl=False, svgns=True, light="white"
    )
    return picture.getvalue()


def base45(content: bytes) -> str:
    """RFC 9285: two bytes become three characters, a last single one two."""
    characters = []
    for at in range(0, len(content), 2):
        pair = content[at : at + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, len(_ALPHABET))
            characters.append(_ALPHABET[digit])
    return "".join(characters)


def from_base45(text: str) -> bytes:
    """Errors: ValueError for what is not base45."""
    content = bytearray()
    for at in range(0, len(text), 3):
        digits = [_ALPHABET.find(character) for character in text[at : at + 3]]
        value = sum(digit * len(_ALPHABET) ** place for place, digit in enumerate(digits))
        if min(digits) < 0 or len(digits) < 2 or value >= 256 ** (len(digits) - 1):
            raise ValueError("the code has characters that are not base45")
        content += value.to_bytes(len(digits) - 1, "big")
    return bytes(content)


def _signed_bytes(number: str, xml_sha256: bytes, root: bytes, key_id: bytes) -> bytes:
    named = number.encode("utf-8")
    if not 1 <= len(named) <= _LONGEST_NUMBER or len(xml_sha256) != _HASH_BYTES or len(root) != _HASH_BYTES:
        raise ValueError(f"a code has a number of 1 to {_LONGEST_NUMBER} bytes and two hashes of 32 bytes")
    return bytes([_FORMAT, len(named)]) + named + xml_sha256 + root + key_id


def _message(signed: bytes) -> bytes:
    return PREFIX.encode("ascii") + signed
