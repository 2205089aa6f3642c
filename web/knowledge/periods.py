"""The cycle: a period has an aim (plan), its questions are answered (do), its review says what was learned (check) and
what is done next (act), and opens the next period with that as its aim.

A period is closed when each answer that was published before is looked at: it stays, or it goes back to somebody. So
no answer grows old unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, Row
from web.dates import local_day
from web.knowledge.model import IN_THE_HANDBOOK, Period, Question, Source, State
from web.knowledge.readers import Settled, settled
from web.knowledge.rows import change, question, questions

LONGEST = 1000
"""Characters of an aim, of what was learned, of what is next."""


@dataclass(frozen=True, slots=True)
class Course:
    """What happened in a period. asked: by where it was asked. published: editions. readers: what they said."""

    asked: dict[Source, int]
    published: int
    readers: Settled
    overdue: int
    not_looked_at: tuple[Question, ...]


def current(cw: Casework) -> Period | None:
    """The open one; None before the first."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM knowledge_period WHERE closed_at IS NULL").fetchone()
    return None if row is None else _period(row)


def periods(cw: Casework) -> list[Period]:
    """The newest first."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM knowledge_period ORDER BY number DESC").fetchall()
    return [_period(row) for row in rows]


def open_first(cw: Casework, aim: str, by: str) -> Period:
    """Errors: Refused period_open, text_missing, text_too_long."""
    with attempt(cw, by, "open_period"):
        if current(cw) is not None:
            raise Refused("period_open")
        return _opened(cw, aim, by)


def review(cw: Casework, question_id: int, by: str) -> Question:
    """An answer was looked at and stays. Errors: Refused no_such_question, question_past, no_period."""
    with attempt(cw, by, "review_answer") as database:
        this, period = question(cw, question_id), current(cw)
        if period is None:
            raise Refused("no_period")
        if this.state not in IN_THE_HANDBOOK:
            raise Refused("question_past", question=str(question_id))
        change(database, question_id, state=State.REVIEWED, state_since=cw.now(), reviewed_in=period.number)
        return question(cw, question_id)


def close(cw: Casework, learned: str, then: str, by: str) -> Period:
    """Close the open period and open the next, with what is to be done as its aim. Returns the next one.

    Errors: Refused no_period, answers_not_looked_at, text_missing, text_too_long.
    """
    with attempt(cw, by, "close_period") as database:
        period = current(cw)
        if period is None:
            raise Refused("no_period")
        if left := course(cw, period).not_looked_at:
            raise Refused("answers_not_looked_at", count=str(len(left)))
        database.execute(
            "UPDATE knowledge_period SET closed_at = ?, closed_by = ?, learned = ?, next = ? WHERE number = ?",
            (cw.now(), by, words(learned, LONGEST), words(then, LONGEST), period.number),
        )
        return _opened(cw, then, by)


def course(cw: Casework, period: Period) -> Course:
    """From its first instant to its last, or to now."""
    end = period.closed_at or cw.now()
    with cw.reading() as database:
        asked = database.execute(
            "SELECT source, COUNT(*) AS many FROM asking WHERE asked_at BETWEEN ? AND ? GROUP BY source",
            (period.opened_at, end),
        ).fetchall()
        (published,) = database.execute(
            "SELECT COUNT(*) FROM handbook_answer WHERE published_at BETWEEN ? AND ?", (period.opened_at, end)
        ).fetchone()
        first, last = (local_day(at).isoformat() for at in (period.opened_at, end))
        readers = settled(cw, first, last)
        today = local_day(cw.now()).isoformat()
        everything = questions(cw)
    return Course(
        asked={Source(row["source"]): row["many"] for row in asked},
        published=published,
        readers=readers,
        overdue=sum(one.is_overdue(today) for one in everything),
        not_looked_at=tuple(
            one
            for one in everything
            if one.state in IN_THE_HANDBOOK and one.reviewed_in != period.number and not period.closed_at
        ),
    )


def _opened(cw: Casework, aim: str, by: str) -> Period:
    with cw.writing() as database:
        database.execute(
            "INSERT INTO knowledge_period (opened_at, opened_by, aim) VALUES (?, ?, ?)",
            (cw.now(), by, words(aim, LONGEST)),
        )
    opened = current(cw)
    assert opened is not None
    return opened


def _period(row: Row) -> Period:
    return Period(**dict(row))
