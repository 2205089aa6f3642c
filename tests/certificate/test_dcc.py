"""The XML of every kind: valid, in both languages, the same every time, and with what the certificate says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from bench.app_reference import RecordedRaw
from bench.certificate.dcc import certificate_xml
from bench.certificate.model import Bilingual, CertificateKind, Mark
from bench.certificate.office import office
from bench.certificate.seal_errors import SealRefusedError
from bench.certificate.xades import sign_xml
from bench.certificate.xml_reading import ErrorFigures, figures_of
from bench.keys.seal_keys import SealKeys
from tests.certificate import samples
from tests.certificate.made_up import EVERY, HOSTILE, certificate, many_points
from tests.certificate.office import Desk
from tests.certificate.sealing import WHEN

SCHEMA = Path(__file__).parents[3] / "shared" / "dcc-schema" / "v3.3.0" / "dcc.xsd"
NAMESPACES = {"dcc": "https://ptb.de/dcc", "si": "https://ptb.de/si"}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """PTB's, with what it imports from beside it: no network."""
    return etree.XMLSchema(etree.parse(SCHEMA, etree.XMLParser(no_network=True)))


@pytest.mark.shared
@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_is_valid_before_and_after_it_is_signed(
    kind: str, schema: etree.XMLSchema, seal_keys: SealKeys
) -> None:
    xml = certificate_xml(EVERY[kind])
    for document in (xml, sign_xml(xml, seal_keys.xml, WHEN)):
        assert schema.validate(etree.fromstring(document)), schema.error_log


@pytest.mark.shared
@pytest.mark.parametrize("error_pct", [0.4, 3.0])
def test_the_certificate_of_a_run_is_valid(
    error_pct: float, desk_of: Callable[..., Desk], schema: etree.XMLSchema
) -> None:
    desk = desk_of(error_pct)
    sketch = office(desk.office.config, RecordedRaw).sketch
    xml = desk.with_office(sketch=sketch).draft().rendered.xml
    assert schema.validate(etree.fromstring(xml)), schema.error_log
    found = figures_of(xml)
    assert found.conformity == ("pass" if error_pct < 1 else "fail")
    assert found.errors
    for row in found.errors:
        assert abs(float(row.error_pct) - error_pct) < 0.1
        assert 0 < float(row.expanded_uncertainty_pct) < 0.2
        assert row.conformity == found.conformity
    assert "simulated" in found.marks


@pytest.mark.shared
def test_the_schema_sees_what_is_missing(schema: etree.XMLSchema) -> None:
    xml = certificate_xml(EVERY["verification"])
    assert not schema.validate(etree.fromstring(xml.replace(b"<dcc:release>v0.1.0", b"<dcc:release> ")))


@pytest.mark.parametrize("kind", EVERY)
def test_the_same_certificate_gives_the_same_bytes(kind: str) -> None:
    assert certificate_xml(EVERY[kind]) == certificate_xml(EVERY[kind])


@pytest.mark.parametrize("kind", EVERY)
def test_every_text_is_in_both_languages_and_both_are_declared(kind: str) -> None:
    root = etree.fromstring(certificate_xml(EVERY[kind]))
    core = root.find("dcc:administrativeData/dcc:coreData", NAMESPACES)
    for declared in ("usedLangCodeISO639_1", "mandatoryLangCodeISO639_1"):
        assert [each.text for each in core.findall(f"dcc:{declared}", NAMESPACES)] == ["zh", "en"]
    parents = {content.getparent() for content in root.iter(f"{{{NAMESPACES['dcc']}}}content")}
    assert len(parents) > 40
    for parent in parents:
        contents = parent.findall("dcc:content", NAMESPACES)
        assert [content.get("lang") for content in contents] == ["zh", "en"]
        assert all(content.text.strip() for content in contents)


def said(xml: bytes, path: str) -> list[str]:
    return [each.text for each in etree.fromstring(xml).findall(path, NAMESPACES)]


def test_what_a_report_must_state_is_there() -> None:
    """ISO/IEC 17025:2017, 7.8.2, 7.8.4 and 7.8.6, as far as the document has it as text."""
    xml = certificate_xml(certificate(replaces="DN-2026-000001", deviations="at 48 Hz"))
    text = xml.decode()
    for stated in (
        "Verification Certificate", "检定证书", "Some Metering Laboratory", "1 Lake Road, Hangzhou", "DN-2026-000017",
        "客户 Customer", "Example Meters", "DDS-1", "seals whole", "2026-11-24", "2026-11-25", "2026-11-26",
        "2034-11-25", "JJG 596-2012", "at 48 Hz", "relate only to the item", "except in full", "DN-2026-000001",
        "李伟", "Wang Fang", "Checked by", "metrologically traceable", "C-17", "a calibration laboratory", "2027-01-31",
        "reference standard meter", "Simple acceptance", "conform to JJG 596-2012", "cd" * 32, "run-000003",
        "https://example.org/keys", "CNAS L0000", "1200 imp/kWh", "10(60) A", "23.1", "22.8 … 23.4", "v0.1.0",
    ):  # fmt: skip
        assert stated in text, stated
    unit = ".//dcc:quantity[@refType='basic_measurementError']/si:realListXMLList/si:unitXMLList"
    assert said(xml, unit)[0] == r"\percent \percent"


def test_the_figures_are_those_of_the_certificate_to_the_digit() -> None:
    found = figures_of(certificate_xml(certificate()))
    assert (found.number, found.kind, found.run_id, found.position) == (
        "DN-2026-000017", "verification", "run-000003", "2",
    )  # fmt: skip
    assert (found.root_sha256, found.tree_size) == ("cd" * 32, 123)
    assert found.key_fingerprint == certificate().anchor.key_fingerprint
    assert (found.conformity, found.marks, found.replaces, found.serial) == ("pass", (), "", "SN-7")
    assert found.errors == (
        ErrorFigures("basic_error", "Ib 1.0", "+0.123", "0.024", "2.01", "0.9545", "1.0", "+0.1", "pass"),
        ErrorFigures("basic_error", "Ib 0.5L", "-0.456", "0.024", "2.01", "0.9545", "1.0", "+0.1", "pass"),
    )
    assert [(row.item, row.load_point, row.conformity) for row in found.items] == [
        ("visual", "", "pass"),
        ("no_load", "Un*1.15", "pass"),
        ("clock", "", "pass"),
    ]
    assert found.items[1].figures == (("pulses", "0"), ("watched_s", "1200.5"))


def test_a_rejection_names_what_failed_and_states_nothing_of_what_is_invalid() -> None:
    xml = certificate_xml(EVERY["rejection"])
    found = figures_of(xml)
    assert found.conformity == "fail"
    assert [row.conformity for row in found.errors] == ["pass", "fail", "conditionalPass", "conditionalFail"]
    assert [(row.item, row.conformity) for row in found.items] == [
        ("starting", "fail"),
        ("meter_constant", ""),
    ]
    assert "meters of class 1: starting, basic error." in xml.decode()
    assert "起动试验、基本误差" in xml.decode()


def test_a_calibration_states_no_conformity_and_no_limit() -> None:
    xml = certificate_xml(EVERY["calibration"])
    assert figures_of(xml).conformity == ""
    for word in (b"conformityXMLList", b"acceptanceLimit", b"bench_decisionRule", b">pass<"):
        assert word not in xml
    row = figures_of(xml).errors[0]
    assert (row.conformity, row.limit_pct, row.rounded_pct) == ("", None, None)
    assert row.expanded_uncertainty_pct == "0.024"


def test_every_mark_is_a_statement_in_words() -> None:
    xml = certificate_xml(EVERY["draft"])
    assert figures_of(xml).marks == tuple(Mark)
    for words in (
        "Draft: not issued",
        "草稿：未签发",
        "Simulated: a part",
        "Provisional rule set",
        "Unofficial key",
    ):
        assert words in xml.decode()
    assert figures_of(xml).number == "draft-run-000003-2"
    assert figures_of(certificate_xml(certificate())).marks == ()


def test_thirty_load_points_are_one_list_in_their_order() -> None:
    found = figures_of(certificate_xml(many_points(30)))
    assert [row.load_point for row in found.errors] == [f"{index}*Ib 1.0" for index in range(1, 31)]
    assert found.errors[29].error_pct == "+0.300"


def test_rows_that_are_judged_otherwise_are_another_list() -> None:
    rows = EVERY["verification"].measured.errors + EVERY["calibration"].measured.errors
    measured = EVERY["verification"].measured
    found = figures_of(certificate_xml(certificate(measured=replace(measured, errors=rows))))
    assert [(row.limit_pct, row.conformity) for row in found.errors] == [
        ("1.0", "pass"),
        ("1.0", "pass"),
        (None, ""),
    ]


def test_limits_runs_and_contributions_are_listed_with_their_units() -> None:
    xml = certificate_xml(certificate())
    values = "si:realListXMLList/si:valueXMLList"
    limit = ".//dcc:metaData[@refType='basic_acceptanceLimit{}']/dcc:data/dcc:quantity/" + values
    assert said(xml, limit.format("Lower")) == ["-1.0 -1.0"]
    assert said(xml, limit.format("Upper")) == ["1.0 1.0"]
    assert said(xml, f".//dcc:list[@refType='bench_runs']/dcc:quantity/{values}") == ["+0.12 +0.13"] * 2
    assert (
        said(xml, f".//dcc:list[@refType='bench_budget']/dcc:quantity/{values}") == ["0.010000 0.004000"] * 2
    )
    labels = "si:realListXMLList/si:labelXMLList"
    assert said(xml, f".//dcc:list[@refType='bench_budget']/dcc:quantity/{labels}")[0] == (
        "reference_calibration repeatability"
    )
    real = "/si:real/si:{}"
    for name, value, unit in (
        ("bench_watched_s", "1200.5", r"\second"),
        ("bench_error_s_per_day", "0.12", r"\second\per\day"),
        ("bench_pulses", "0", r"\one"),
        ("basic_temperature", "23.1", r"\degreecelsius"),
        ("basic_humidityRelative", "45", r"\percent"),
    ):
        path = f".//dcc:quantity[@refType='{name}']" + real
        assert (said(xml, path.format("value")), said(xml, path.format("unit"))) == ([value], [unit])
    for name, unit in (("bench_voltage", r"\volt \volt"), ("bench_current", r"\ampere \ampere")):
        path = f".//dcc:quantity[@refType='basic_nominalValue {name}']/si:realListXMLList/si:unitXMLList"
        assert said(xml, path) == [unit]


def test_hostile_texts_stay_texts() -> None:
    xml = certificate_xml(EVERY["hostile"])
    assert (
        etree.fromstring(xml)
        .findall(".//dcc:customer/dcc:name/dcc:content", NAMESPACES)[0]
        .text.startswith("\ufffd\ufffd</dcc:name>&amp;<!--]]>\ufffd\ufffd \u202e")
    )
    for control in ("\x00", "\x1b", "\ufffe"):
        assert control in HOSTILE
        assert control.encode() not in xml
    assert figures_of(xml).errors[0].load_point.endswith("'<?x?>")


def test_the_country_and_the_place_are_stated() -> None:
    xml = certificate_xml(certificate(place=Bilingual("客户现场", "at the customer's")))
    assert "at the customer&apos;s" in xml.decode() or "at the customer's" in xml.decode()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "xml_no_document"),
        (b"<x/>", "xml_no_document"),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n<x/>\n", "xml_no_certificate"),
        (b"<?xml version='1.0' encoding='UTF-8'?>\n<x>", "xml_no_document"),
        (
            b"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>\n",
            "xml_not_plain",
        ),
        (
            b"<?xml version='1.0' encoding='UTF-8'?>\n<digitalCalibrationCertificate xmlns=\"https://ptb.de/dcc\"/>\n",
            "xml_no_certificate",
        ),
    ],
)
def test_what_is_no_certificate_is_refused(document: bytes, why: str) -> None:
    with pytest.raises(SealRefusedError) as caught:
        figures_of(document)
    assert caught.value.why == why


def test_a_calibration_has_no_limit_and_no_reason_of_a_verdict() -> None:
    made = samples.rejected()
    verdict = certificate_xml(made).decode()
    calibration = certificate_xml(replace(made, kind=CertificateKind.CALIBRATION)).decode()
    for name in ("roundedError", "allowed_pulses", "limit_s", "rounded_s_per_day", "reason"):
        assert f"bench_{name}" in verdict, name
        assert f"bench_{name}" not in calibration, name
    assert "bench_error_s_per_day" in calibration
