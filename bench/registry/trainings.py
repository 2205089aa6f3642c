"""Trainings of the persons of the registry: in what, by whom, with which practical result, and until when it counts.

An entry is never changed: what was wrong in it is corrected by a newer one, which names it and stands in its place.
Who held it is a maker of meters or another body, never a person's name: what is entered here stays for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.canonical import JsonObject
from bench.dates import day_of, require_day
from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.persons import Act, known, require
from bench.registry.store import Registry, Row, writing
from bench.registry.texts import require_text


@dataclass(frozen=True, slots=True)
class Held:
    """What is entered of a training. held_by: a maker of meters (is_maker) or another body. result: of the practical
    part, in words. Days YYYY-MM-DD; valid_until is the last one, "" where it does not expire."""

    subject: str
    held_by: str
    is_maker: bool
    held_on: str
    result: str
    is_passed: bool
    valid_until: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """corrects: number of the entry in whose place it stands, None for none. entered_by: id."""

    number: int
    person: str
    held: Held
    corrects: int | None
    entered_by: str
    wall_time: str

    def counts_on(self, day: str) -> bool:
        """Whether something can rest on it then."""
        return self.held.is_passed and (not self.held.valid_until or day <= self.held.valid_until)


def add(state_dir: Path, by: str, named: str, held: Held, now: str) -> Training:
    """by: id of the administrator who enters it. Errors: OperatorError."""
    held = _checked(held, now)
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        person = known(database, named)
        if not person.is_active:
            raise OperatorError(f"{person.id} has left; let him return first (bench admin person return)")
        return _entered(database, by, person.id, held, None, now)


def correct(state_dir: Path, by: str, number: int, held: Held, now: str) -> Training:
    """Enter it anew, of the same person, in the place of an entry that was wrong. Errors: OperatorError."""
    held = _checked(held, now)
    with writing(state_dir, now) as database:
        require(database, by, Act.PERSONS)
        return _entered(database, by, standing_at(database, number).person, held, number, now)


def all_trainings(database: Registry) -> list[Training]:
    """In the order in which they were entered; those that were corrected, too."""
    return [_training(row) for row in database.execute("SELECT * FROM training ORDER BY number")]


def standing(database: Registry) -> dict[int, Training]:
    """By every number that was ever given, the entry that stands in its place now."""
    every = {training.number: training for training in all_trainings(database)}
    newer = {each.corrects: each for each in every.values() if each.corrects is not None}
    return {number: _newest(training, newer) for number, training in every.items()}


def current(database: Registry) -> list[Training]:
    """Those in whose place no newer one stands."""
    return list({training.number: training for training in standing(database).values()}.values())


def standing_at(database: Registry, number: int) -> Training:
    """Errors: OperatorError where there is none of this number, or a newer one stands in its place."""
    found = standing(database).get(number)
    if found is None:
        raise OperatorError(f"there is no training {number}; see bench admin training list")
    if found.number != number:
        raise OperatorError(
            f"training {number} was corrected; {found.number} stands in its place, so name that"
        )
    return found


def _newest(training: Training, newer: Mapping[int, Training]) -> Training:
    while training.number in newer:
        training = newer[training.number]
    return training


def _checked(held: Held, now: str) -> Held:
    require_day(held.held_on, "the day of the training")
    if held.held_on > day_of(now):
        raise OperatorError(
            f"the day of the training, {held.held_on}, is yet to come; enter it when it was held"
        )
    if held.valid_until:
        require_day(held.valid_until, "until")
        if held.valid_until < held.held_on:
            raise OperatorError("until is before the day of the training; it counts from that day on")
    return Held(
        require_text(held.subject, "the subject"),
        require_text(held.held_by, "who held it"),
        held.is_maker,
        held.held_on,
        require_text(held.result, "the practical result"),
        held.is_passed,
        held.valid_until,
    )


def _entered(
    database: Registry, by: str, person: str, held: Held, corrects: int | None, now: str
) -> Training:
    columns: JsonObject = asdict(held)
    number = database.execute(
        "INSERT INTO training (person, subject, held_by, is_maker, held_on, result, is_passed, valid_until, corrects, "
        "by, wall_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (person, *columns.values(), corrects, by, now),
    ).lastrowid
    assert number is not None, "an inserted row has a number"
    old = None if corrects is None else {"number": corrects}
    what = "training_entered" if corrects is None else "training_corrected"
    trail.add(database, now, by, what, person, old, {"number": number, **columns})
    return Training(number, person, held, corrects, by, now)


def _training(row: Row) -> Training:
    held = Held(
        row["subject"],
        row["held_by"],
        bool(row["is_maker"]),
        row["held_on"],
        row["result"],
        bool(row["is_passed"]),
        row["valid_until"],
    )
    return Training(row["number"], row["person"], held, row["corrects"], row["by"], row["wall_time"])
