"""Makers of meters as the third party at the table: which types are whose, what is asked of them, what they reply.

A maker has no account: what it may see is given to it (web/competence/). So questions and replies name no customer and
no single meter, and whoever writes them is told so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line, words
from web.casework.store import Casework, Database, Row

LONGEST_NAME, LONGEST_TYPE, LONGEST = 80, 60, 600
"""Characters of a name, of a type, and of a question or a reply."""
MOST_TYPES, MOST_MAKERS, MOST_QUESTIONS = 50, 200, 500


@dataclass(frozen=True, slots=True)
class Maker:
    """types: of meters, as the office writes them on a case."""

    id: int
    name: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """reply: None as long as there is none."""

    id: int
    maker: int
    words: str
    asked_at: str
    asked_by: str
    reply: str | None
    replied_at: str | None
    noted_by: str | None


def add(cw: Casework, name: str, types: Collection[str], by: str) -> Maker:
    """Errors: Refused text_missing, text_too_long, maker_there, types_many, type_of_another."""
    with attempt(cw, by, "add_maker") as database:
        kept = one_line(name, LONGEST_NAME)
        there = makers(cw)
        if any(one.name.casefold() == kept.casefold() for one in there):
            raise Refused("maker_there", name=kept)
        if len(there) >= MOST_MAKERS:
            raise Refused("types_many", most=str(MOST_MAKERS))
        (number,) = database.execute(
            "INSERT INTO maker (name, added_at, added_by) VALUES (?, ?, ?) RETURNING id", (kept, cw.now(), by)
        ).fetchone()
        _write_types(database, number, types)
        return maker(cw, number)


def set_types(cw: Casework, number: int, types: Collection[str], by: str) -> Maker:
    """These and no others. Errors: Refused no_such_maker, text_too_long, types_many, type_of_another."""
    with attempt(cw, by, "set_maker_types") as database:
        maker(cw, number)
        database.execute("DELETE FROM maker_type WHERE maker = ?", (number,))
        _write_types(database, number, types)
        return maker(cw, number)


def ask(cw: Casework, number: int, said: str, by: str) -> Question:
    """Errors: Refused no_such_maker, text_missing, text_too_long, types_many."""
    with attempt(cw, by, "ask_maker") as database:
        maker(cw, number)
        if len(questions(cw, number)) >= MOST_QUESTIONS:
            raise Refused("types_many", most=str(MOST_QUESTIONS))
        (question,) = database.execute(
            "INSERT INTO maker_question (maker, words, asked_at, asked_by) VALUES (?, ?, ?, ?) RETURNING id",
            (number, words(said, LONGEST), cw.now(), by),
        ).fetchone()
        return question_at(cw, question)


def note_reply(cw: Casework, question: int, said: str, by: str) -> Question:
    """What the maker replied; a later one stands in its place. Errors: Refused no_such_maker, text_missing,
    text_too_long."""
    with attempt(cw, by, "note_maker_reply") as database:
        question_at(cw, question)
        database.execute(
            "UPDATE maker_question SET reply = ?, replied_at = ?, noted_by = ? WHERE id = ?",
            (words(said, LONGEST), cw.now(), by, question),
        )
        return question_at(cw, question)


def makers(cw: Casework) -> list[Maker]:
    """By name."""
    with cw.reading() as database:
        types: dict[int, list[str]] = {}
        for row in database.execute("SELECT * FROM maker_type ORDER BY meter_type"):
            types.setdefault(row["maker"], []).append(row["meter_type"])
        return [
            Maker(row["id"], row["name"], tuple(types.get(row["id"], ())))
            for row in database.execute("SELECT * FROM maker ORDER BY name")
        ]


def maker(cw: Casework, number: int) -> Maker:
    """Errors: Refused no_such_maker."""
    for one in makers(cw):
        if one.id == number:
            return one
    raise Refused("no_such_maker")


def questions(cw: Casework, number: int) -> list[Question]:
    """Of one maker, the newest first."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM maker_question WHERE maker = ? ORDER BY id DESC", (number,)
        ).fetchall()
    return [_question(row) for row in rows]


def _write_types(database: Database, number: int, types: Collection[str]) -> None:
    if len(types) > MOST_TYPES:
        raise Refused("types_many", most=str(MOST_TYPES))
    for each in dict.fromkeys(one_line(one, LONGEST_TYPE) for one in types if one.strip()):
        taken = database.execute(
            "SELECT name FROM maker JOIN maker_type ON maker.id = maker WHERE meter_type = ?", (each,)
        ).fetchone()
        if taken is not None:
            raise Refused("type_of_another", type=each, name=taken["name"])
        database.execute("INSERT INTO maker_type (meter_type, maker) VALUES (?, ?)", (each, number))


def question_at(cw: Casework, question: int) -> Question:
    with cw.reading() as database:
        row = database.execute("SELECT * FROM maker_question WHERE id = ?", (question,)).fetchone()
    if row is None:
        raise Refused("no_such_maker")
    return _question(row)


def _question(row: Row) -> Question:
    return Question(**dict(row))
