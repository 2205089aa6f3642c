"""A certificate in all its forms: the issued one sealed with the laboratory's keys, the draft with no seal at all."""

from __future__ import annotations

from pathlib import Path

from bench.certificate.dcc import certificate_xml
from bench.certificate.files import Rendered
from bench.certificate.label import label_pdf
from bench.certificate.model import Certificate, CertificateKind
from bench.certificate.pdf import certificate_pdf
from bench.certificate.qr import signed_payload
from bench.certificate.seals import sealed
from bench.keys.log_key import open_log_key
from bench.keys.seal_keys import open_seal_keys

_DRAFT = "draft.xml"


def finished(certificate: Certificate, state_dir: Path, wall_time: str) -> Rendered:
    """The issued certificate. wall_time: now, ISO 8601 UTC; it is the signing time of both seals.

    Errors: OperatorError where a key cannot be used, or a text has a character that the font does not have.
    """
    keys = open_seal_keys(state_dir, certificate.laboratory.name.zh, wall_time)
    log, root = open_log_key(state_dir, may_make=False), bytes.fromhex(certificate.anchor.root_sha256)
    number = certificate.number

    def code_of(xml: bytes) -> str:
        return signed_payload(number, xml, root, log.public, log.sign).to_text()

    def render(document: Certificate, xml: bytes) -> bytes:
        return certificate_pdf(document, xml, f"{number}.xml", code_of(xml))

    both = sealed(certificate, keys, render, wall_time)
    has_label = certificate.kind is CertificateKind.VERIFICATION
    return Rendered(both.xml, both.pdf, label_pdf(certificate, code_of(both.xml)) if has_label else b"")


def sketched(certificate: Certificate) -> Rendered:
    """A draft: nobody has signed it, and no key either. Errors: OperatorError, as for the issued one."""
    xml = certificate_xml(certificate)
    return Rendered(xml, certificate_pdf(certificate, xml, _DRAFT), b"")
