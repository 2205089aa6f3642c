"""An equipment card: what the laboratory says of a measuring instrument, with its certificate and its state.

Its state follows from the day and from whether somebody has set it aside: nothing has to be switched when a certificate
ends. Cards and certificates are written as TOML files; the registry keeps them (`equipment.py`).
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.configuration.config import Config
from bench.configuration.reference import CERTIFICATE_SETTINGS, CardSection, CorrectionSection
from bench.dates import days_between, require_day
from bench.errors import OperatorError
from bench.registry.texts import require_text
from bench.toml_reader import load_toml, read_table, setting
from calibration.quantities import Finding
from calibration.reasons import Reason

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class CardKind(StrEnum):
    REFERENCE_STANDARD = "reference_standard"
    SOURCE = "source"
    THERMOMETER = "thermometer"
    CLOCK = "clock"
    CHECK_METER = "check_meter"
    BENCH = "bench"


class CardState(StrEnum):
    IN_USE = "in_use"
    DUE_SOON = "due_soon"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    UNDER_REPAIR = "under_repair"


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. The figures of a reference standard have the names of [reference.card]."""

    certificate: str = setting("number of the certificate")
    body: str = setting("who issued it")
    day: str = setting("day of the calibration, YYYY-MM-DD")
    valid_until: str = setting("its last day, YYYY-MM-DD")
    indication_error_pct: float = setting("error of indication", 0.0, low=-5, high=5)
    calibration_U_pct: float = setting("expanded uncertainty of the calibration", 0.0, low=0)
    coverage_factor: float = setting("coverage factor k of the uncertainties", 2.0, low=1, high=5)
    drift_pct: float = setting("drift since calibration, half width", 0.0, low=0)
    stability_pct: float = setting("stability, half width", 0.0, low=0)
    certificate_temperature_C: float = setting("temperature at which it holds", 23.0, low=-40, high=80)
    temperature_coefficient_pct_per_K: float = setting("change a kelvin", 0.0, low=0, high=1)
    certificate_voltage_V: float = setting("voltage at which it holds; 0: any", 0.0, low=0)
    voltage_coefficient_pct_per_V: float = setting("change a volt", 0.0, low=0, high=1)
    corrections: tuple[CorrectionSection, ...] = setting("the certificate's table by load point", ())


@dataclass(frozen=True)
class CardFile:
    """The TOML file of a card, without its certificate."""

    kind: CardKind = dataclasses.field(metadata={"doc": "what it is"})
    id: str = setting("id of the card, such as RS-1")
    model: str = setting("model")
    serial: str = setting("serial number")
    custodian: str = setting("who keeps it: id or name of a person")
    maintainer: str = setting("who uses and maintains it: id or name of a person")
    accuracy_class_pct: float | None = setting("accuracy class in per cent", None, low=0.001, high=10)
    range: str = setting("its range, in words", "")
    load_points: tuple[str, ...] = setting("check meter: load points of the daily check", ())


@dataclass(frozen=True)
class Card:
    """One version of a card. custodian, maintainer: ids of persons.

    set_aside: IN_USE, WITHDRAWN or UNDER_REPAIR; since when and why, where it is not IN_USE.
    """

    id: str
    version: int
    kind: CardKind
    model: str
    serial: str
    custodian: str
    maintainer: str
    accuracy_class_pct: float | None = None
    range: str = ""
    load_points: tuple[str, ...] = ()
    certificate: Certificate | None = None
    set_aside: CardState = CardState.IN_USE
    set_aside_on: str = ""
    set_aside_why: str = ""

    def state(self, today: str, due_soon_days: int) -> CardState:
        """today: YYYY-MM-DD. due_soon_days: so many days before its last day a certificate is due."""
        if self.set_aside is not CardState.IN_USE or self.certificate is None:
            return self.set_aside
        left = days_between(today, self.certificate.valid_until)
        if left < 0:
            return CardState.EXPIRED
        return CardState.DUE_SOON if left <= due_soon_days else CardState.IN_USE

    def why_not_usable(self, today: str) -> Finding | None:
        """What keeps a result that rests on it from being official on this day."""
        match self.state(today, 0):
            case CardState.WITHDRAWN:
                return Finding(Reason.EQUIPMENT_WITHDRAWN, {"card": self.id, "day": self.set_aside_on})
            case CardState.UNDER_REPAIR:
                return Finding(Reason.EQUIPMENT_UNDER_REPAIR, {"card": self.id, "day": self.set_aside_on})
            case CardState.EXPIRED:
                day = "" if self.certificate is None else self.certificate.valid_until
                return Finding(Reason.EQUIPMENT_EXPIRED, {"card": self.id, "day": day})
        if self.kind is CardKind.REFERENCE_STANDARD and self.certificate is None:
            return Finding(Reason.EQUIPMENT_NOT_CERTIFIED, {"card": self.id})
        return None


def with_card(config: Config, card: Card) -> Config:
    """The configuration with what the card of its reference standard says in [reference.card].

    Errors: OperatorError for a card of something else, or one that contradicts itself.
    """
    if card.kind is not CardKind.REFERENCE_STANDARD or card.accuracy_class_pct is None:
        raise OperatorError(
            f"[reference] card_id = {card.id!r}: that is a {card.kind}; give the card of the reference standard"
        )
    section = dataclasses.replace(config.reference.card, **figures_of(card))
    section.as_card()
    return dataclasses.replace(config, reference=dataclasses.replace(config.reference, card=section))


def figures_of(card: Card) -> dict[str, Any]:
    """What a reference standard's card says of the settings of [reference.card]."""
    said = {} if card.certificate is None else said_by(card.certificate)
    said |= {"model": card.model, "serial": card.serial, "accuracy_class_pct": card.accuracy_class_pct}
    return {name: value for name, value in said.items() if name in CERTIFICATE_SETTINGS}


def said_by(read: Certificate | CardFile) -> dict[str, Any]:
    """Its fields by their names, as they are."""
    return {spec.name: getattr(read, spec.name) for spec in dataclasses.fields(read)}


def read_card_file(path: Path) -> CardFile:
    """Errors: OperatorError, one line, for what is no card."""
    where = str(path)
    found = read_table(CardFile, load_toml(path), where)
    if not _ID.fullmatch(found.id):
        raise OperatorError(f"{where}: id {found.id[:40]!r}: it is 1 to 40 letters, digits, '_', '-' or '.'")
    if found.kind is CardKind.REFERENCE_STANDARD and found.accuracy_class_pct is None:
        raise OperatorError(f"{where}: a reference standard needs accuracy_class_pct")
    if (found.kind is CardKind.CHECK_METER) != bool(found.load_points):
        raise OperatorError(f"{where}: load_points are for a check meter, and a check meter needs them")
    texts: dict[str, Any] = {
        name: require_text(getattr(found, name), f"{where}: {name}")
        for name in ("model", "serial", "range")
        if getattr(found, name) or name != "range"
    }
    return dataclasses.replace(found, **texts)


def read_certificate_file(path: Path) -> Certificate:
    """Errors: OperatorError, one line, for what is no certificate."""
    where = str(path)
    found = read_table(Certificate, load_toml(path), where)
    for name in ("day", "valid_until"):
        require_day(getattr(found, name), f"{where}: {name}")
    if found.valid_until < found.day:
        raise OperatorError(f"{where}: valid_until is before day")
    texts: dict[str, Any] = {
        name: require_text(getattr(found, name), f"{where}: {name}") for name in ("certificate", "body")
    }
    figures = {n: v for n, v in said_by(found).items() if n in CERTIFICATE_SETTINGS}
    bare = CardSection(energy_step_Wh=1.0, refresh_s=1.0, power_step_W=1.0, accuracy_class_pct=1.0)
    try:
        dataclasses.replace(bare, **figures).as_card()
    except OperatorError as error:
        raise OperatorError(f"{where}: {str(error).removeprefix('[reference.card]: ')}") from error
    return dataclasses.replace(found, **texts)
