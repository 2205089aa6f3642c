"""The seal of the PDF: PAdES B-B, RSA with SHA-256, over the whole file. The one door to pyHanko.

The signature is an update at the end of the file (ISO 32000-1, 12.8): what typst has written stays as it is, so the
markers of PDF/A-3b and the attached XML do too. The library would also write the date of the change into the metadata,
by the clock of the machine; a certificate has no other date than its own, so here it does not.

What a signature covers are all bytes of the file but its own container, a text of hexadecimal digits with zeros at its
end. So that nothing can be hidden there either, the container must be spelt as the bench spells it.
"""

from __future__ import annotations

import io
import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bench.certificate.seal_errors import SealRefusedError
from bench.certificate.xades import Seal
from bench.errors import OperatorError
from bench.keys.seal_keys import SealKey

_FIELD = "Seal"
_DIGEST = "sha256"
_RESERVED_BYTES = 4_096
"""For the container beside the certificates in it."""
_MOST_BYTES = 64_000_000
_REFUSALS = (
    PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, NotImplementedError,
    RecursionError, AssertionError, UnsupportedAlgorithm, zlib.error,
)  # fmt: skip
"""What the library raises where a file is no PDF, or was damaged."""

for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).addHandler(logging.NullHandler())  # what it has to say, a refusal says


@dataclass(frozen=True, slots=True)
class SealedPdf:
    """What was read of a PDF whose seal holds. attached: the files in it, by name."""

    seal: Seal
    attached: dict[str, bytes]


class _Writer(IncrementalPdfFileWriter):
    """Adds the signature, and leaves the metadata alone."""

    def _update_meta(self) -> None:
        """Nothing has changed that the metadata tell of."""


class _Signer(PdfSigner):
    """Takes the signing time from the bench clock, where the library would ask the machine."""

    def __init__(self, signer: SimpleSigner, signed_at: datetime) -> None:
        metadata = PdfSignatureMetadata(
            field_name=_FIELD, md_algorithm=_DIGEST, subfilter=SigSeedSubFilter.PADES
        )
        super().__init__(metadata, signer)
        self._signed_at = signed_at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._signed_at
        return session


class _Key(SimpleSigner):
    """Signs with the key as it was read; the library would read and check it anew, which takes longer than signing."""

    def __init__(self, key: SealKey, own: asn1_x509.Certificate, others: SimpleCertificateStore) -> None:
        pkcs8 = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        super().__init__(own, asn1_keys.PrivateKeyInfo.load(pkcs8), others)
        self._key = key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        private = self._key.private
        assert isinstance(private, rsa.RSAPrivateKey), "the key of the PDF is RSA"
        assert digest_algorithm == _DIGEST, "the digest that was asked for"
        signature = private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        try:
            private.public_key().verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise OperatorError(
                "the key of the PDF is damaged; restore the keys folder from a back-up"
            ) from None
        return signature


def sign_pdf(pdf: bytes, key: SealKey, wall_time: str) -> bytes:
    """The file with its signature at the end. wall_time: now, ISO 8601 UTC."""
    chain = [asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in key.certificates]
    others = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    others.register_multiple(chain[1:])
    signer = _Key(key, chain[0], others)
    signed_at = datetime.fromisoformat(wall_time).replace(microsecond=0)
    reserved = _RESERVED_BYTES + sum(len(each.dump()) for each in chain)
    writer = _Writer(io.BytesIO(pdf))
    signed = _Signer(signer, signed_at).sign_pdf(writer, bytes_reserved=2 * reserved)  # it counts digits
    return bytes(signed.getvalue())


def verify_pdf(pdf: bytes) -> SealedPdf:
    """The seal of a PDF, and the files in it; by whom it is, the caller must compare.

    Errors: SealRefusedError where there is none, something follows it, or anything in the file was changed.
    """
    if len(pdf) > _MOST_BYTES or not pdf.startswith(b"%PDF-"):
        raise SealRefusedError("pdf_no_document")
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = reader.embedded_signatures
    except _REFUSALS:
        raise SealRefusedError("pdf_no_document") from None
    if not signatures:
        raise SealRefusedError("pdf_unsigned")
    if len(signatures) > 1:
        raise SealRefusedError("pdf_signed_again")
    try:
        return SealedPdf(_seal(pdf, signatures[0]), dict(_attached(reader)))
    except _REFUSALS:
        raise SealRefusedError("pdf_changed") from None


def attached_files(pdf: bytes) -> dict[str, bytes]:
    """The files in a PDF, by name, signed or not. Errors: SealRefusedError where it is none."""
    try:
        return dict(_attached(PdfFileReader(io.BytesIO(pdf))))
    except _REFUSALS:
        raise SealRefusedError("pdf_no_document") from None


def _seal(pdf: bytes, embedded: EmbeddedPdfSignature) -> Seal:
    signed_at = embedded.self_reported_timestamp
    if signed_at is None or embedded.sig_object["/SubFilter"] != SigSeedSubFilter.PADES.value:
        raise SealRefusedError("pdf_signature_form")
    # Trusted is whoever has signed: whether that is the laboratory, its fingerprint tells.
    certificate = x509.load_der_x509_certificate(embedded.signer_cert.dump())
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise SealRefusedError("pdf_signature_form")
    context = ValidationContext(
        trust_roots=[embedded.signer_cert],
        moment=signed_at,
        allow_fetching=False,
        best_signature_time=signed_at,
    )
    status = validate_pdf_signature(embedded, context, skip_diff=True)
    if not (status.intact and status.valid and status.trusted) or status.md_algorithm != _DIGEST:
        raise SealRefusedError("pdf_changed")
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise SealRefusedError("pdf_extended")
    _require_spelling(pdf, embedded)
    return Seal(certificate, signed_at.isoformat())


def _require_spelling(pdf: bytes, embedded: EmbeddedPdfSignature) -> None:
    """The container is the one thing that the signature is not over: it must be as the bench would write it."""
    first, length, second, last = (int(each) for each in embedded.byte_range)
    reserved = len(bytes(embedded.pkcs7_content))
    spelt = _container(embedded).ljust(reserved, b"\x00").hex().upper().encode()
    if first != 0 or second + last != len(pdf) or pdf[first + length : second] != b"<" + spelt + b">":
        raise SealRefusedError("pdf_signature_form")


def _container(embedded: EmbeddedPdfSignature) -> bytes:
    """The container around the certificates, what is signed, and the signature (RFC 5652, 5.1), built anew."""
    certificate, found = embedded.signer_cert, embedded.signed_data
    signer = found["signer_infos"][0]
    issuer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": issuer}),
            "digest_algorithm": {"algorithm": _DIGEST},
            "signature_algorithm": {"algorithm": f"{_DIGEST}_rsa"},
            "signed_attrs": signer["signed_attrs"],
            "signature": signer["signature"],
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": _DIGEST}],
            "encap_content_info": {"content_type": "data"},
            "certificates": found["certificates"],
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())


def _attached(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    names = reader.root.get("/Names")
    if names is not None and "/EmbeddedFiles" in names:
        yield from _of_tree(names["/EmbeddedFiles"], depth=0)


def _of_tree(node: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    """A name tree, whose leaves are pairs (ISO 32000-1, 7.9.6)."""
    if depth > 8:
        raise SealRefusedError("pdf_no_document")
    for kid in node.get("/Kids", ()):
        yield from _of_tree(kid.get_object() if hasattr(kid, "get_object") else kid, depth + 1)
    leaves = [each.get_object() for each in node.get("/Names", ())]
    for specification in leaves[1::2]:
        name = str(specification.get("/UF") or specification.get("/F"))
        yield name, bytes(specification["/EF"]["/F"].data)
