"""The certificates of the keys that seal documents: X.509, by the laboratory's own authority or signed by themselves.

`xml-1.pem` holds the certificate of `xml-1.key`, and after it those that lead to its authority, where there are any.
Its file is written after that of the key, so a number counts from the moment that its certificate is there; it stays
when the key no longer signs, since what it has sealed stays.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from bench.errors import OperatorError
from bench.keys.private_files import KEYS_FOLDER
from bench.keys.purposes import Purpose

SealPrivate = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_YEARS = 20
"""A meter's certificate is asked for as long as the meter hangs there."""
_LONGEST_NAME = 64
"""Of a name in X.509 (RFC 5280, upper bounds)."""


def self_signed(private: SealPrivate, laboratory: str, purpose: Purpose, wall_time: str) -> x509.Certificate:
    """A certificate that says no more than the laboratory's name. wall_time: now, ISO 8601 UTC."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, laboratory[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"meter-test-bench {purpose}"),
        ]
    )
    from_then = datetime.fromisoformat(wall_time).replace(microsecond=0)
    public = private.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # A day before: the clocks of those who verify differ from that of the bench.
        .not_valid_before(from_then - timedelta(days=1))
        .not_valid_after(from_then + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(private, SHA256())
    )


_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def der_public(holder: x509.Certificate | SealPrivate) -> bytes:
    """DER SubjectPublicKeyInfo, of which the fingerprint is made."""
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def seal_publics_by_number(state_dir: Path, purpose: Purpose) -> dict[int, bytes]:
    """DER SubjectPublicKeyInfo of all keys that there were; no private key is read. Errors: OperatorError."""
    numbers = seal_numbers(state_dir, purpose, "pem")
    return {n: der_public(read_certificates(certificate_path(state_dir, purpose, n))[0]) for n in numbers}


def seal_numbers(state_dir: Path, purpose: Purpose, ending: str) -> list[int]:
    """Of the files of this ending. Errors: OperatorError where the folder cannot be read."""
    folder, name = state_dir / KEYS_FOLDER, re.compile(rf"{purpose}-([1-9][0-9]{{0,5}})\.{ending}")
    try:
        names = [entry.name for entry in folder.iterdir()] if folder.exists() else []
    except OSError as error:
        raise OperatorError(f"{folder}: {error.strerror}; run it as the bench's user") from error
    return sorted(int(match[1]) for match in map(name.fullmatch, names) if match)


def certificate_path(state_dir: Path, purpose: Purpose, number: int) -> Path:
    return state_dir / KEYS_FOLDER / f"{purpose}-{number}.pem"


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """That of the key first. Errors: OperatorError."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; check the file") from error
    except ValueError:
        raise OperatorError(f"{path} holds no certificate in PEM (X.509); check the file") from None
