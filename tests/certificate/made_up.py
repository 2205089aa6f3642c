"""Certificates of every kind, made up: complete, empty where a field may be, long, and with hostile texts."""

from __future__ import annotations

from dataclasses import replace

from bench.certificate.model import (
    Anchor,
    Bilingual,
    Certificate,
    CertificateKind,
    Conditions,
    Customer,
    ErrorRow,
    ItemRow,
    LaboratoryFacts,
    Mark,
    Measured,
    MeterFacts,
    RuleFacts,
    Signatory,
    StandardFacts,
)
from bench.keys.fingerprint import fingerprint
from calibration.quantities import BudgetRow, Finding, Outcome
from calibration.reasons import Reason

HOSTILE = " \x00\x1b</dcc:name>&amp;<!--]]>\ud800\ufffe\r\n\t‮\"'<?x?> "

_BUDGET = (
    BudgetRow("reference_calibration", 0.02, "normal", 2.0, 1.0, float("inf")),
    BudgetRow("repeatability", 0.004, "normal", 1.0, -1.0, 9.0),
)


def error_row(
    load_point: str, error_pct: str = "+0.123", outcome: Outcome = Outcome.PASS, **more: object
) -> ErrorRow:
    row = ErrorRow(
        "basic_error", load_point, "220", "10", "0.5L", ("+0.12", "+0.13"), error_pct, "+0.1", "0.024",
        "2.01", "0.9545", "1.0", outcome, False, "0.999", _BUDGET, "simple",
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def measured(**more: object) -> Measured:
    found = Measured(
        "run-000003",
        "2",
        "SN-7",
        "bench-1",
        "0.1.0",
        "2026-11-25",
        "2026-11-26",
        (error_row("Ib 1.0"), error_row("Ib 0.5L", "-0.456", power_factor="0.5L")),
        (
            ItemRow("visual", "", Outcome.PASS, (("seals", "ok"),), ()),
            ItemRow("no_load", "Un*1.15", Outcome.PASS, (("pulses", "0"), ("watched_s", "1200.5")), ()),
            ItemRow("clock", "", Outcome.PASS, (("error_s_per_day", "0.12"),), ()),
        ),
        Outcome.PASS,
        (
            StandardFacts(
                Bilingual("标准电能表", "reference standard meter"),
                "REF-1",
                "4711",
                "0.01 … 100 A",
                "class 0.05",
                "C-17",
                "a calibration laboratory",
                "2027-01-31",
            ),
        ),
        Conditions("23.1", "22.8 … 23.4", "45", "44 … 46"),
        RuleFacts("jjg596-2012", "JJG 596-2012", "Electricity meters", "2012", "ab" * 32, "simple", False),
        False,
        (),
        "P2",
    )
    return replace(found, **more)  # type: ignore[arg-type]


def certificate(**more: object) -> Certificate:
    """A verification certificate with all that it can have."""
    made = Certificate(
        CertificateKind.VERIFICATION,
        "DN-2026-000017",
        "",
        (),
        LaboratoryFacts(
            Bilingual("某某电能计量实验室", "Some Metering Laboratory"),
            Bilingual("杭州市湖滨路 1 号", "1 Lake Road, Hangzhou"),
            "+86 571 000000",
            "(浙) 法计 (2024) 01 号",
            "CNAS L0000",
            b"",
            "https://example.org/keys",
        ),
        Customer("客户 Customer", "1 Lake Road"),
        MeterFacts(
            Bilingual("交流有功电能表", "Electricity meter for active energy"),
            "Example Meters",
            "DDS-1",
            "SN-7",
            "1",
            "1200 imp/kWh",
            "220 V",
            "10(60) A",
            Bilingual("单相, 直接接入式", "single-phase, direct connected"),
            "seals whole",
        ),
        Bilingual("实验室", "laboratory"),
        "2026-11-24",
        "2026-11-26",
        "2034-11-25",
        "",
        measured(),
        Anchor(123, "cd" * 32, fingerprint(b"\x01" * 32)),
        (
            Signatory("verifier", "P2", Bilingual("李伟", "Li Wei"), "2026-11-26"),
            Signatory("checker", "P3", Bilingual("王芳", "Wang Fang"), "2026-11-26"),
        ),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def rejection() -> Certificate:
    rows = (
        error_row("Ib 1.0"),
        error_row("Imax 1.0", "+1.234", Outcome.FAIL),
        error_row("Imax 0.5L", "+0.99", conditional=True),
        error_row("Imax 0.8C", "+1.01", Outcome.FAIL, conditional=True),
    )
    items = (
        ItemRow("starting", "0.004*Ib 1.0", Outcome.FAIL, (("pulses", "0"),), ()),
        ItemRow("meter_constant", "", Outcome.INVALID, (), (Finding(Reason.STOPPED_BY_OPERATOR, {}),)),
    )
    found = measured(errors=rows, items=items, verdict=Outcome.FAIL)
    return certificate(kind=CertificateKind.REJECTION, valid_until="", measured=found)


def calibration() -> Certificate:
    rows = (
        error_row(
            "Ib 1.0", outcome=Outcome.UNJUDGED, mpe_pct=None, rounded_pct=None, probability_of_conformity=None
        ),
    )
    found = measured(errors=rows, items=(), verdict=Outcome.UNJUDGED)
    return certificate(kind=CertificateKind.CALIBRATION, valid_until="", measured=found)


def draft() -> Certificate:
    """With every mark, and nothing that may be missing."""
    empty = measured(
        errors=(),
        items=(),
        standards=(),
        conditions=Conditions("", "", "", ""),
        verdict=Outcome.INVALID,
        is_simulated=True,
        not_official_because=(Finding(Reason.STOPPED_BY_OPERATOR, {}),),
        verifier="",
    )
    made = certificate(
        number="", marks=tuple(Mark), measured=empty, signatories=(), issued_on="", received_on=""
    )
    laboratory = LaboratoryFacts(Bilingual("", ""), Bilingual("", ""), "", "", "", b"", "")
    return replace(made, laboratory=laboratory, customer=Customer("", ""), valid_until="")


def many_points(count: int) -> Certificate:
    rows = tuple(error_row(f"{index}*Ib 1.0", f"{index / 100:+.3f}") for index in range(1, count + 1))
    return certificate(measured=measured(errors=rows))


def hostile() -> Certificate:
    made = certificate(
        customer=Customer(HOSTILE, HOSTILE), deviations=HOSTILE, replaces=HOSTILE, number="a\x00b"
    )
    meter = replace(made.meter, serial=HOSTILE, manufacturer=HOSTILE, condition=HOSTILE, model=HOSTILE)
    items = (ItemRow("visual", HOSTILE, Outcome.FAIL, ((HOSTILE, HOSTILE),), ()),)
    standard = StandardFacts(Bilingual(HOSTILE, HOSTILE), *[HOSTILE] * 7)
    found = measured(errors=(error_row(HOSTILE),), items=items, standards=(standard,), meter_serial=HOSTILE)
    return replace(made, meter=meter, measured=found)


EVERY = {
    "verification": certificate(),
    "rejection": rejection(),
    "calibration": calibration(),
    "draft": draft(),
    "reissue": certificate(replaces="DN-2026-000001"),
    "one_point": many_points(1),
    "thirty_points": many_points(30),
    "hostile": hostile(),
}
