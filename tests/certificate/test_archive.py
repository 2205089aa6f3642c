"""The PDF as a file that is kept: PDF/A-3b as far as pikepdf sees it, the XML inside, the same bytes, its glyphs."""

from __future__ import annotations

import base64
import dataclasses
import io
import itertools
from functools import cache
from pathlib import Path

import noto_cjk_sans_otc
import pikepdf
import pypdf
import pytest
from fontTools.ttLib import TTCollection

from bench.certificate import words
from bench.certificate.label import label_pdf
from bench.certificate.model import Mark
from bench.certificate.pdf import certificate_pdf
from bench.configuration.laboratory import LONGEST_NUMBER_BYTES
from bench.errors import OperatorError
from bench.words import field_name, item_word
from calibration.reasons import Reason
from tests.certificate import samples
from tests.certificate.pictures import qr_text_of
from tests.certificate.reading_pdf import pages_of

FAMILY = "Noto Sans CJK SC"
INVISIBLE = {" ", "\n", "\u200b"}


@cache
def printed(name: str) -> bytes:
    certificate = samples.ALL[name]()
    return certificate_pdf(certificate, samples.XML, "DN-2026-00017.xml", qr_text_of(certificate))


@cache
def glyphs() -> frozenset[str]:
    """Every character that the font of certificates has."""
    folder = Path(noto_cjk_sans_otc.__file__).parent
    collection = TTCollection(next(folder.glob("*.ttc")))
    (face,) = (font for font in collection.fonts if font["name"].getDebugName(1) == FAMILY)
    return frozenset(map(chr, face.getBestCmap()))


@pytest.mark.parametrize("name", samples.ALL)
def test_it_is_marked_as_pdf_a_3b(name: str) -> None:
    with pikepdf.open(io.BytesIO(printed(name))) as pdf:
        metadata = pdf.open_metadata()
        assert metadata.pdfa_status == "3B"
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert intent.DestOutputProfile.N == 3
        assert pdf.check_pdf_syntax() == []
        assert not pdf.is_encrypted
        assert pdf.pdf_version == "1.7"


@pytest.mark.parametrize("name", samples.ALL)
def test_the_xml_is_in_it_byte_by_byte(name: str) -> None:
    with pikepdf.open(io.BytesIO(printed(name))) as pdf:
        assert list(pdf.attachments) == ["DN-2026-00017.xml"]
        (associated,) = pdf.Root.AF
        assert associated.AFRelationship == "/Source"
        assert associated.EF.F.Subtype == "/application/xml"
        assert pdf.attachments["DN-2026-00017.xml"].get_file().read_bytes() == samples.XML


def test_all_fonts_are_embedded() -> None:
    for page in pypdf.PdfReader(io.BytesIO(printed("passed"))).pages:
        for font in page["/Resources"]["/Font"].values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            assert "/FontFile3" in descriptor or "/FontFile2" in descriptor
            assert "NotoSansCJK" in descriptor["/FontName"]


def test_the_same_certificate_is_the_same_file() -> None:
    certificate = samples.passed()
    again = certificate_pdf(certificate, samples.XML, "DN-2026-00017.xml", qr_text_of(certificate))
    assert again == printed("passed")


def test_another_figure_is_another_file() -> None:
    assert printed("passed") != printed("one_point")


def test_its_day_is_the_day_of_issue() -> None:
    information = pypdf.PdfReader(io.BytesIO(printed("passed"))).metadata
    assert information is not None
    assert information["/CreationDate"] == "D:20261126000000Z"
    assert information["/Title"] == "检定证书 Verification Certificate DN-2026-00017"


@pytest.mark.parametrize("name", samples.ALL)
def test_every_printed_character_has_a_glyph(name: str) -> None:
    printed_characters = set("".join(pages_of(printed(name))))
    assert printed_characters - glyphs() - INVISIBLE == set()


def test_every_word_that_may_be_printed_has_glyphs() -> None:
    tables = (words.word.table, item_word.table, field_name.table)
    texts = itertools.chain(
        *(pair for table in tables for pair in table.values()),
        *((reason.zh, reason.en) for reason in Reason),
        *((reason.without.zh, reason.without.en) for reason in Reason if reason.without),
        (path.read_text("utf-8") for path in Path(words.__file__).with_name("typst").glob("*.typ")),
    )
    assert set("".join(texts)) - glyphs() - INVISIBLE == set()


@pytest.mark.parametrize("character", ["\U0001f600", "\u0e01", "\U00020000"])
def test_a_character_without_a_glyph_is_refused_by_name(character: str) -> None:
    customer = samples.Customer(f"name {character}", "address")
    with pytest.raises(OperatorError, match="write that text without it") as refused:
        certificate_pdf(samples.certificate(customer=customer), samples.XML, "c.xml")
    assert character in str(refused.value)


@pytest.mark.parametrize("name", ["rejected", "calibrated", "simulated_draft"])
def test_only_what_has_passed_and_is_issued_has_a_label(name: str) -> None:
    with pytest.raises(OperatorError, match="label"):
        label_pdf(samples.ALL[name](), "MTB1:X")


def test_a_label_has_number_day_last_day_and_is_kept_like_a_certificate() -> None:
    certificate = samples.passed()
    label = label_pdf(certificate, qr_text_of(certificate))
    (said,) = pages_of(label)
    for part in ("检定合格", "DN-2026-00017", "2026-11-25", "2034-11-25", samples.METER.serial):
        assert part in said
    assert set(said) - glyphs() - INVISIBLE == set()
    with pikepdf.open(io.BytesIO(label)) as pdf:
        assert pdf.open_metadata().pdfa_status == "3B"
        width, height = (float(length) * 25.4 / 72 for length in pdf.pages[0].mediabox[2:])
        assert (round(width, 1), round(height, 1)) == (40.0, 25.0)


@pytest.mark.parametrize("number", ["1", "DN-2026-00017", "W" * LONGEST_NUMBER_BYTES])
@pytest.mark.parametrize("valid_until", ["", "2034-11-25"])
@pytest.mark.parametrize("marks", [(), (Mark.SIMULATED, Mark.UNOFFICIAL_KEY), tuple(Mark)])
def test_a_label_is_one_page_with_its_number_whole_and_all_marks(
    marks: tuple[Mark, ...], valid_until: str, number: str
) -> None:
    meter = dataclasses.replace(samples.METER, serial="S" * 64)
    marked = samples.certificate(marks=marks, valid_until=valid_until, number=number, meter=meter)
    (said,) = pages_of(label_pdf(marked, qr_text_of(samples.passed())))
    for part in (number, valid_until, *(words.both(f"mark_{mark.value}").en for mark in marks)):
        assert part in said


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
"""A PNG."""


def with_logo(logo: bytes) -> bytes:
    laboratory = dataclasses.replace(samples.LABORATORY, logo=logo)
    return certificate_pdf(samples.certificate(laboratory=laboratory), samples.XML, "c.xml")


def test_a_certificate_has_the_logo_that_was_given() -> None:
    images = [len(pypdf.PdfReader(io.BytesIO(with_logo(logo))).pages[0].images) for logo in (PIXEL, b"")]
    assert images == [1, 0]


@pytest.mark.parametrize("logo", [b"\x89PNG\r\n\x1a\nbroken", b"<svg", b"\xff\xfe"])
def test_a_logo_that_is_no_picture_is_refused(logo: bytes) -> None:
    with pytest.raises(OperatorError, match="logo_file cannot be drawn"):
        with_logo(logo)
