"""Thanks, from customers and from colleagues: shown to the team once somebody of the office has looked at the words.

A customer's own name, address or number may be in them, or a colleague's whom nobody asked: so what is shown was read
by a person first, and what is not shown is deleted. Whose thanks they are is kept as `CUSTOMER` or a person's id.
"""

from __future__ import annotations

from dataclasses import dataclass

from web.casework.forgetting import write_anew
from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, Row

LONGEST = 300
"""Characters."""
MOST_WAITING = 500
"""Unread ones; more are refused, so that nobody buries the office."""


@dataclass(frozen=True, slots=True)
class Kudos:
    """is_shown: None until somebody has looked at it."""

    id: int
    person: str
    words: str
    given_by: str
    given_at: str
    is_shown: bool | None


def give(cw: Casework, person: str, said: str, by: str) -> Kudos:
    """Errors: Refused text_missing, text_too_long, person_missing, kudos_for_oneself, kudos_waiting."""
    with attempt(cw, by, "give_kudos") as database:
        if not person:
            raise Refused("person_missing")
        if person == by:
            raise Refused("kudos_for_oneself")
        if len(waiting(cw)) >= MOST_WAITING:
            raise Refused("kudos_waiting")
        (number,) = database.execute(
            "INSERT INTO kudos (person, words, given_by, given_at) VALUES (?, ?, ?, ?) RETURNING id",
            (person, words(said, LONGEST), by, cw.now()),
        ).fetchone()
        return _one(cw, number)


def show(cw: Casework, number: int, said: str, by: str) -> Kudos:
    """The team sees it. said: the words as they may be seen, without what names a customer.

    Errors: Refused no_such_kudos, text_missing, text_too_long.
    """
    with attempt(cw, by, "show_kudos") as database:
        _one(cw, number)
        database.execute(
            "UPDATE kudos SET words = ?, is_shown = 1, looked_at_by = ?, looked_at_at = ? WHERE id = ?",
            (words(said, LONGEST), by, cw.now(), number),
        )
        write_anew(database, "kudos")
        return _one(cw, number)


def drop(cw: Casework, number: int, by: str) -> None:
    """Not to be seen: deleted. Errors: Refused no_such_kudos."""
    with attempt(cw, by, "drop_kudos") as database:
        _one(cw, number)
        database.execute("DELETE FROM kudos WHERE id = ?", (number,))
        write_anew(database, "kudos")


def waiting(cw: Casework) -> list[Kudos]:
    """What nobody has looked at yet, the oldest first."""
    return _those(cw, "is_shown IS NULL ORDER BY id")


def shown(cw: Casework, person: str | None = None) -> list[Kudos]:
    """What the team sees, the newest first; of one person or of all."""
    return _those(cw, "is_shown = 1 AND (?1 IS NULL OR person = ?1) ORDER BY given_at DESC, id DESC", person)


def _one(cw: Casework, number: int) -> Kudos:
    found = _those(cw, "id = ?1", number)
    if not found:
        raise Refused("no_such_kudos")
    return found[0]


def _those(cw: Casework, where: str, *values: object) -> list[Kudos]:
    with cw.reading() as database:
        rows = database.execute(f"SELECT * FROM kudos WHERE {where}", values).fetchall()
    return [_kudos(row) for row in rows]


def _kudos(row: Row) -> Kudos:
    return Kudos(
        row["id"],
        row["person"],
        row["words"],
        row["given_by"],
        row["given_at"],
        None if row["is_shown"] is None else bool(row["is_shown"]),
    )
