"""The QR code of a certificate: written byte by byte as its docstring says, read again, verified; damaged, refused."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.certificate.qr import base45, from_base45, parse_payload, qr_svg, signed_payload

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
XML, ROOT, NUMBER = b"<certificate/>", bytes(range(100, 132)), "DN-2026-00017"


def text_of(number: str = NUMBER) -> str:
    return signed_payload(number, XML, ROOT, PUBLIC, KEY.sign).to_text()


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)  # fmt: skip
def test_base45_is_that_of_the_rfc(content: bytes, text: str) -> None:
    """RFC 9285, 4.3 and 4.4."""
    assert base45(content) == text
    assert from_base45(text) == content


@pytest.mark.parametrize("text", ["A", "GGW", "ab8", "BB8A", ":::", "::"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not base45"):
        from_base45(text)


def test_the_layout_is_the_one_that_is_documented() -> None:
    content = from_base45(text_of().removeprefix("MTB1:"))
    n = len(NUMBER)
    assert content[: 2 + n] == bytes([1, n]) + NUMBER.encode()
    assert content[2 + n : 34 + n] == hashlib.sha256(XML).digest()
    assert content[34 + n : 66 + n] == ROOT
    assert content[66 + n : 74 + n] == hashlib.sha256(PUBLIC).digest()[:8]
    assert len(content) == 138 + n
    Ed25519PublicKey.from_public_bytes(PUBLIC).verify(content[74 + n :], b"MTB1:" + content[: 74 + n])


@pytest.mark.parametrize("number", [NUMBER, "1", "检定-2026-00001", "A" * 30])
def test_what_was_written_is_read_and_verified(number: str) -> None:
    read = parse_payload(text_of(number))
    assert (read.number, read.xml_sha256, read.root) == (number, hashlib.sha256(XML).digest(), ROOT)
    assert read.is_signed_by(PUBLIC)


def test_another_key_has_not_signed_it() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert not parse_payload(text_of()).is_signed_by(public)


def test_every_flipped_byte_is_noticed() -> None:
    content = from_base45(text_of().removeprefix("MTB1:"))
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1
        try:
            read = parse_payload("MTB1:" + base45(bytes(changed)))
        except ValueError:
            continue
        assert not read.is_signed_by(PUBLIC), f"byte {at}"


@pytest.mark.parametrize("text", ["", "MTB1:", "MTB2:BB8", "https://lab.example.org"])
def test_another_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="code"):
        parse_payload(text)


@pytest.mark.parametrize("length", [-1, 1])
def test_a_code_that_is_too_long_or_too_short_is_refused(length: int) -> None:
    content = from_base45(text_of().removeprefix("MTB1:"))
    changed = content + b"\0" if length > 0 else content[:length]
    with pytest.raises(ValueError, match="as long as"):
        parse_payload("MTB1:" + base45(changed))


def test_a_number_that_the_code_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 30 bytes"):
        text_of("A" * 31)


def test_the_picture_is_of_about_version_9() -> None:
    """Modules without the quiet zone: 17 + 4 x version."""
    svg = qr_svg(text_of()).decode()
    width = int(svg.split('width="')[1].split('"')[0])
    assert (width - 8 - 17) / 4 <= 10
