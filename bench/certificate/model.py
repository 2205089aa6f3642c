"""What a certificate says: the one document model. PDF, XML, label and exports are made of it and know nothing else.

Where its fields come from: ISO/IEC 17025:2017, 7.8.2 (all reports), 7.8.4 (calibration), 7.8.6 (statements of
conformity), and the inner page of a Chinese verification certificate. A measured figure is text with the decimals
that are printed: what stands in the PDF stands in the XML, to the digit. Days are YYYY-MM-DD.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calibration.quantities import BudgetRow, Finding, Outcome


class CertificateKind(StrEnum):
    VERIFICATION = "verification"
    """检定证书, verification certificate: every item passed."""
    REJECTION = "rejection"
    """检定结果通知书, rejection notice: it names the items that failed."""
    CALIBRATION = "calibration"
    """校准证书, calibration certificate: errors with their uncertainty, no verdict."""


class Mark(StrEnum):
    """What is printed across every page and stands in the XML, because it is so; nobody can take it off."""

    DRAFT = "draft"
    SIMULATED = "simulated"
    INFORMATIVE = "informative"
    PROVISIONAL_RULES = "provisional_rules"
    UNOFFICIAL_KEY = "unofficial_key"


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in Chinese and English; where only one was given, both are it."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class LaboratoryFacts:
    """The letterhead: who issues, as the laboratory has configured it."""

    name: Bilingual
    address: Bilingual
    contact: str
    authorisation: str
    """Number of the authorisation to verify (计量授权证书号); "" where there is none."""
    accreditation: str
    logo: bytes
    """Of a PNG or SVG file; b"" without one."""
    fingerprints_published_at: str
    """Where anybody finds the fingerprints of the laboratory's keys, beside the certificate itself."""


@dataclass(frozen=True, slots=True)
class Customer:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """The item: nameplate, and what the laboratory saw of it when it was received."""

    description: Bilingual
    manufacturer: str
    model: str
    serial: str
    accuracy_class: str
    meter_constant: str
    """With its unit, such as "1200 imp/kWh"."""
    voltage: str
    current: str
    """As a nameplate writes them: "220 V", "10(60) A"."""
    connection: Bilingual
    condition: str
    """As received: seals, damage; "" where nothing was remarked."""


@dataclass(frozen=True, slots=True)
class StandardFacts:
    """A measuring standard that the results are traceable to, as its card was when the run started."""

    name: Bilingual
    model: str
    serial: str
    range: str
    accuracy: str
    """Class, or expanded uncertainty with its coverage factor."""
    certificate: str
    body: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A result in per cent at one load point: the mean of its runs, with its expanded uncertainty.

    error_pct and expanded_uncertainty_pct have the same decimals, so that U has two significant digits (ILAC-P14).
    """

    item: str
    load_point: str
    voltage_V: str
    current_A: str
    power_factor: str
    runs_pct: tuple[str, ...]
    error_pct: str
    rounded_pct: str | None
    """By the rounding rule of the regulation; None where the rule set rounds nothing."""
    expanded_uncertainty_pct: str
    coverage_factor: str
    coverage_probability: str
    """As a number, such as 0.9545."""
    mpe_pct: str | None
    outcome: Outcome
    conditional: bool
    probability_of_conformity: str | None
    budget: tuple[BudgetRow, ...]
    decision_rule: str = ""
    """That this row was judged by, which a declared early look changes to `sequential`; "" where nothing was judged."""
    reasons: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item with one outcome: visual inspection, no load, starting, constant, clock, ...

    figures: what was found, by the names of `bench/methods/`, as they are printed.
    """

    item: str
    load_point: str
    outcome: Outcome
    figures: tuple[tuple[str, str], ...]
    reasons: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Means over the run, with their range; "" where nobody measured or typed them."""

    temperature_C: str
    temperature_range_C: str
    humidity_pct: str
    humidity_range_pct: str


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """By which standard and which decision rule; `title` as the rule set's file has it."""

    name: str
    standard: str
    title: str
    edition: str
    sha256: str
    decision_rule: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What the journal says of one meter: everything here can be recomputed from the bundle of the run."""

    run_id: str
    position: str
    meter_serial: str
    bench_id: str
    software: str
    """Version; XML names it with a leading "v"."""
    performed_on: str
    performed_until: str
    errors: tuple[ErrorRow, ...]
    items: tuple[ItemRow, ...]
    verdict: Outcome
    standards: tuple[StandardFacts, ...]
    conditions: Conditions
    rules: RuleFacts
    is_simulated: bool
    not_official_because: tuple[Finding, ...]
    verifier: str
    """Id of the person who verified."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What ties the certificate to the journal: the checkpoint at the end of its run, the fingerprint of its key."""

    tree_size: int
    root_sha256: str
    key_fingerprint: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who has signed, and when; the name as the registry has it."""

    role: str
    """verifier, checker or approver."""
    person: str
    name: Bilingual
    day: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The whole document. number is "" in a draft; replaces: number of the one that this corrects, or ""."""

    kind: CertificateKind
    number: str
    replaces: str
    marks: tuple[Mark, ...]
    laboratory: LaboratoryFacts
    customer: Customer
    meter: MeterFacts
    place: Bilingual
    received_on: str
    issued_on: str
    valid_until: str
    """Last day of the verification; "" where none is stated (rejection, calibration)."""
    deviations: str
    """Additions to, deviations from or exclusions of the method (7.8.2.1 n); "" for none."""
    measured: Measured
    anchor: Anchor
    signatories: tuple[Signatory, ...]

    @property
    def failed_items(self) -> tuple[str, ...]:
        """Items with a FAIL, each once, in their order."""
        rows: tuple[ItemRow | ErrorRow, ...] = (*self.measured.items, *self.measured.errors)
        failed = [row.item for row in rows if row.outcome is Outcome.FAIL]
        return tuple(dict.fromkeys(failed))
