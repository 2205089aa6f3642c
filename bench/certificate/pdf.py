"""A certificate as PDF/A-3b with its XML attached: what people read, sign and keep.

A PDF of the same certificate and the same XML is the same, byte by byte: its time stamp is the day of issue.
"""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.certificate.model import Certificate
from bench.certificate.printing import pdf_of, pictures_of
from bench.certificate.qr import parse_payload, qr_svg
from bench.certificate.sheet import sheet
from bench.certificate.words import word
from bench.keys.fingerprint import in_groups

_TEMPLATE = "certificate.typ"
_QR_FILE, _XML_FILE = "qr.svg", "attached.xml"
_PNG = b"\x89PNG"


def certificate_pdf(certificate: Certificate, xml: bytes, xml_name: str, qr_text: str = "") -> bytes:
    """xml: attached byte by byte under xml_name. qr_text: what `qr.QrPayload` says; a draft has none.

    Errors: OperatorError for a text with a character that the font does not have.
    """
    data, files = _printed(certificate, qr_text)
    data["xml"] = {"name": xml_name, "file": _XML_FILE, "description": word("xml_description", "en")}
    return pdf_of(_TEMPLATE, data, {**files, _XML_FILE: xml})


def certificate_pictures(certificate: Certificate, qr_text: str, ppi: float) -> list[bytes]:
    """The pages as PNG."""
    data, files = _printed(certificate, qr_text)
    return pictures_of(_TEMPLATE, {**data, "xml": None}, files, ppi)


def _printed(certificate: Certificate, qr_text: str) -> tuple[JsonObject, dict[str, bytes]]:
    data = sheet(certificate)
    files: dict[str, bytes] = {}
    logo = certificate.laboratory.logo
    data["logo"] = data["qr"] = None
    if logo:
        # As numbers: a file in memory must be UTF-8, which a PNG is not.
        data["logo"] = {"format": "png" if logo.startswith(_PNG) else "svg", "bytes": list(logo)}
    if qr_text:
        data["qr"] = _QR_FILE
        data["fingerprint"]["value"] = _key_of(qr_text, certificate.anchor.key_fingerprint)
        files[_QR_FILE] = qr_svg(qr_text)
    return data, files


def _key_of(qr_text: str, checkpoint_key: str) -> str:
    """The fingerprint of the key that has signed the code: whole where the same key has signed the checkpoint.

    Where a key has followed since the run, its beginning, which is all that the code says of it.
    """
    beginning = parse_payload(qr_text).key_id.hex().upper()
    if checkpoint_key.replace(" ", "").startswith(beginning):
        return checkpoint_key
    return in_groups(beginning) + " …"
