"""The label on a meter that has passed: its certificate's number, the day, until when it is valid, and the QR code.

40 mm x 25 mm, as PDF/A-3b for a label printer. Only an issued verification certificate has one: any other label would
say of a meter what nobody has found.
"""

from __future__ import annotations

from datetime import date

from bench.canonical import JsonObject
from bench.certificate.model import Certificate, CertificateKind
from bench.certificate.printing import pdf_of, pictures_of
from bench.certificate.qr import qr_svg
from bench.certificate.words import both
from bench.errors import OperatorError

_TEMPLATE, _QR_FILE = "label.typ", "qr.svg"
_LONGEST = 18
"""Characters of a serial number beside the code."""


def label_pdf(certificate: Certificate, qr_text: str) -> bytes:
    """qr_text: as on the certificate. Errors: OperatorError for anything but an issued verification certificate."""
    return pdf_of(_TEMPLATE, _data(certificate), {_QR_FILE: qr_svg(qr_text)})


def label_pictures(certificate: Certificate, qr_text: str, ppi: float) -> list[bytes]:
    """The label as PNG."""
    return pictures_of(_TEMPLATE, _data(certificate), {_QR_FILE: qr_svg(qr_text)}, ppi)


def _data(c: Certificate) -> JsonObject:
    if c.kind is not CertificateKind.VERIFICATION:
        raise OperatorError(f"{c.number or 'a draft'} is a {c.kind.value}; only a verification has a label")
    if not c.number:
        raise OperatorError("a draft has no label; issue the certificate first")
    day = date.fromisoformat(c.issued_on)
    name = c.laboratory.name
    lines = {
        "label_number": (c.number, True),
        "label_day": (c.measured.performed_until, False),
        "label_until": (c.valid_until, True),
        "label_serial": (_short(c.meter.serial), False),
    }
    return {
        "title": f"{c.number} {both('label_title').en}",
        "author": name.zh or name.en,
        "day": [day.year, day.month, day.day],
        "heading": _pair("label_title"),
        "lines": [
            {"label": _pair(label), "value": value, "is_large": is_large}
            for label, (value, is_large) in lines.items()
            if value
        ],
        "marks": [_pair(f"mark_{mark.value}") for mark in c.marks],
        "qr": _QR_FILE,
    }


def _pair(key: str) -> list[str]:
    said = both(key)
    return [said.zh, said.en]


def _short(value: str) -> str:
    """Its end, which tells serial numbers apart, where it is too long for the label."""
    return value if len(value) <= _LONGEST else f"…{value[1 - _LONGEST :]}"
