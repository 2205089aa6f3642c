"""The keys that seal documents: one for the XML, one for the PDF, each with its certificate.

`keys/xml-1.key` is the private key (PKCS #8, PEM), `xml-1.pem` its certificate, `xml-1.json` how it stands. A key that
follows has the next free number, and the highest number that has a certificate signs. The certificate is written last
and all at once: whenever the bench is stopped between, the old key signs on, and what was left of the new one counts
for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from bench.dates import day_of
from bench.errors import OperatorError
from bench.keys.fingerprint import fingerprint
from bench.keys.private_files import keys_folder, read_private, write_private
from bench.keys.purposes import Purpose
from bench.keys.seal_certificates import (
    SealPrivate,
    certificate_path,
    der_public,
    read_certificates,
    seal_numbers,
    self_signed,
)
from bench.keys.standing import KeyStanding, Origin, write_standing

_RSA_BITS = 3072
_RSA_EXPONENT = 65537
_PUBLIC_MODE = 0o644


@dataclass(frozen=True, slots=True)
class SealKey:
    """A key that seals documents. certificates: its own first, then those that lead to its authority."""

    purpose: Purpose
    number: int
    private: SealPrivate = field(repr=False)
    certificates: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.certificates[0]

    @property
    def fingerprint(self) -> str:
        return fingerprint(der_public(self.certificate))


@dataclass(frozen=True, slots=True)
class SealKeys:
    """What a certificate is sealed with."""

    xml: SealKey
    pdf: SealKey


def open_seal_keys(state_dir: Path, laboratory: str, wall_time: str) -> SealKeys:
    """The keys that sign now, made where there are none. laboratory: its name; wall_time: now, ISO 8601 UTC.

    Errors: OperatorError where a file is missing, damaged, not the bench's alone, or key and certificate differ.
    """
    return SealKeys(
        *(_open(state_dir, purpose, laboratory, wall_time) for purpose in (Purpose.XML, Purpose.PDF))
    )


def _open(state_dir: Path, purpose: Purpose, laboratory: str, wall_time: str) -> SealKey:
    numbers = seal_numbers(state_dir, purpose, "pem")
    if not numbers:
        return make_seal_key(state_dir, purpose, laboratory, wall_time)
    path = certificate_path(state_dir, purpose, numbers[-1])
    certificates, private = read_certificates(path), _read_key(path.with_suffix(".key"))
    if der_public(private) != der_public(certificates[0]):
        raise OperatorError(f"{path} is not the certificate of {path.stem}.key; restore both from a back-up")
    if days := _days_beside(certificates[0], wall_time):
        raise OperatorError(
            f"{path} is valid {days}, which is not now; set the clock, or make another key: "
            f"bench admin keys rotate {purpose}"
        )
    return SealKey(purpose, numbers[-1], private, certificates)


def _days_beside(certificate: x509.Certificate, wall_time: str) -> str:
    """When the certificate is valid, where that is not now; else ""."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return (
        "" if first <= datetime.fromisoformat(wall_time) <= last else f"from {first.date()} to {last.date()}"
    )


def make_seal_key(state_dir: Path, purpose: Purpose, laboratory: str, wall_time: str) -> SealKey:
    """A new key that signs from now on, with a certificate signed by itself. Errors: OperatorError."""
    if not laboratory.strip():
        raise OperatorError(
            "the certificate of a key names the laboratory; give it a name in the configuration: [laboratory] name_en"
        )
    private: SealPrivate = (
        ec.generate_private_key(ec.SECP256R1())
        if purpose is Purpose.XML
        else rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS)
    )
    certificate = self_signed(private, laboratory, purpose, wall_time)
    return _keep(state_dir, purpose, private, (certificate,), Origin.MADE, wall_time)


def import_seal_key(
    state_dir: Path,
    purpose: Purpose,
    private: SealPrivate,
    certificates: tuple[x509.Certificate, ...],
    wall_time: str,
) -> SealKey:
    """A key of the laboratory's own signs from now on.

    Errors: OperatorError where the key is of another kind, or its certificate is of another key, out of date or made
    for something else.
    """
    require_fits(purpose, private, certificates[0], wall_time)
    return _keep(state_dir, purpose, private, certificates, Origin.SUPPLIED, wall_time)


def read_supplied_key(path: Path, password: bytes | None) -> SealPrivate:
    """A private key that the laboratory gives, in PEM. password: None where it is not encrypted.

    Errors: OperatorError; EncryptedKeyError where a password is needed.
    """
    try:
        return _as_seal_key(load_pem_private_key(path.read_bytes(), password), path)
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; check the file") from error
    except TypeError:
        if password is None:
            raise EncryptedKeyError(f"{path} is encrypted; give its password") from None
        raise OperatorError(f"{path} is not encrypted; give no password") from None
    except (ValueError, UnsupportedAlgorithm):
        what = "is no private key in PEM" if password is None else "does not open: wrong password, or damaged"
        raise OperatorError(f"{path} {what}") from None


class EncryptedKeyError(OperatorError):
    """A key file needs its password."""


def require_fits(
    purpose: Purpose, private: SealPrivate, certificate: x509.Certificate, wall_time: str
) -> None:
    """Errors: OperatorError that says what does not fit."""
    if purpose is Purpose.XML and not (
        isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1)
    ):
        raise OperatorError("the key of the XML must be ECDSA on the curve P-256; make one of that kind")
    if purpose is Purpose.PDF and not (
        isinstance(private, rsa.RSAPrivateKey) and private.key_size >= _RSA_BITS
    ):
        raise OperatorError(
            f"the key of the PDF must be RSA of at least {_RSA_BITS} bits; make one of that kind"
        )
    if der_public(private) != der_public(certificate):
        raise OperatorError("the certificate is of another key; give the two that belong together")
    now = datetime.fromisoformat(wall_time)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        first, last = certificate.not_valid_before_utc.date(), certificate.not_valid_after_utc.date()
        raise OperatorError(
            f"the certificate is valid from {first} to {last}, which is not now; give another"
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.content_commitment:
        raise OperatorError(
            "the certificate is not for signing documents (key usage nonRepudiation); give another"
        )


def _keep(
    state_dir: Path,
    purpose: Purpose,
    private: SealPrivate,
    certificates: tuple[x509.Certificate, ...],
    origin: Origin,
    wall_time: str,
) -> SealKey:
    """Write the files of a new key; from the last of them on it signs."""
    keys_folder(state_dir)
    taken = [0, *seal_numbers(state_dir, purpose, "key"), *seal_numbers(state_dir, purpose, "pem")]
    key = SealKey(purpose, max(taken) + 1, private, certificates)
    path = certificate_path(state_dir, purpose, key.number)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path.with_suffix(".key"), pem)
    write_standing(
        state_dir, KeyStanding(purpose, key.number, key.fingerprint, origin, day_of(wall_time), "", "")
    )
    write_private(path, b"".join(each.public_bytes(Encoding.PEM) for each in certificates), _PUBLIC_MODE)
    return key


def _read_key(path: Path) -> SealPrivate:
    content = read_private(path)
    try:
        # The bench has written it, and verifies what it signs: that checks more in a hundredth of the time.
        return _as_seal_key(load_pem_private_key(content, None, unsafe_skip_rsa_key_validation=True), path)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise OperatorError(f"{path} is damaged: no private key in PEM; restore it from a back-up") from None


def _as_seal_key(private: object, path: Path) -> SealPrivate:
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise OperatorError(f"{path} is a key of another kind; ECDSA P-256 seals XML, RSA seals PDF")
    return private
