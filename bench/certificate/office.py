"""The office of a bench: what sets documents and what seals them, put together.

Importing it brings the type setter, the libraries of the seals and that of the QR code; whoever only reads the register
does without.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.certificate.dcc import certificate_xml
from bench.certificate.files import Rendered
from bench.certificate.issuing import Office
from bench.certificate.label import label_pdf
from bench.certificate.model import Certificate, CertificateKind
from bench.certificate.pdf import certificate_pdf
from bench.certificate.qr import signed_payload
from bench.certificate.seals import sealed
from bench.configuration.config import Config
from bench.keys.log_key import open_log_key
from bench.keys.seal_keys import open_seal_keys
from bench.records.raw_reading import ReaderFor
from bench.registry.key_changes import keys_are_official

_DRAFT_XML = "draft.xml"


def office(config: Config, reader_for: ReaderFor) -> Office:
    """config: with the figures of the reference standard's card. reader_for: of the raw files of runs."""
    press = _Press(config.state_dir)
    return Office(config, reader_for, press.seal, press.sketch, press.keys_are_official)


@dataclass(frozen=True, slots=True)
class _Press:
    state_dir: Path

    def sketch(self, document: Certificate) -> Rendered:
        """A draft: nothing of it is signed, it has no code and no label."""
        xml = certificate_xml(document)
        return Rendered(xml, certificate_pdf(document, xml, _DRAFT_XML), b"")

    def seal(self, document: Certificate, now: str) -> Rendered:
        """The certificate with its seals. Errors: OperatorError of a key, or where a character has no glyph."""
        log_key = open_log_key(self.state_dir, may_make=False)
        keys = open_seal_keys(self.state_dir, document.laboratory.name.en, now)
        root = bytes.fromhex(document.anchor.root_sha256)

        def code(xml: bytes) -> str:
            return signed_payload(document.number, xml, root, log_key.public, log_key.sign).to_text()

        def render(certificate: Certificate, xml: bytes) -> bytes:
            return certificate_pdf(certificate, xml, f"{certificate.number}.xml", code(xml))

        both = sealed(document, keys, render, now)
        has_label = document.kind is CertificateKind.VERIFICATION
        return Rendered(both.xml, both.pdf, label_pdf(document, code(both.xml)) if has_label else b"")

    def keys_are_official(self) -> bool:
        return keys_are_official(self.state_dir)
