"""What a customer asks while it is tested, and what is answered: seen by both sides, and kept as the words they
used."""

from __future__ import annotations

from dataclasses import dataclass

from web.casework import history as log
from web.casework.case_rows import case
from web.casework.history import attempt, keep_text, text_of
from web.casework.limits import require_room
from web.casework.model import CUSTOMER
from web.casework.moments import is_over, later
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, Database, Row

LONGEST = 500
"""Characters of a question."""
LONGEST_ANSWER = 1000
MOST_AN_HOUR = 20
MOST = 100
"""In one case."""
_AN_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Question:
    """who: `CUSTOMER` or a person's id. text and answer: None once they are forgotten, answer also before there is
    one."""

    id: int
    case_id: str
    who: str
    asked_at: str
    text: str | None
    answer: str | None
    answered_by: str | None
    answered_at: str | None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


def ask(cw: Casework, case_id: str, text: str, who: str) -> Question:
    """Errors: Refused text_missing, text_too_long, questions_many (in an hour), questions_full (in all)."""
    with attempt(cw, who, "ask", case_id) as database:
        case(cw, case_id)
        require_room(cw, case_id, who)
        _require_few(cw, database, case_id)
        reference = keep_text(cw, case_id, words(text, LONGEST))
        at = log.add(cw, case_id, who, "ask", {"question": reference})
        (question_id,) = database.execute(
            "INSERT INTO question (case_id, asked_by, asked_at, question) VALUES (?, ?, ?, ?) RETURNING id",
            (case_id, who, at, reference),
        ).fetchone()
        return question(cw, question_id)


def answer(cw: Casework, question_id: int, text: str, by: str) -> Question:
    """By anybody of the laboratory; what was answered stays.

    Errors: Refused no_such_question, not_for_customers, question_answered, text_missing, text_too_long.
    """
    asked = question(cw, question_id)
    with attempt(cw, by, "answer", asked.case_id) as database:
        if by == CUSTOMER:
            raise Refused("not_for_customers", case=asked.case_id)
        if not question(cw, question_id).is_open:
            raise Refused("question_answered")
        reference = keep_text(cw, asked.case_id, words(text, LONGEST_ANSWER))
        at = log.add(cw, asked.case_id, by, "answer", {"number": str(question_id), "answer": reference})
        database.execute(
            "UPDATE question SET answer = ?, answered_by = ?, answered_at = ? WHERE id = ?",
            (reference, by, at, question_id),
        )
    return question(cw, question_id)


def question(cw: Casework, question_id: int) -> Question:
    """Errors: Refused no_such_question."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM question WHERE id = ?", (question_id,)).fetchone()
        if row is None:
            raise Refused("no_such_question")
        return _question(database, row)


def questions(cw: Casework, case_id: str) -> list[Question]:
    """In the order in which they were asked."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM question WHERE case_id = ? ORDER BY id", (case_id,)).fetchall()
        return [_question(database, row) for row in rows]


def _question(database: Database, row: Row) -> Question:
    return Question(
        id=row["id"],
        case_id=row["case_id"],
        who=row["asked_by"],
        asked_at=row["asked_at"],
        text=text_of(database, row["question"]),
        answer=text_of(database, row["answer"]),
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
    )


def _require_few(cw: Casework, database: Database, case_id: str) -> None:
    since = later(cw.now(), -_AN_HOUR_S)
    asked = [
        row["asked_at"]
        for row in database.execute("SELECT asked_at FROM question WHERE case_id = ?", (case_id,))
    ]
    if len(asked) >= MOST:
        raise Refused("questions_full", most=str(MOST))
    if sum(is_over(since, at) for at in asked) >= MOST_AN_HOUR:
        raise Refused("questions_many", most=str(MOST_AN_HOUR))
