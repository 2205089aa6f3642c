"""Equipment cards: what the laboratory measures with, who looks after it, what its certificate says, its state.

A card is changed by writing its next version; every version stays. Its state follows from the day and from whether
somebody has set it aside: nothing has to be switched when a certificate ends. A card may be changed by its custodian,
its maintainer and an administrator; who they are is said by an administrator.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.canonical import canonical_bytes
from bench.configuration.config import Config
from bench.configuration.reference import CERTIFICATE_SETTINGS, CardSection, CorrectionSection
from bench.configuration.toml_reader import load_toml, read_table, setting
from bench.dates import day_of, days_between, require_day
from bench.errors import OperatorError
from bench.records.frozen import from_json, to_json
from bench.registry import trail
from bench.registry.persons import Act, known, require
from bench.registry.store import writing
from bench.registry.texts import require_text
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


@dataclass(frozen=True, slots=True)
class Maintenance:
    """An entry of the maintenance log. day: of the work; by: id of who entered it."""

    day: str
    what: str
    by: str


# --- reading


def all_cards(database: sqlite3.Connection) -> dict[str, Card]:
    """The newest version of each, by id, in the order of registration."""
    rows = database.execute("SELECT card, body FROM equipment_version ORDER BY number")
    return {row["card"]: from_json(Card, json.loads(row["body"])) for row in rows}


def versions(database: sqlite3.Connection, card_id: str) -> list[Card]:
    """All versions of a card, oldest first."""
    rows = database.execute("SELECT body FROM equipment_version WHERE card = ? ORDER BY version", (card_id,))
    return [from_json(Card, json.loads(row["body"])) for row in rows]


def card_named(database: sqlite3.Connection, card_id: str) -> Card:
    """Errors: OperatorError where there is none."""
    cards = all_cards(database)
    if card_id not in cards:
        raise OperatorError(
            f"there is no equipment card {card_id[:40]!r}; registered are {', '.join(cards) or 'none'}; "
            "bench admin equipment add CARD.toml registers one"
        )
    return cards[card_id]


def maintenance_of(database: sqlite3.Connection, card_id: str) -> list[Maintenance]:
    rows = database.execute(
        "SELECT day, what, by FROM maintenance WHERE card = ? ORDER BY number", (card_id,)
    )
    return [Maintenance(**row) for row in rows]


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
    said = {} if card.certificate is None else _shallow(card.certificate)
    said |= {"model": card.model, "serial": card.serial, "accuracy_class_pct": card.accuracy_class_pct}
    return {name: value for name, value in said.items() if name in CERTIFICATE_SETTINGS}


def _shallow(read: Certificate | CardFile) -> dict[str, Any]:
    return {spec.name: getattr(read, spec.name) for spec in dataclasses.fields(read)}


# --- files


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
    figures = {n: v for n, v in _shallow(found).items() if n in CERTIFICATE_SETTINGS}
    bare = CardSection(energy_step_Wh=1.0, refresh_s=1.0, power_step_W=1.0, accuracy_class_pct=1.0)
    try:
        dataclasses.replace(bare, **figures).as_card()
    except OperatorError as error:
        raise OperatorError(f"{where}: {str(error).removeprefix('[reference.card]: ')}") from error
    return dataclasses.replace(found, **texts)


# --- changing


def add(state_dir: Path, by: str, file: CardFile, now: str) -> Card:
    """Register equipment; by: id of an administrator."""
    with writing(state_dir, now) as database:
        require(database, by, Act.EQUIPMENT)
        if file.id in all_cards(database):
            raise OperatorError(f"there is a card {file.id} already; bench admin equipment edit changes it")
        return _written(database, by, None, _of_file(database, file, None), now)


def edit(state_dir: Path, by: str, file: CardFile, now: str) -> Card:
    """What the file says instead; certificate and state stay."""
    with writing(state_dir, now) as database:
        old = _changeable(database, by, file.id)
        new = _of_file(database, file, old)
        if new.kind is not old.kind:
            raise OperatorError(
                f"{old.id} is a {old.kind} and stays one; add a card of its own for a {new.kind}"
            )
        if (new.custodian, new.maintainer) != (old.custodian, old.maintainer):
            require(database, by, Act.EQUIPMENT)
        if old.kind is CardKind.CHECK_METER and _charted(old) != _charted(new):
            require(database, by, Act.DAILY_CHECK)
        return _written(database, by, old, new, now)


def _charted(card: Card) -> tuple[object, ...]:
    """What decides which results come onto which chart."""
    return card.serial, card.load_points


def certify(state_dir: Path, by: str, card_id: str, certificate: Certificate, now: str) -> Card:
    """A new certificate in the place of the old one, which stays in the earlier versions.

    Errors: OperatorError for one of a day to come: nobody has calibrated anything then.
    """
    if certificate.day > day_of(now):
        raise OperatorError(
            f"the day of the certificate, {certificate.day}, is yet to come; see whether it is right"
        )
    return _replaced(state_dir, by, card_id, now, certificate=certificate)


def set_aside(state_dir: Path, by: str, card_id: str, state: CardState, why: str, now: str) -> Card:
    """Withdraw it, or give it away for repair, from today on. state: WITHDRAWN or UNDER_REPAIR."""
    why = require_text(why, "the reason")
    return _replaced(
        state_dir, by, card_id, now, set_aside=state, set_aside_on=day_of(now), set_aside_why=why
    )


def take_back(state_dir: Path, by: str, card_id: str, now: str) -> Card:
    """Use it again. Errors: OperatorError where it was not set aside."""
    return _replaced(
        state_dir, by, card_id, now, set_aside=CardState.IN_USE, set_aside_on="", set_aside_why=""
    )


def maintain(state_dir: Path, by: str, card_id: str, day: str, what: str, now: str) -> Maintenance:
    """Enter work that was done on a day (YYYY-MM-DD) into the maintenance log."""
    require_day(day, "day")
    entry = Maintenance(day, require_text(what, "what was done"), by)
    with writing(state_dir, now) as database:
        card = _changeable(database, by, card_id)
        database.execute(
            "INSERT INTO maintenance (card, day, what, by, wall_time) VALUES (?, ?, ?, ?, ?)",
            (card.id, entry.day, entry.what, by, now),
        )
        trail.add(database, now, by, "maintained", card.id, None, {"day": entry.day, "what": entry.what})
    return entry


def _replaced(state_dir: Path, by: str, card_id: str, now: str, **changes: object) -> Card:
    with writing(state_dir, now) as database:
        old = _changeable(database, by, card_id)
        new = dataclasses.replace(old, **changes)  # type: ignore[arg-type]
        if new == old:
            raise OperatorError(f"{old.id} is so already; nothing was changed")
        return _written(database, by, old, new, now)


def _changeable(database: sqlite3.Connection, by: str, card_id: str) -> Card:
    """Errors: OperatorError where there is no such card, or this person may not change it."""
    card = card_named(database, card_id)
    if by not in (card.custodian, card.maintainer) or not known(database, by).is_active:
        require(database, by, Act.EQUIPMENT)
    return card


def _of_file(database: sqlite3.Connection, file: CardFile, old: Card | None) -> Card:
    """With persons by their ids. Errors: OperatorError for persons that are not there."""
    said = _shallow(file)
    for name in ("custodian", "maintainer"):
        person = known(database, said[name])
        if not person.is_active and (old is None or getattr(old, name) != person.id):
            raise OperatorError(f"{name} {person.id} has left; name somebody who is here")
        said[name] = person.id
    return Card(version=1, **said) if old is None else dataclasses.replace(old, **said)


def _written(database: sqlite3.Connection, by: str, old: Card | None, new: Card, now: str) -> Card:
    new = dataclasses.replace(new, version=1 if old is None else old.version + 1)
    database.execute(
        "INSERT INTO equipment_version (card, version, body, by, wall_time) VALUES (?, ?, ?, ?, ?)",
        (new.id, new.version, canonical_bytes(to_json(new)), by, now),
    )
    what = "equipment_added" if old is None else "equipment_changed"
    trail.add(database, now, by, what, new.id, None if old is None else to_json(old), to_json(new))
    return new
