"""Signed notes: a text and under it a line for each signature, all of it readable (C2SP signed-note v1).

    meter-test-bench/demo
    123
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — meter-test-bench/demo Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

What is signed is the text with its last newline. A signature line names the key: its name, and in the first four bytes
of the base64 a hash of name and key. Here all keys are Ed25519 (signature type 1). A signature by an unknown key says
nothing and is passed over; one that names a known key must be right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.transparency.base64_text import decoded, encoded

_ED25519 = b"\x01"
_PUBLIC_BYTES, _SIGNATURE_BYTES, _KEY_ID_BYTES = 32, 64, 4
_MOST_SIGNATURES = 64
_P = 2**255 - 19
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset(
    (y | sign << 255).to_bytes(32, "little")
    for y in (0, 1, _P - 1, _P, _P + 1, _ORDER_8, _P - _ORDER_8)
    for sign in (0, 1)
)
"""Points of order 1, 2, 4 and 8 (RFC 8032, section 5.1), however they are spelled: with such a key anybody can make a
signature, and whoever publishes one can deny all of them."""
_DASH = "\u2014 "


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature names its key; public: the 32 bytes of an Ed25519 key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """The key as a line of text: name+id+base64 (C2SP vkey)."""
    _require_name(name)
    return f"{name}+{key_id(name, public).hex()}+{encoded(_ED25519 + public)}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Name and public key. Errors: ValueError for anything that `verifier_key` does not write."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise ValueError("a verifier key is name+id+key")
    name, _, material = parts
    public = decoded(material)[1:]
    if public in _SMALL_ORDER:
        raise ValueError("the verifier key is one that any signature fits")
    if len(public) != _PUBLIC_BYTES or verifier_key(name, public) != text:
        raise ValueError("the parts of the verifier key do not fit each other, or it is not of Ed25519")
    return name, public


def known_keys(name: str, publics: Iterable[bytes]) -> dict[str, bytes]:
    """The keys that `open_note` believes: by name+id, as at the beginning of a verifier key."""
    return {f"{name}+{key_id(name, public).hex()}": public for public in publics}


def sign_note(text: str, name: str, sign: Callable[[bytes], bytes], public: bytes) -> str:
    """The note of one signature. Errors: ValueError for a text or a name that a note cannot have."""
    _require_text(text)
    _require_name(name)
    signature = sign(text.encode())
    return f"{text}\n{_DASH}{name} {encoded(key_id(name, public) + signature)}\n"


def open_note(note: str, keys: Mapping[str, bytes]) -> str:
    """The text of a note that a known key has signed. keys: by name+id (`known_keys`).

    Errors: ValueError where it is no note, no known key has signed it, or a known key's signature is wrong.
    """
    text, lines = _parted(note)
    is_signed = False
    for line in lines:
        name, identity, signature = _signature(line)
        public = keys.get(f"{name}+{identity.hex()}")
        if public is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
        except InvalidSignature:
            raise ValueError(f"the signature by {name}+{identity.hex()} is wrong") from None
        is_signed = True
    if not is_signed:
        raise ValueError("no known key has signed this note")
    return text


def note_text(note: str) -> str:
    """The text of a note, whoever signed it: nothing is checked. Errors: ValueError where it is no note."""
    return _parted(note)[0]


def signers(note: str) -> list[str]:
    """Who claims to have signed: name+id of each signature, nothing checked. Errors: ValueError where it is no note."""
    return [f"{name}+{identity.hex()}" for name, identity, _ in map(_signature, _parted(note)[1])]


def _parted(note: str) -> tuple[str, list[str]]:
    """The text with its last newline, and the signature lines."""
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise ValueError("a note has a text, an empty line and signatures, and ends with a line's end")
    _require_text(text + "\n")
    lines = signatures[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise ValueError(f"a note has at most {_MOST_SIGNATURES} signatures")
    return text + "\n", lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of a line."""
    name, space, signature = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise ValueError("a signature is a dash, a name and base64")
    _require_name(name)
    raw = decoded(signature)
    if len(raw) <= _KEY_ID_BYTES:
        raise ValueError("a signature is longer than the id of its key")
    return name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:]


def _require_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(character) < 0x20 and character != "\n" for character in text):
        raise ValueError("the text of a note ends with a line's end and has no other control characters")


def _require_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ValueError(f"{name!r} cannot be the name of a key: no space, no plus")
