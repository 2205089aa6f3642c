"""Certificates to look at and to test: every kind, few and many load points, everything filled in or nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.certificate.marks import as_draft, marks_of
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
    Measured,
    MeterFacts,
    RuleFacts,
    Signatory,
    StandardFacts,
)
from bench.keys.fingerprint import fingerprint
from calibration.quantities import BudgetRow, Finding, Outcome
from calibration.reasons import Reason

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""Of these samples alone."""
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="46" fill="none"
stroke="#123a63" stroke-width="5"/><path d="M20 62 L40 34 L52 54 L64 26 L82 62" fill="none" stroke="#123a63"
stroke-width="6"/><path d="M18 76 H82" stroke="#b3261e" stroke-width="5"/></svg>"""
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<dcc>检定 </dcc>\n'.encode()
HOSTILE = (
    '#panic("x") *bold* _it_ $x^2$ #image("/etc/passwd") `raw` <label> @ref \\ "quoted" [a](b) {"json": 1}'
)

LABORATORY = LaboratoryFacts(
    Bilingual("示例市电能计量检定中心", "Example City Centre for Verification of Electricity Meters"),
    Bilingual("示例市测试路 1 号", "1 Test Road, Example City"),
    "+86 000 0000 0000 · lab@example.org",
    "(示) 法计 (2026) 00001 号",
    "CNAS L00000",
    LOGO,
    "https://lab.example.org/keys",
)
METER = MeterFacts(
    Bilingual("交流有功电能表", "Electricity meter for active energy"),
    "示例电表有限公司 Example Meters Ltd",
    "DDS1234",
    "2026-000123456",
    "1",
    "1200 imp/kWh",
    "220 V",
    "10(60) A",
    Bilingual("单相, 直接接入式", "single-phase, two-wire, direct connected"),
    "封印完好, 外壳无损 / seals intact, housing undamaged",
)
STANDARD = StandardFacts(
    Bilingual("标准电能表", "reference standard meter"),
    "RS-3000",
    "7001",
    "3 × (30 … 300) V, (0.01 … 100) A",
    "U = 0.01 % … 0.02 % (k = 2)",
    "DLbn2026-01234",
    "国家高电压计量站 / National Centre",
    "2027-05-31",
)
THERMOMETER = StandardFacts(
    Bilingual("温湿度计", "thermometer and hygrometer"),
    "SHT35",
    "T-17",
    "−10 … 50 °C",
    "",
    "RG2026-77",
    "省院",
    "2027-01-31",
)
BUDGET = (
    BudgetRow("reference_calibration", 0.02, "normal", 2.0, 1.0, float("inf"), True),
    BudgetRow("reference_drift", 0.01, "rectangular", 1.7320508, 1.0, float("inf"), True),
    BudgetRow("alignment_refresh_clock", 0.0182, "normal", 1.0, 1.0, float("inf")),
    BudgetRow("pulse_timing", 0.0101, "normal", 1.0, 1.0, float("inf")),
    BudgetRow("repeatability", 0.012, "normal", 1.4142136, 1.0, 9.0),
)
FEW = (("Imax", "60", "1.0"), ("Ib", "10", "1.0"), ("Ib", "10", "0.5L"), ("0.1Ib", "1", "1.0"))
_CURRENTS = (("Imax", "60"), ("0.5Imax", "30"), ("2Ib", "20"), ("Ib", "10"), ("0.5Ib", "5"), ("0.2Ib", "2"),
             ("0.1Ib", "1"), ("0.05Ib", "0.5"))  # fmt: skip
MANY = tuple(
    (name, amperes, factor) for factor in ("1.0", "0.5L", "0.8C") for name, amperes in _CURRENTS
) + tuple(
    (name, amperes, f"1.0 {phase}") for phase in "ABC" for name, amperes in (("Imax", "60"), ("Ib", "10"))
)


def error_row(name: str, amperes: str, factor: str, index: int = 0, **changed: object) -> ErrorRow:
    """A row that is right in itself; its figures move with index."""
    error = 0.12 + 0.03 * (index % 7) - 0.05 * (index % 3)
    row = ErrorRow(
        "basic_error",
        f"{name} {factor}",
        "220",
        amperes,
        factor.split()[0],
        (f"{error - 0.012:+.3f}", f"{error + 0.012:+.3f}"),
        f"{error:+.3f}",
        f"{round(error, 1):+.1f}",
        f"{0.046 + 0.004 * (index % 5):.3f}",
        "2.00",
        "0.9545",
        "1.0" if factor.startswith("1.0") else "1.5",
        Outcome.PASS,
        False,
        "0.9999",
        BUDGET,
        "regulation",
    )
    return dataclasses.replace(row, **changed)  # type: ignore[arg-type]


ITEMS = (
    ItemRow(
        "visual",
        "",
        Outcome.PASS,
        (("nameplate", "ok"), ("seals", "ok"), ("housing", "ok"), ("display", "ok"), ("terminals", "ok")),
        (),
    ),
    ItemRow(
        "no_load",
        "",
        Outcome.PASS,
        (
            ("pulses", "0"),
            ("allowed_pulses", "1"),
            ("watched_s", "2277.3"),
            ("duration_s", "2272.7"),
            ("test_voltage_V", "253"),
        ),
        (),
    ),
    ItemRow(
        "starting",
        "0.004Ib 1.0",
        Outcome.PASS,
        (
            ("starting_current_A", "0.04"),
            ("pulses", "2"),
            ("needed_pulses", "2"),
            ("limit_s", "409.1"),
            ("waits_s", "338.7, 339.2"),
        ),
        (),
    ),
    ItemRow(
        "meter_constant",
        "Imax 1.0",
        Outcome.PASS,
        (
            ("register_kWh", "0.1003"),
            ("pulses_kWh", "0.10033"),
            ("reference_kWh", "0.10000"),
            ("register_error_pct", "+0.30"),
            ("pulses_error_pct", "+0.33"),
            ("expanded_uncertainty_pct", "0.12"),
        ),
        (),
    ),
    ItemRow(
        "clock",
        "",
        Outcome.PASS,
        (
            ("error_s_per_day", "-0.104"),
            ("rounded_s_per_day", "-0.10"),
            ("limit_s_per_day", "0.5"),
            ("expanded_uncertainty_s_per_day", "0.011"),
            ("windows", "5"),
        ),
        (),
    ),
)

MEASURED = Measured(
    "run-000017",
    "3",
    METER.serial,
    "bench-1",
    "0.1.0",
    "2026-11-24",
    "2026-11-25",
    tuple(error_row(*load, index) for index, load in enumerate(FEW)),
    ITEMS,
    Outcome.PASS,
    (STANDARD, THERMOMETER),
    Conditions("23.1", "22.8 … 23.4", "48", "46 … 51"),
    RuleFacts(
        "jjg596-2012",
        "JJG 596-2012",
        "Verification Regulation of Electrical Meters for Measuring Alternating-current Electrical Energy",
        "2012",
        "f8f3e7cf1584993b274a30c01605be31feb69db5e5ee0a22398a783259ed6fc2",
        "regulation",
        False,
    ),
    False,
    (),
    "li-ming",
)
ANCHOR = Anchor(
    4217,
    "7ffa5e1180cdb1e362afc2bcd6dc7de3c6cf90d6fa03c288cdd7900e35fbe059",
    fingerprint(PUBLIC),
)
SIGNATORIES = (
    Signatory("verifier", "li-ming", Bilingual("李明", "Li Ming"), "2026-11-25"),
    Signatory("checker", "wang-fang", Bilingual("王芳", "Wang Fang"), "2026-11-26"),
    Signatory("approver", "zhang-wei", Bilingual("张伟", "Zhang Wei"), "2026-11-26"),
)


def certificate(**changed: object) -> Certificate:
    """A verification certificate with everything in it and no mark; marks: by its facts, unless given."""
    made = Certificate(
        CertificateKind.VERIFICATION,
        "DN-2026-00017",
        "",
        (),
        LABORATORY,
        Customer("示例小区业主委员会 Example Residents' Committee", "示例市居民路 8 号, +86 000 0000"),
        METER,
        Bilingual("本实验室电能检定室", "the laboratory's meter room"),
        "2026-11-23",
        "2026-11-26",
        "2034-11-25",
        "",
        MEASURED,
        ANCHOR,
        SIGNATORIES,
    )
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


def passed() -> Certificate:
    return certificate()


def rejected() -> Certificate:
    beyond = error_row("Ib", "10", "1.0", error_pct="+1.342", runs_pct=("+1.330", "+1.354"), rounded_pct="+1.3",
                       outcome=Outcome.FAIL, probability_of_conformity="0.0000")  # fmt: skip
    creeps = ItemRow(
        "no_load",
        "",
        Outcome.FAIL,
        (("pulses", "3"), ("allowed_pulses", "1"), ("watched_s", "811.0")),
        (Finding(Reason.CREEPS, {"pulses": "3", "allowed": "1", "watched": "811.0", "duration": "2272.7"}),),
    )
    items = tuple(creeps if row.item == "no_load" else row for row in ITEMS)
    found = dataclasses.replace(
        MEASURED, errors=(MEASURED.errors[0], beyond, *MEASURED.errors[2:]), items=items, verdict=Outcome.FAIL
    )
    return certificate(kind=CertificateKind.REJECTION, valid_until="", measured=found, number="DN-2026-00018")


def calibrated() -> Certificate:
    return certificate(kind=CertificateKind.CALIBRATION, valid_until="", number="DN-2026-00019")


def simulated_draft() -> Certificate:
    """Of the demonstration: every mark but none of the laboratory's facts."""
    because = (
        Finding(Reason.RULES_PROVISIONAL, {"name": "jjg596-2012"}),
        Finding(Reason.VERIFIER_UNKNOWN),
        Finding(Reason.EQUIPMENT_NOT_REGISTERED),
        Finding(Reason.OTHER_DECISION_RULE, {"decision_rule": "simple", "needed": "regulation"}),
    )
    found = dataclasses.replace(
        MEASURED,
        is_simulated=True,
        not_official_because=because,
        rules=dataclasses.replace(MEASURED.rules, provisional=True, decision_rule="simple"),
        standards=(dataclasses.replace(STANDARD, range="", certificate="", body="", valid_until=""),),
        conditions=Conditions("", "", "", ""),
        verifier="",
    )
    nobody = Bilingual("", "")
    drafted = certificate(
        number="",
        marks=marks_of(found, keys_are_official=False),
        measured=found,
        laboratory=LaboratoryFacts(nobody, nobody, "", "", "", b"", ""),
        customer=Customer("", ""),
        meter=dataclasses.replace(METER, manufacturer="", condition=""),
        place=nobody,
        received_on="",
        issued_on="",
        valid_until="",
        signatories=(),
    )
    return as_draft(drafted)


def one_point() -> Certificate:
    return certificate(measured=dataclasses.replace(MEASURED, errors=MEASURED.errors[:1]))


def many_points() -> Certificate:
    rows = tuple(error_row(*load, index) for index, load in enumerate(MANY))
    return certificate(measured=dataclasses.replace(MEASURED, errors=rows), replaces="DN-2026-00009")


def many_items() -> Certificate:
    return certificate(measured=dataclasses.replace(MEASURED, items=ITEMS * 4))


def hostile() -> Certificate:
    """Markup, no place to break, far too long, controls that turn the text."""
    name, long = HOSTILE + "\u202eevil\x07", "W" * 300
    return certificate(
        customer=Customer(name, f"{HOSTILE} {long}"),
        meter=dataclasses.replace(
            METER, serial="S" * 64, model=HOSTILE, manufacturer="有限公司" * 40, condition=HOSTILE
        ),
        laboratory=dataclasses.replace(
            LABORATORY, name=Bilingual("示例市电能计量检定中心" * 4, "Example Centre " * 12)
        ),
        deviations=HOSTILE,
        signatories=(Signatory("verifier", "x", Bilingual("欧阳" * 12, "Ouyang " * 8), "2026-11-25"),),
    )


ALL: dict[str, Callable[[], Certificate]] = {
    made.__name__: made
    for made in (passed, rejected, calibrated, simulated_draft, one_point, many_points, many_items, hostile)
}
