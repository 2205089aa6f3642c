"""What is tried in a month: one thing, its owner, the indicator that it is to move, until when. At the next review it
is said whether it worked, with the indicator's figures of the month before and of the month itself beside it.

Whether it worked is a person's judgement; the figures stand beside it whatever is said, and are computed, not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.said import one_line, words
from web.casework.store import Casework, Row
from web.service.indicators import Indicator
from web.service.months import Month, month_at, month_of

LONGEST, LONGEST_SAID = 200, 500
"""Characters of what is tried, and of what is said of it afterwards."""
MOST = 12
"""Of one month: more is a list of wishes."""


class Worked(StrEnum):
    WORKED = "worked"
    DID_NOT = "did_not"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Measure:
    """month: in which it is tried. verdict: None until it is reviewed."""

    id: int
    month: str
    what: str
    owner: str
    indicator: Indicator
    due_on: str
    verdict: Worked | None
    said: str
    reviewed_by: str | None


def measures(cw: Casework, month: Month) -> list[Measure]:
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM measure WHERE month = ? ORDER BY id", (month.name,)).fetchall()
    return [_measure(row) for row in rows]


def plan(cw: Casework, month: Month, what: str, owner: str, indicator: str, due_on: date, by: str) -> Measure:
    """Errors: Refused text_missing, text_too_long, no_such_indicator, person_missing, measures_full."""
    with attempt(cw, by, "plan_measure") as database:
        if indicator not in tuple(Indicator):
            raise Refused("no_such_indicator")
        if not owner:
            raise Refused("person_missing")
        if len(measures(cw, month)) >= MOST:
            raise Refused("measures_full", most=str(MOST))
        (number,) = database.execute(
            "INSERT INTO measure (month, what, owner, indicator, due_on, set_at, set_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (month.name, one_line(what, LONGEST), owner, indicator, due_on.isoformat(), cw.now(), by),
        ).fetchone()
        return measure(cw, number)


def review(cw: Casework, number: int, verdict: Worked, said: str, by: str) -> Measure:
    """Once its month is over. said: may be empty. Errors: Refused no_such_measure, measure_reviewed,
    measure_too_early, text_too_long."""
    with attempt(cw, by, "review_measure") as database:
        this = measure(cw, number)
        if this.verdict is not None:
            raise Refused("measure_reviewed")
        if month_of(this.month) >= month_at(cw.now()):
            raise Refused("measure_too_early", month=this.month)
        kept = words(said, LONGEST_SAID) if said.strip() else ""
        database.execute(
            "UPDATE measure SET verdict = ?, said = ?, reviewed_at = ?, reviewed_by = ? WHERE id = ?",
            (verdict, kept, cw.now(), by, number),
        )
        return measure(cw, number)


def measure(cw: Casework, number: int) -> Measure:
    """Errors: Refused no_such_measure."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM measure WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise Refused("no_such_measure")
    return _measure(row)


def _measure(row: Row) -> Measure:
    return Measure(
        id=row["id"],
        month=row["month"],
        what=row["what"],
        owner=row["owner"],
        indicator=Indicator(row["indicator"]),
        due_on=row["due_on"],
        verdict=None if row["verdict"] is None else Worked(row["verdict"]),
        said=row["said"] or "",
        reviewed_by=row["reviewed_by"],
    )
