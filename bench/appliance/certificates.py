"""A certificate for https: asked of the laboratory's CA, tried as a browser would, and how long it lasts.

It is tried by a handshake in memory, with the context that the front will have on one side and a client that trusts
the CA on the other: what OpenSSL refuses here a browser would refuse there, in the same words.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from bench.appliance.front import context_of
from bench.appliance.machine import read
from bench.appliance.words import NotDoneError

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE | re.ASCII)
_LONGEST_HOST, _LONGEST_COMMON_NAME = 253, 64
_OTHERS = 0o077
_TURNS = 10
"""Of a handshake in memory; two or three are needed."""
_EXPIRED, _NOT_YET, _PURPOSE = 10, 9, 26
_NO_CHAIN = {2, 18, 19, 20, 21}
_WRONG_HOST = {62, 64}
"""Codes of X509_V_ERR of OpenSSL."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate says of itself. until: UTC; of whichever ends first, it or one between it and the CA."""

    names: tuple[str, ...]
    issuer: str
    until: datetime

    def days_left(self, now: datetime) -> int:
        """Whole days; negative when it has expired."""
        return (self.until - now).days


def checked_host(name: str) -> str:
    """A host name or an IPv4 address, as a browser writes it: the front has no other. Errors: NotDoneError."""
    if _is_address(name):
        return name
    labels = name.split(".")
    if len(name) > _LONGEST_HOST or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        raise NotDoneError("bad_host", name=name)
    return name.lower()


def new_request(hosts: tuple[str, ...]) -> tuple[bytes, bytes]:
    """A new private key (P-256) and the request that goes to the CA, both PEM. hosts: the most used first."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = [x509.IPAddress(IPv4Address(host)) if _is_address(host) else x509.DNSName(host) for host in hosts]
    common = x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:_LONGEST_COMMON_NAME])
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([common]))
        .add_extension(x509.SubjectAlternativeName(named), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, request.public_bytes(Encoding.PEM)


def host_of_request(pem: bytes) -> str:
    """The first name that was asked for. Errors: ValueError where it is no request, or asks for none."""
    try:
        return _names(x509.load_pem_x509_csr(pem).extensions)[0]
    except (x509.ExtensionNotFound, IndexError) as error:
        raise ValueError("no name") from error


def facts_of(path: Path) -> Facts:
    """Of the first certificate in a file. Errors: NotDoneError."""
    try:
        chain = x509.load_pem_x509_certificates(read(path))
        first = chain[0]
        names = _names(first.extensions)
    except ValueError:
        raise NotDoneError("no_certificate", path=path) from None
    except x509.ExtensionNotFound:
        names = ()
    return Facts(names, first.issuer.rfc4514_string(), min(each.not_valid_after_utc for each in chain))


def require_private(key: Path) -> None:
    """Errors: NotDoneError where others can read it, or it is not there."""
    try:
        mode = key.stat().st_mode
    except OSError as error:
        raise NotDoneError("not_readable", path=key, why=error.strerror or error) from error
    if mode & _OTHERS:
        raise NotDoneError("key_open", path=key)


def require_accepted(chain: Path, key: Path, host: str, ca: Path | None, now: str) -> None:
    """That a browser which trusts the CA takes this for that host, now. ca: None for those of the system.

    Errors: NotDoneError with what is wrong.
    """
    facts = facts_of(chain)
    server = _context(chain, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # OpenSSL would take the common name where there are no others; no browser does any more.
    client.hostname_checks_common_name = False
    if ca is None:
        client.load_default_certs()
    else:
        facts_of(ca)
        client.load_verify_locations(ca)
    try:
        _shake_hands(server, client, host)
    except ssl.SSLCertVerificationError as error:
        raise _why(error, host, facts, now) from error
    except ssl.SSLError as error:
        raise NotDoneError("not_accepted", why=error.reason or error) from error


def _context(chain: Path, key: Path) -> ssl.SSLContext:
    try:
        return context_of(chain, key)
    except ssl.SSLError as error:
        raise NotDoneError(
            "wrong_pair" if "MISMATCH" in (error.reason or "") else "key_encrypted", path=key
        ) from error
    except OSError as error:
        raise NotDoneError("not_readable", path=key, why=error.strerror or error) from error


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    """Errors: ssl.SSLError of whichever side refuses."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(_TURNS):
        for side in list(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                continue
        if not sides:
            return
    raise ssl.SSLError("no handshake")


def _why(error: ssl.SSLCertVerificationError, host: str, facts: Facts, now: str) -> NotDoneError:
    code = error.verify_code
    if code == _EXPIRED:
        return NotDoneError("expired", now=now)
    if code == _NOT_YET:
        return NotDoneError("not_yet", now=now)
    if code in _WRONG_HOST:
        if not facts.names:
            return NotDoneError("no_names", host=host)
        return NotDoneError("wrong_host", host=host, names=", ".join(facts.names))
    if code in _NO_CHAIN:
        return NotDoneError("no_chain")
    if code == _PURPOSE:
        return NotDoneError("not_for_servers")
    return NotDoneError("not_accepted", why=error.verify_message)


def _names(extensions: x509.Extensions) -> tuple[str, ...]:
    found = extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    assert isinstance(found, x509.SubjectAlternativeName)
    return tuple(str(name.value) for name in found)


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except ValueError:
        return False
    return True
