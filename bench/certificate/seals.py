"""A certificate sealed, and a sealed certificate checked.

The order of sealing: the XML is made and signed; the PDF is made with the signed XML in it and the hash of that XML in
its QR code; then the PDF is signed as a whole. So the XML alone, the PDF alone and the printed page lead to the same
signed bytes.

A check says of each thing whether it holds, in words. A document may be whole and its key a stranger's: that the key
is the laboratory's only the fingerprint shows that the reader got another way. Without one, a check says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.certificate.dcc import certificate_xml
from bench.certificate.model import Certificate
from bench.certificate.seal_errors import SealRefusedError
from bench.certificate.seal_words import word
from bench.certificate.xml_reading import Figures, figures_of
from bench.keys.fingerprint import fingerprint
from bench.keys.seal_certificates import der_public
from bench.keys.seal_keys import SealKeys

if TYPE_CHECKING:
    from bench.certificate.pades import SealedPdf
    from bench.certificate.xades import Seal

# The doors to the libraries of signatures are opened where something is sealed or checked: what is behind them takes
# longer to import than most commands take.

RenderPdf = Callable[[Certificate, bytes], bytes]
"""Makes the PDF of a certificate, with this signed XML attached as it is."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The two files of a certificate."""

    xml: bytes
    pdf: bytes

    @property
    def xml_sha256(self) -> str:
        return hashlib.sha256(self.xml).hexdigest()


def sealed(certificate: Certificate, keys: SealKeys, render_pdf: RenderPdf, wall_time: str) -> Sealed:
    """Both files, signed. wall_time: now, ISO 8601 UTC. Errors: ValueError where the PDF does not hold the XML."""
    from bench.certificate.pades import attached_files, sign_pdf
    from bench.certificate.xades import sign_xml

    xml = sign_xml(certificate_xml(certificate), keys.xml, wall_time)
    pdf = render_pdf(certificate, xml)
    if xml not in attached_files(pdf).values():
        raise ValueError("the PDF was made without the signed XML in it")
    return Sealed(xml, sign_pdf(pdf, keys.pdf, wall_time))


@dataclass(frozen=True, slots=True)
class SealFinding:
    """One thing that a check has found. is_right: None where it is to be known, and nothing is right or wrong."""

    is_right: bool | None
    key: str
    values: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return word(self.key, language, **self.values)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check has found. xml, figures: of the document whose signature holds; None where none does."""

    found: tuple[SealFinding, ...]
    xml: bytes | None
    figures: Figures | None

    @property
    def holds(self) -> bool:
        """Everything that was checked is right."""
        return self.xml is not None and all(each.is_right is not False for each in self.found)


def check_certificate(
    document: bytes, trusted: Collection[str] = (), xml_sha256: str | None = None
) -> Findings:
    """Check the seals of a certificate, PDF or XML.

    trusted: published fingerprints of the keys, as the reader got them; none: the check says that they were not
    compared. xml_sha256: of the XML as a QR code names it.
    """
    from bench.certificate.pades import verify_pdf
    from bench.certificate.xades import verify_xml

    found: list[SealFinding] = []
    try:
        xml = document
        if document.startswith(b"%PDF-"):
            pdf = verify_pdf(document)
            found += _about("pdf", pdf.seal, trusted)
            xml = _only_xml(pdf)
        elif not document.lstrip().startswith(b"<"):
            raise SealRefusedError("no_certificate")
        seal = verify_xml(xml)
        figures = figures_of(xml)
    except SealRefusedError as refused:
        return Findings((*found, SealFinding(False, refused.why)), None, None)
    found += _about("xml", seal, trusted)
    found.append(_hash(xml, xml_sha256))
    found += _says(figures)
    return Findings(tuple(found), xml, figures)


def _about(what: str, seal: Seal, trusted: Collection[str]) -> Iterator[SealFinding]:
    yield SealFinding(True, f"{what}_intact", {"signed_at": seal.signed_at})
    own = fingerprint(der_public(seal.certificate))
    values = {"what": what.upper(), "fingerprint": own}
    if not trusted:
        yield SealFinding(None, "key_not_compared", values)
    elif _digits(own) in {_digits(each) for each in trusted}:
        yield SealFinding(True, "key_known", values)
    else:
        yield SealFinding(False, "key_foreign", values)


def _digits(written: str) -> str:
    """A fingerprint however somebody has typed it."""
    return "".join(written.split()).replace(":", "").upper()


def _only_xml(pdf: SealedPdf) -> bytes:
    found = [content for name, content in pdf.attached.items() if name.lower().endswith(".xml")]
    if len(found) != 1:
        raise SealRefusedError("pdf_no_xml")
    return found[0]


def _hash(xml: bytes, named: str | None) -> SealFinding:
    values = {"sha256": hashlib.sha256(xml).hexdigest()}
    if named is None:
        return SealFinding(None, "xml_hash", values)
    is_right = named.lower() == values["sha256"]
    return SealFinding(is_right, "xml_hash_right" if is_right else "xml_hash_wrong", values)


def _says(figures: Figures) -> Iterator[SealFinding]:
    """What is signed, and what speaks against its being official."""
    key = "unnumbered" if "draft" in figures.marks else "numbered"
    values = {
        "number": figures.number,
        "serial": figures.serial,
        "run": figures.run_id,
        "position": figures.position,
    }
    yield SealFinding(None, key, values)
    for mark in figures.marks:
        yield SealFinding(None, f"why_{mark}")
