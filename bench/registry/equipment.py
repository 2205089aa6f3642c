"""Equipment in the registry: the cards of what the laboratory measures with, who may change them, the maintenance log.

A card is changed by writing its next version; every version stays. A card may be changed by its custodian, its
maintainer and an administrator; who they are is said by an administrator.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from bench.canonical import canonical_bytes
from bench.dates import day_of, require_day
from bench.errors import OperatorError
from bench.records.frozen import from_json, to_json
from bench.registry import trail
from bench.registry.cards import Card, CardFile, CardKind, CardState, Certificate, said_by
from bench.registry.persons import Act, known, require
from bench.registry.store import Registry, writing
from bench.registry.texts import require_text


@dataclass(frozen=True, slots=True)
class Maintenance:
    """An entry of the maintenance log. day: of the work; by: id of who entered it."""

    day: str
    what: str
    by: str


# --- reading


def all_cards(database: Registry) -> dict[str, Card]:
    """The newest version of each, by id, in the order of registration."""
    rows = database.execute("SELECT card, body FROM equipment_version ORDER BY number")
    return {row["card"]: from_json(Card, json.loads(row["body"])) for row in rows}


def versions(database: Registry, card_id: str) -> list[Card]:
    """All versions of a card, oldest first."""
    rows = database.execute("SELECT body FROM equipment_version WHERE card = ? ORDER BY version", (card_id,))
    return [from_json(Card, json.loads(row["body"])) for row in rows]


def card_named(database: Registry, card_id: str) -> Card:
    """Errors: OperatorError where there is none."""
    cards = all_cards(database)
    if card_id not in cards:
        raise OperatorError(
            f"there is no equipment card {card_id[:40]!r}; registered are {', '.join(cards) or 'none'}; "
            "bench admin equipment add CARD.toml registers one"
        )
    return cards[card_id]


def maintenance_of(database: Registry, card_id: str) -> list[Maintenance]:
    rows = database.execute(
        "SELECT day, what, by FROM maintenance WHERE card = ? ORDER BY number", (card_id,)
    )
    return [Maintenance(**row) for row in rows]


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


def _changeable(database: Registry, by: str, card_id: str) -> Card:
    """Errors: OperatorError where there is no such card, or this person may not change it."""
    card = card_named(database, card_id)
    if by not in (card.custodian, card.maintainer) or not known(database, by).is_active:
        require(database, by, Act.EQUIPMENT)
    return card


def _of_file(database: Registry, file: CardFile, old: Card | None) -> Card:
    """With persons by their ids. Errors: OperatorError for persons that are not there."""
    said = said_by(file)
    for name in ("custodian", "maintainer"):
        person = known(database, said[name])
        if not person.is_active and (old is None or getattr(old, name) != person.id):
            raise OperatorError(f"{name} {person.id} has left; name somebody who is here")
        said[name] = person.id
    return Card(version=1, **said) if old is None else dataclasses.replace(old, **said)


def _written(database: Registry, by: str, old: Card | None, new: Card, now: str) -> Card:
    new = dataclasses.replace(new, version=1 if old is None else old.version + 1)
    database.execute(
        "INSERT INTO equipment_version (card, version, body, by, wall_time) VALUES (?, ?, ?, ?, ?)",
        (new.id, new.version, canonical_bytes(to_json(new)), by, now),
    )
    what = "equipment_added" if old is None else "equipment_changed"
    trail.add(database, now, by, what, new.id, None if old is None else to_json(old), to_json(new))
    return new
