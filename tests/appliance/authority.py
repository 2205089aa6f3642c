"""A laboratory's certificate authority, made in a test: root, one between, and certificates for a bench."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "bench.lab.example"
PEM = Encoding.PEM


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption())


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Authority:
    """key, certificate: its own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def root(cls, name: str = "Laboratory CA") -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(key, _signed(name, key.public_key(), name, key, is_ca=True))

    def below(self, name: str) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        return Authority(key, _signed(name, key.public_key(), self.name, self.key, is_ca=True))

    @property
    def name(self) -> str:
        return str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def client(self) -> ssl.SSLContext:
        """Who trusts it, as a browser does. Python 3.13 asks for what this authority, like many, leaves out."""
        context = ssl.create_default_context(cadata=self.pem.decode())
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def issue(
        self,
        public: ec.EllipticCurvePublicKey,
        *names: str,
        begins: datetime | None = None,
        ends: datetime | None = None,
        is_for_servers: bool = True,
        has_names: bool = True,
    ) -> bytes:
        """A certificate as PEM, for 90 days from yesterday where nothing else is said.

        has_names: False as by `openssl x509 -req` alone, which leaves out what a request asks for.
        """
        made = _signed(
            names[0], public, self.name, self.key,
            names=names if has_names else (), begins=begins, ends=ends, is_for_servers=is_for_servers,
        )  # fmt: skip
        return made.public_bytes(PEM)


def pair(folder: Path, authority: Authority, *names: str, above: bytes = b"") -> tuple[Path, Path]:
    """A certificate with what is above it, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    chain, private = folder / "bench.crt", folder / "bench.key"
    chain.write_bytes(authority.issue(key.public_key(), *(names or (HOST,))) + above)
    private.write_bytes(private_pem(key))
    private.chmod(0o600)
    return chain, private


def _signed(
    subject: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool = False,
    names: tuple[str, ...] = (),
    begins: datetime | None = None,
    ends: datetime | None = None,
    is_for_servers: bool = True,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now() - timedelta(days=1))
        .not_valid_after(ends or now() + timedelta(days=90, hours=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if names:
        kinds = [x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if is_for_servers else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.SubjectAlternativeName(kinds), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return builder.sign(by, hashes.SHA256())
