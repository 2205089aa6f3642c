"""Sealed certificates: the libraries' own verifiers agree, and nothing can be changed, moved, added or taken off."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from bench.certificate import pades, xades
from bench.certificate.dcc import certificate_xml
from bench.certificate.model import Certificate, Mark
from bench.certificate.pades import sign_pdf, verify_pdf
from bench.certificate.seal_errors import SealRefusedError
from bench.certificate.seal_words import word
from bench.certificate.seals import Sealed, check_certificate, sealed
from bench.certificate.xades import sign_xml, verify_xml
from bench.keys.seal_keys import SealKeys, open_seal_keys
from calibration.texts import braces
from tests.certificate.made_up import EVERY, certificate
from tests.certificate.sealing import WHEN, plain_pdf

DS = "{http://www.w3.org/2000/09/xmldsig#}"


def keys_of(document: bytes, *arguments: object) -> list[str]:
    return [each.key for each in check_certificate(document, *arguments).found]  # type: ignore[arg-type]


def refused(document: bytes) -> str:
    """The one thing that is wrong."""
    findings = check_certificate(document)
    assert not findings.holds
    assert (findings.xml, findings.figures) == (None, None)
    assert [each.is_right for each in findings.found if each.is_right is False] == [False]
    return findings.found[-1].key


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> SealKeys:
    return open_seal_keys(tmp_path_factory.mktemp("stranger"), "电能计量实验室 Laboratory", WHEN)


def test_the_library_of_xades_verifies_the_xml(one_sealed: Sealed, seal_keys: SealKeys) -> None:
    config = XAdESSignatureConfiguration(expect_references=3)
    results = XAdESVerifier().verify(
        one_sealed.xml, x509_cert=seal_keys.xml.certificate, expect_config=config
    )
    document, *_ = results
    root = etree.fromstring(one_sealed.xml)
    root.remove(root[-1])
    assert etree.tostring(document.signed_xml, method="c14n") == etree.tostring(root, method="c14n")
    (time,) = etree.fromstring(one_sealed.xml).iter("{http://uri.etsi.org/01903/v1.3.2#}SigningTime")
    assert time.text == WHEN
    method = b'SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"'
    assert method in one_sealed.xml


def test_the_library_of_pades_verifies_the_pdf(one_sealed: Sealed, seal_keys: SealKeys) -> None:
    (embedded,) = PdfFileReader(io.BytesIO(one_sealed.pdf)).embedded_signatures
    root = asn1_x509.Certificate.load(seal_keys.pdf.certificate.public_bytes(Encoding.DER))
    context = ValidationContext(
        trust_roots=[root], allow_fetching=False, moment=embedded.self_reported_timestamp
    )
    status = validate_pdf_signature(embedded, context)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert embedded.self_reported_timestamp.isoformat() == WHEN


def test_the_xml_in_the_pdf_is_byte_identical(one_sealed: Sealed) -> None:
    with pikepdf.open(io.BytesIO(one_sealed.pdf)) as document:
        ((_, attached),) = document.attachments.items()
        assert attached.get_file().read_bytes() == one_sealed.xml


def test_the_signature_leaves_what_typst_has_written_and_its_markers(seal_keys: SealKeys) -> None:
    plain = plain_pdf(certificate(), b"<x/>")
    signed = sign_pdf(plain, seal_keys.pdf, WHEN)
    assert signed.startswith(plain)
    with pikepdf.open(io.BytesIO(signed)) as document:
        assert document.pdf_version == "1.7"
        assert "/Version" not in document.Root
        written = document.Root.Metadata.read_bytes()
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
            assert metadata.pdfa_status == "3B"
    with pikepdf.open(io.BytesIO(plain)) as document:
        assert document.Root.Metadata.read_bytes() == written  # the machine's clock has not got in


def test_every_kind_is_sealed_and_checks_in_words(seal_keys: SealKeys, published: tuple[str, ...]) -> None:
    for kind in ("verification", "rejection", "calibration", "draft", "hostile", "thirty_points"):
        made = sealed(EVERY[kind], seal_keys, plain_pdf, WHEN)
        for document in (made.pdf, made.xml):
            findings = check_certificate(document, published, made.xml_sha256)
            assert findings.holds, [each.sentence("en") for each in findings.found]
            assert findings.xml == made.xml
            for each in findings.found:
                assert each.sentence("zh") != each.sentence("en")


def test_a_check_says_what_holds_by_whom_and_what_is_signed(
    one_sealed: Sealed, published: tuple[str, ...]
) -> None:
    assert keys_of(one_sealed.pdf, published, one_sealed.xml_sha256) == [
        "pdf_intact", "key_known", "xml_intact", "key_known", "xml_hash_right", "numbered",
    ]  # fmt: skip
    spelt_otherwise = [each.lower().replace(" ", ":") for each in published]
    assert keys_of(one_sealed.xml, spelt_otherwise) == ["xml_intact", "key_known", "xml_hash", "numbered"]
    findings = check_certificate(one_sealed.pdf)
    assert findings.holds  # whole, and it says that the keys were not compared
    assert [each.key for each in findings.found if each.is_right is None][:2] == ["key_not_compared"] * 2
    sentences = " ".join(each.sentence("en") for each in findings.found)
    assert "DN-2026-000017" in sentences
    assert published[0] in sentences
    wrong = check_certificate(one_sealed.pdf, published, hashlib.sha256(b"").hexdigest())
    assert not wrong.holds


def test_marks_are_said(seal_keys: SealKeys) -> None:
    made = sealed(EVERY["draft"], seal_keys, plain_pdf, WHEN)
    found = keys_of(made.pdf)
    assert "unnumbered" in found
    assert [f"why_{mark}" for mark in Mark] == [key for key in found if key.startswith("why_")]


def test_a_foreign_key_is_named_though_the_document_is_whole(
    one_sealed: Sealed, stranger: SealKeys, published: tuple[str, ...]
) -> None:
    forged = sealed(certificate(), stranger, plain_pdf, WHEN)
    for document in (forged.pdf, forged.xml):
        findings = check_certificate(document, published)
        assert not findings.holds
        assert "key_foreign" in [each.key for each in findings.found]


@pytest.mark.parametrize("foreign", ["xml", "pdf"])
def test_one_foreign_key_is_enough(
    foreign: str, seal_keys: SealKeys, stranger: SealKeys, published: tuple[str, ...]
) -> None:
    mixed = replace(seal_keys, **{foreign: getattr(stranger, foreign)})
    findings = check_certificate(sealed(certificate(), mixed, plain_pdf, WHEN).pdf, published)
    assert not findings.holds
    assert [each.values["what"] for each in findings.found if each.key == "key_foreign"] == [foreign.upper()]


def test_the_signing_time_is_the_one_that_was_given(seal_keys: SealKeys) -> None:
    early = sealed(certificate(), seal_keys, plain_pdf, "2026-11-26T18:00:00.750000+00:00")
    assert verify_xml(early.xml).signed_at == WHEN
    assert verify_pdf(early.pdf).seal.signed_at == WHEN


def test_a_pdf_without_the_signed_xml_is_not_sealed(seal_keys: SealKeys) -> None:
    def forgetful(made: Certificate, _xml: bytes) -> bytes:
        return plain_pdf(made, certificate_xml(made))

    with pytest.raises(ValueError, match="without the signed XML"):
        sealed(certificate(), seal_keys, forgetful, WHEN)


# What is changed.


@pytest.mark.parametrize("bit", [0x01, 0x20])
def test_no_byte_of_the_xml_can_be_changed(one_sealed: Sealed, bit: int) -> None:
    """Every 101st byte, and of the signature every 23rd."""
    xml, signature = one_sealed.xml, one_sealed.xml.index(b"<ds:Signature ")
    for index in (*range(bit % 101, signature, 101), *range(signature + bit % 23, len(xml), 23)):
        assert not check_certificate(flipped(xml, index, bit)).holds, index


def flipped(document: bytes, index: int, bit: int = 1) -> bytes:
    return document[:index] + bytes([document[index] ^ bit]) + document[index + 1 :]


def test_no_figure_of_the_xml_can_be_changed(one_sealed: Sealed) -> None:
    xml = one_sealed.xml
    for found in re.finditer(rb"\+0\.123|0\.024|>pass<|DN-2026-000017|SN-7", xml):
        other = found.group().translate(bytes.maketrans(b"0123456789ps", b"1234567890sp"))
        assert refused(xml[: found.start()] + other + xml[found.end() :]) == "xml_changed"


def test_no_byte_of_the_pdf_can_be_changed(one_sealed: Sealed) -> None:
    """Every 199th byte, and of what the signature is not over, its container, every 149th."""
    pdf = one_sealed.pdf
    (embedded,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    _, first, second, _ = map(int, embedded.byte_range)
    for index in (*range(5, len(pdf), 199), *range(first, second, 149), *range(second, len(pdf), 23)):
        assert not check_certificate(flipped(pdf, index)).holds, index


@pytest.mark.parametrize("index_in_container", [52, 60, 70, 84, 2341, 2548])
def test_the_envelope_of_the_signature_is_held_too(one_sealed: Sealed, index_in_container: int) -> None:
    """Bytes that the library passes over: algorithms are named twice, and the second time nobody reads them."""
    pdf = one_sealed.pdf
    (embedded,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    first = int(embedded.byte_range[1])
    assert not check_certificate(flipped(pdf, first + index_in_container)).holds
    lower = pdf[:first] + pdf[first : first + 40].lower() + pdf[first + 40 :]
    assert refused(lower) == "pdf_signature_form"


# Attacks on the XML.


def with_signature(change: Callable[[etree._Element, etree._Element], etree._Element], xml: bytes) -> bytes:
    root = etree.fromstring(xml)
    changed = change(root, root[-1])
    return etree.tostring(changed, encoding="UTF-8", xml_declaration=True) + b"\n"


def stripped(root: etree._Element, signature: etree._Element) -> etree._Element:
    root.remove(signature)
    return root


def moved_in(root: etree._Element, signature: etree._Element) -> etree._Element:
    root[0].append(signature)
    return root


def moved_first(root: etree._Element, signature: etree._Element) -> etree._Element:
    root.insert(0, signature)
    return root


def doubled(root: etree._Element, signature: etree._Element) -> etree._Element:
    root.append(etree.fromstring(etree.tostring(signature)))
    return root


def wrapped(root: etree._Element, signature: etree._Element) -> etree._Element:
    """The signed document whole, as a comment in a forged one; the signature where it belongs."""
    forged = etree.fromstring(certificate_xml(certificate(number="FORGED")))
    comment = etree.SubElement(forged, "{https://ptb.de/dcc}comment")
    original = etree.fromstring(etree.tostring(root))
    original.remove(original[-1])
    comment.append(original)
    forged.append(signature)
    return forged


def wrapped_by_id(root: etree._Element, signature: etree._Element) -> etree._Element:
    """As before, with the first reference pointing at the signed document by its id."""
    forged = wrapped(root, signature)
    forged.find(".//{https://ptb.de/dcc}comment")[0].set("Id", "whole")
    forged.find(f".//{DS}Reference").set("URI", "#whole")
    return forged


def with_object(root: etree._Element, signature: etree._Element) -> etree._Element:
    etree.SubElement(signature, f"{DS}Object").text = "not signed"
    return root


def with_text(root: etree._Element, signature: etree._Element) -> etree._Element:
    signature[1].tail = "not signed"
    return root


def target(root: etree._Element, signature: etree._Element) -> etree._Element:
    signature[3][0].set("Target", "#other")
    return root


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (stripped, "xml_unsigned"),
        (moved_in, "xml_signature_elsewhere"),
        (moved_first, "xml_signature_elsewhere"),
        (doubled, "xml_signature_elsewhere"),
        (wrapped, "xml_changed"),
        (wrapped_by_id, "xml_signature_form"),
        (with_object, "xml_signature_form"),
        (with_text, "xml_signature_form"),
        (target, "xml_signature_form"),
    ],
)
def test_attacks_on_the_signature_of_the_xml_are_refused(
    attack: object, why: str, one_sealed: Sealed
) -> None:
    assert refused(with_signature(attack, one_sealed.xml)) == why  # type: ignore[arg-type]


def test_a_signature_of_another_document_is_refused(one_sealed: Sealed, seal_keys: SealKeys) -> None:
    other = sign_xml(certificate_xml(certificate(number="DN-2026-000018")), seal_keys.xml, WHEN)
    start = b"<ds:Signature "
    assert (
        refused(one_sealed.xml[: one_sealed.xml.index(start)] + other[other.index(start) :]) == "xml_changed"
    )


def test_what_the_library_has_verified_is_what_is_read(
    one_sealed: Sealed, seal_keys: SealKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sign_xml(certificate_xml(certificate(number="DN-2026-000018")), seal_keys.xml, WHEN)
    verify = xades.XAdESVerifier.verify
    monkeypatch.setattr(
        xades.XAdESVerifier, "verify", lambda self, _xml, **given: verify(self, other, **given)
    )
    assert refused(one_sealed.xml) == "xml_signature_elsewhere"


def test_a_certificate_in_place_of_that_of_the_key_is_refused(one_sealed: Sealed, stranger: SealKeys) -> None:
    der = stranger.xml.certificate.public_bytes(Encoding.DER)
    pattern = rb"(<ds:X509Certificate>)[^<]*(</ds:X509Certificate>)"
    forged = re.sub(pattern, rb"\g<1>" + base64.encodebytes(der) + rb"\g<2>", one_sealed.xml)
    assert refused(forged) == "xml_changed"


def with_document_type(xml: bytes, declared: bytes, used: bytes) -> bytes:
    head, _, rest = xml.partition(b"\n")
    document_type = b"<!DOCTYPE dcc:digitalCalibrationCertificate [" + declared + b"]>"
    return head + b"\n" + document_type + rest.replace(b"SN-7", used)


def test_entities_are_refused_before_anything_is_expanded_or_loaded(
    one_sealed: Sealed, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SN-7")
    external = f'<!ENTITY e SYSTEM "{secret.as_uri()}">'.encode()
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"lol")
        for level in range(12)
    )
    for declared, used in ((external, b"&e;"), (laughs, b"&l11;")):
        assert refused(with_document_type(one_sealed.xml, declared, used)) == "xml_not_plain"


def test_other_spellings_of_the_same_content_are_refused(one_sealed: Sealed) -> None:
    xml = one_sealed.xml
    for other in (
        xml.replace(b"SN-7", b"SN<!-- -->-7"),  # the canonical form leaves comments out
        xml.replace(b"SN-7", b"SN<?x?>-7"),
        xml.replace(b"SN-7", b"<![CDATA[SN-7]]>"),
        xml.replace(b"SN-7", b"&#83;N-7"),
        xml.replace(b"<dcc:coreData>", b"<dcc:coreData >"),
        xml.replace(b"='1.0'", b'="1.0"'),
        xml + b"\n",
        b"\n" + xml,
        xml.replace(b"\n", b"\r\n"),
        xml.decode().encode("utf-16"),
    ):
        assert other != xml
        assert not check_certificate(other).holds
    assert refused(xml + b" " * 5_000_000) == "xml_too_long"


# Attacks on the PDF.


def test_a_pdf_that_was_extended_is_refused(one_sealed: Sealed) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(one_sealed.pdf))
    writer.root["/Lang"] = writer.root["/Type"]
    writer.update_root()
    output = io.BytesIO()
    writer.write(output)
    assert refused(output.getvalue()) == "pdf_extended"
    assert refused(one_sealed.pdf + b"\n") != ""
    assert refused(one_sealed.pdf + b"%%EOF\n") != ""


def test_a_pdf_that_was_signed_again_is_refused(one_sealed: Sealed, stranger: SealKeys) -> None:
    again = one_sealed.pdf
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pades, "_FIELD", "Second")
        again = sign_pdf(again, stranger.pdf, WHEN)
    assert refused(again) == "pdf_signed_again"


def test_a_pdf_without_its_signature_is_refused(one_sealed: Sealed) -> None:
    assert refused(plain_pdf(certificate(), one_sealed.xml)) == "pdf_unsigned"
    assert refused(one_sealed.pdf[: len(one_sealed.pdf) // 2]) == "pdf_no_document"
    assert refused(b"%PDF-1.7\n") == "pdf_no_document"
    # Where its cross-references should be lies something else: the library asserts that nobody does so.
    elsewhere = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\nstartxref\n9\n%%EOF"
    assert refused(elsewhere) == "pdf_no_document"
    assert refused(b"PK\x03\x04") == "no_certificate"
    assert refused(b"") == "no_certificate"


def test_a_pdf_must_hold_one_sound_xml(seal_keys: SealKeys) -> None:
    unsigned = sign_pdf(plain_pdf(certificate(), certificate_xml(certificate())), seal_keys.pdf, WHEN)
    assert refused(unsigned) == "xml_unsigned"
    with pikepdf.open(io.BytesIO(unsigned)) as document:
        del document.Root.Names
        bare = io.BytesIO()
        document.save(bare)
    assert refused(bare.getvalue()) != ""


def test_no_private_key_is_in_what_is_given_out(one_sealed: Sealed, seal_keys: SealKeys) -> None:
    for key in (seal_keys.xml, seal_keys.pdf):
        der = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        secret = der[-40:]
        for document in (one_sealed.xml, one_sealed.pdf):
            for spelt in (
                secret,
                secret.hex().encode(),
                secret.hex().upper().encode(),
                base64.b64encode(secret),
            ):
                assert spelt not in document
            assert b"PRIVATE" not in document


def test_every_refusal_has_its_words() -> None:
    for key, (zh, en) in word.table.items():
        assert zh, key
        assert en, key
        assert braces(zh) == braces(en)
    with pytest.raises(SealRefusedError, match="pdf_no_document"):
        verify_pdf(b"")
