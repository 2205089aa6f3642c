"""A plain PDF with the XML in it, as small as can be: what the seals need of a renderer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typst

from bench.certificate.model import Certificate

WHEN = "2026-11-26T18:00:00+00:00"

_SOURCE = """
#set document(title: "certificate", date: datetime(year: 2026, month: 11, day: 26, hour: 1, minute: 1, second: 1))
#pdf.attach("certificate.xml", relationship: "alternative", mime-type: "application/xml", description: "DCC")
= Certificate
"""


def plain_pdf(_certificate: Certificate, xml: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "certificate.xml").write_bytes(xml)
        source = Path(folder) / "certificate.typ"
        source.write_text(_SOURCE, encoding="utf-8")
        made = typst.compile(str(source), format="pdf", pdf_standards="a-3b", ignore_system_fonts=True)
    return bytes(made)
