""" "Did this settle your doubt?", counted by day and edition: no answer is kept by itself, and nobody is known."""

from __future__ import annotations

from dataclasses import dataclass

from web.casework.store import Casework
from web.dates import local_day
from web.knowledge.answers import of
from web.knowledge.rows import question


@dataclass(frozen=True, slots=True)
class Settled:
    """How many readers said that it did, and that it did not."""

    yes: int
    no: int


def say(cw: Casework, question_id: int, settled: bool) -> None:
    """Errors: Refused no_such_question; of an answer that is not published nothing is counted."""
    with cw.writing() as database:
        question(cw, question_id)
        answer = of(cw, question_id)
        if answer is None:
            return
        database.execute(
            "INSERT INTO settled_count VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
            (question_id, answer.edition, local_day(cw.now()).isoformat(), int(settled)),
        )


def settled(cw: Casework, first: str, last: str, question_id: int | None = None) -> Settled:
    """From one day to another, both included: of one question, or of all."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT settled, SUM(count) AS many FROM settled_count WHERE day BETWEEN ?1 AND ?2"
            " AND (?3 IS NULL OR question = ?3) GROUP BY settled",
            (first, last, question_id),
        ).fetchall()
    by = {row["settled"]: int(row["many"]) for row in rows}
    return Settled(by.get(1, 0), by.get(0, 0))
