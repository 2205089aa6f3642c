"""The seal of the XML: XAdES, enveloped, ECDSA P-256 with SHA-256. The one door to signxml.

A signature says of three parts that they are signed: the document without the signature, the certificate of the key,
and the properties (among them the signing time). Attacks on signed XML leave the signature right and move what is read:
the signed part somewhere else in the document, a second signature, one more part that is not signed. So the shape is
held first: one signature, the last child of the outermost element, with these children and no others. Then the library
verifies, and what it has verified is compared with what is read.

Who holds the key, no signature tells: the certificate in it says only what the signer wrote. The fingerprint does.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.util import namespaces
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier

from bench.certificate.dcc_elements import Element, written_as_is
from bench.certificate.seal_errors import SealRefusedError
from bench.certificate.xml_reading import parsed
from bench.keys.seal_keys import SealKey

_REFERENCES = 3
_SIGNATURE = f"{{{namespaces.ds}}}Signature"
_CHILDREN = ("ds:SignedInfo", "ds:SignatureValue", "ds:KeyInfo", "ds:Object")
_PROPERTIES = "ds:Object/xades:QualifyingProperties/xades:SignedProperties"
_TIME = f"{_PROPERTIES}/xades:SignedSignatureProperties/xades:SigningTime"
_CERTIFICATE = "ds:KeyInfo/ds:X509Data/ds:X509Certificate"
_SIGNATURE_BYTES = 64
_REFUSALS = (
    SignXMLException, etree.LxmlError, ValueError, KeyError, TypeError, AttributeError, AssertionError,
    UnsupportedAlgorithm,
)  # fmt: skip
"""What the library raises where a signature is wrong, or is none."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal that holds: by whose certificate, and when the signer says that it was made (ISO 8601)."""

    certificate: x509.Certificate
    signed_at: str


class _Signer(XAdESSigner):
    """Takes the signing time from the bench clock, where the library would ask the machine."""

    def __init__(self, signed_at: str) -> None:
        super().__init__(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=SignatureMethod.ECDSA_SHA256,
            digest_algorithm=DigestAlgorithm.SHA256,
            data_object_format=XAdESDataObjectFormat("Digital Calibration Certificate", "text/xml"),
        )
        self._signed_at = signed_at

    def add_signing_time(
        self, signed_signature_properties: Any, sig_root: Any, signing_settings: Any
    ) -> None:
        time = etree.SubElement(signed_signature_properties, f"{{{namespaces.xades}}}SigningTime")
        time.text = self._signed_at


def sign_xml(xml: bytes, key: SealKey, wall_time: str) -> bytes:
    """The document with its signature. xml: as `certificate_xml` wrote it; wall_time: now, ISO 8601 UTC."""
    signed_at = datetime.fromisoformat(wall_time).replace(microsecond=0).isoformat()
    signer = _Signer(signed_at)
    signed = signer.sign(
        parsed(xml), key=key.private, cert=list(key.certificates), always_add_key_value=False
    )
    return written_as_is(signed)


def verify_xml(xml: bytes) -> Seal:
    """The seal of a document; by whom it is, the caller must compare.

    Errors: SealRefusedError where there is none, it is not of the bench's form, or anything in the file was changed.
    """
    root = parsed(xml)
    signature = _only_signature(root)
    _require_shape(signature)
    try:
        certificate = x509.load_der_x509_certificate(_base64(_text(signature, _CERTIFICATE)))
        signed_at = _text(signature, _TIME)
        if not isinstance(certificate.public_key(), ec.EllipticCurvePublicKey):
            raise SealRefusedError("xml_signature_form")
        config = XAdESSignatureConfiguration(
            location="./",
            expect_references=_REFERENCES,
            signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
            digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
            verification_time=datetime.fromisoformat(signed_at),
        )
        document, *_ = XAdESVerifier().verify(xml, x509_cert=certificate, expect_config=config)
    except _REFUSALS:
        raise SealRefusedError("xml_changed") from None
    root.remove(signature)
    if etree.tostring(root, method="c14n") != etree.tostring(document.signed_xml, method="c14n"):
        raise SealRefusedError("xml_signature_elsewhere")
    return Seal(certificate, signed_at)


def _only_signature(root: Element) -> Element:
    found = list(root.iter(_SIGNATURE))
    if not found:
        raise SealRefusedError("xml_unsigned")
    if len(found) > 1 or found[0].getparent() is not root or root[-1] is not found[0]:
        raise SealRefusedError("xml_signature_elsewhere")
    return found[0]


def _require_shape(signature: Element) -> None:
    """Nothing stands in the signature but what is signed, or follows from it."""
    children = [f"{{{namespaces[prefix]}}}{tag}" for prefix, tag in (each.split(":") for each in _CHILDREN)]
    try:
        (held,) = signature[3]
        (properties,) = held
        value = _text(signature, "ds:SignatureValue")
        is_right = (
            [child.tag for child in signature] == children
            and list(signature.attrib) == ["Id"]
            and not signature[1].attrib
            and not signature[3].attrib
            and held.tag == f"{{{namespaces.xades}}}QualifyingProperties"
            and dict(held.attrib) == {"Target": f"#{signature.get('Id')}"}
            and properties.get("Id", "").startswith(f"{signature.get('Id')}-SignedProperties")
            and [reference.get("URI") for reference in signature[0].iterfind("ds:Reference", namespaces)]
            == ["", f"#{properties.get('Id')}", f"#{signature[2].get('Id')}"]
            and len(_base64(value)) == _SIGNATURE_BYTES
        )
    except _REFUSALS:
        is_right = False
    outside = [signature.tail, signature.text, *(each.tail for each in signature), signature[3].text]
    if not is_right or any(text is not None and text.strip() for text in outside):
        raise SealRefusedError("xml_signature_form")


def _base64(text: str) -> bytes:
    """Errors: ValueError for another spelling of the same bytes."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 in another spelling")
    return raw


def _text(element: Element, path: str) -> str:
    found = element.findall(path, namespaces)
    if not found or found[0].text is None:
        raise SealRefusedError("xml_signature_form")
    return str(found[0].text).replace("\n", "")
