"""Questions and answers as the file has them."""

from __future__ import annotations

from collections.abc import Callable

from web.casework.areas import resolving
from web.casework.refused import Refused
from web.casework.store import Casework, Database, Row
from web.knowledge.model import Answer, Asking, Question, Source, State, Subject

_QUESTIONS = """
SELECT handbook_question.*,
    (SELECT COUNT(*) FROM asking WHERE asking.question = handbook_question.id) AS asked,
    (SELECT COALESCE(SUM(count), 0) FROM settled_count WHERE question = handbook_question.id AND settled = 1) AS yes,
    (SELECT COALESCE(SUM(count), 0) FROM settled_count WHERE question = handbook_question.id AND settled = 0) AS no
FROM handbook_question
"""


def question(cw: Casework, question_id: int) -> Question:
    """Errors: Refused no_such_question."""
    with cw.reading() as database:
        row = database.execute(f"{_QUESTIONS} WHERE id = ?", (question_id,)).fetchone()
    if row is None:
        raise Refused("no_such_question")
    return _question(row)


def questions(cw: Casework) -> list[Question]:
    """The most asked first; of equally many the newest."""
    with cw.reading() as database:
        rows = database.execute(f"{_QUESTIONS} ORDER BY asked DESC, id DESC").fetchall()
    return [_question(row) for row in rows]


def askings(cw: Casework, question_id: int) -> list[Asking]:
    """The newest first."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM asking WHERE question = ? ORDER BY asked_at DESC, id DESC", (question_id,)
        ).fetchall()
        area_of = resolving(database)
    return [_asking(row, area_of) for row in rows]


def written(cw: Casework) -> dict[int, tuple[str | None, tuple[str, ...]]]:
    """Of each question that was asked: the newest words that are left, and the areas in which it was asked."""
    found: dict[int, tuple[str | None, tuple[str, ...]]] = {}
    with cw.reading() as database:
        area_of = resolving(database)
        for row in database.execute("SELECT question, area, words FROM asking ORDER BY id").fetchall():
            words, areas = found.get(row["question"], (None, ()))
            area = area_of(row["area"])
            more = (area,) if area and area not in areas else ()
            found[row["question"]] = (row["words"] or words, (*areas, *more))
    return found


def answers(cw: Casework, question_id: int) -> list[Answer]:
    """All editions, the newest first."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM handbook_answer WHERE question = ? ORDER BY edition DESC", (question_id,)
        ).fetchall()
    return [_answer(row) for row in rows]


def published(cw: Casework) -> list[Answer]:
    """The handbook: of each question the edition that is published now, the most asked first."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM handbook_answer WHERE published_at IS NOT NULL AND withdrawn_at IS NULL"
            " ORDER BY (SELECT COUNT(*) FROM asking WHERE asking.question = handbook_answer.question) DESC, question"
        ).fetchall()
    return [_answer(row) for row in rows]


def take_out(database: Database, question_id: int, at: str) -> None:
    """The edition that is published now is the handbook's no more."""
    database.execute(
        "UPDATE handbook_answer SET withdrawn_at = ? WHERE question = ? AND withdrawn_at IS NULL"
        " AND published_at IS NOT NULL",
        (at, question_id),
    )


def change(database: Database, question_id: int, **columns: object) -> None:
    """Columns of a question; never named by anything that was sent."""
    names = ", ".join(f"{name} = ?" for name in columns)
    database.execute(f"UPDATE handbook_question SET {names} WHERE id = ?", (*columns.values(), question_id))


def _question(row: Row) -> Question:
    return Question(
        id=row["id"],
        key=row["key"],
        state=State(row["state"]),
        state_since=row["state_since"],
        subject=Subject(row["subject"]),
        owner=row["owner"],
        due_on=row["due_on"],
        reason=row["reason"],
        same_as=row["same_as"],
        reviewed_in=row["reviewed_in"],
        asked=row["asked"],
        settled=row["yes"],
        unsettled=row["no"],
    )


def _asking(row: Row, area_of: Callable[[str], str]) -> Asking:
    return Asking(
        id=row["id"],
        asked_at=row["asked_at"],
        source=Source(row["source"]),
        area=area_of(row["area"]),
        words=row["words"],
        written_by=row["written_by"],
        case_id=row["case_id"],
    )


def _answer(row: Row) -> Answer:
    return Answer(**dict(row))
