"""After a test the customer is asked again, at 30 days and half a year: how it is now, and what was used since.

Both are planned when the test has ended; of a test that was done again, by the last one. A case that got a retest is
followed up by that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from web.casework import history as log
from web.casework.amounts import amount
from web.casework.case_rows import listed
from web.casework.consumption import MOST_KWH
from web.casework.history import attempt, keep_text, text_of
from web.casework.limits import require_room
from web.casework.model import CUSTOMER, ENDS, WITH_A_RESULT, Moment
from web.casework.promises import day_after
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, Database, Row

DAYS_AFTER = {Moment.DAY_30: 30, Moment.DAY_183: 183}
LONGEST = 1000
"""Characters of what was said."""
_KWH_DECIMALS = 3
# A retest that was declined or withdrawn has followed nobody up.
_OPEN = f"""SELECT * FROM follow_up WHERE settled_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM cases AS again WHERE again.retest_of = follow_up.case_id
    AND again.state NOT IN ({listed(ENDS - WITH_A_RESULT)}))"""


class FollowUpKind(StrEnum):
    CALL = "call"
    VISIT = "visit"
    PAGE = "page"
    """Filled in by the customer, behind the result link."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """tested_on, due_on: days. said and used_kWh (since tested_on): None before it is settled, where nothing was said,
    and once it is forgotten. The opinion of the same moment is in `opinions`."""

    id: int
    case_id: str
    moment: Moment
    tested_on: str
    due_on: str
    settled_at: str | None
    settled_by: str | None
    kind: FollowUpKind | None
    said: str | None
    used_kWh: Decimal | None

    def is_overdue(self, day: str) -> bool:
        return self.settled_at is None and self.due_on < day


def schedule(cw: Casework, case_id: str, tested_on: str) -> None:
    """Both follow-ups of a test that ended on this day, in the transaction of that act; what is settled stays."""
    with cw.writing() as database:
        for moment, days in DAYS_AFTER.items():
            database.execute(
                "INSERT INTO follow_up (case_id, moment, tested_on, due_on) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (case_id, moment) DO UPDATE SET tested_on = excluded.tested_on, due_on = excluded.due_on"
                " WHERE settled_at IS NULL",
                (case_id, moment, tested_on, day_after(tested_on, days)),
            )


def due(cw: Casework, day: str) -> list[FollowUp]:
    """What is to be done by this day and is not, the longest due first."""
    with cw.reading() as database:
        rows = database.execute(f"{_OPEN} AND due_on <= ? ORDER BY due_on, id", (day,)).fetchall()
        return [_follow_up(database, row) for row in rows]


def of(cw: Casework, case_id: str) -> list[FollowUp]:
    """Both of a case, settled or not; none before its test has ended."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM follow_up WHERE case_id = ? ORDER BY due_on", (case_id,)
        ).fetchall()
        return [_follow_up(database, row) for row in rows]


def settle(
    cw: Casework, follow_up_id: int, kind: FollowUpKind, said: str, used_kWh: Decimal | None, by: str
) -> FollowUp:
    """said: what the customer said, or that nobody answered. used_kWh: since the test, None where it is not known.

    Errors: Refused no_such_follow_up, follow_up_settled, not_for_customers (a call or a visit), text_missing,
    text_too_long, no_such_amount.
    """
    this = follow_up(cw, follow_up_id)
    with attempt(cw, by, "follow_up", this.case_id) as database:
        if follow_up(cw, follow_up_id).settled_at is not None:
            raise Refused("follow_up_settled")
        if by == CUSTOMER and kind is not FollowUpKind.PAGE:
            raise Refused("not_for_customers", case=this.case_id)
        require_room(cw, this.case_id, by)
        values = {
            "moment": this.moment.value,
            "kind": kind.value,
            "said": keep_text(cw, this.case_id, words(said, LONGEST)),
        }
        used = None if used_kWh is None else amount(used_kWh, MOST_KWH, _KWH_DECIMALS)
        if used is not None:
            values["used_kWh"] = keep_text(cw, this.case_id, used)
        at = log.add(cw, this.case_id, by, "follow_up", values)
        database.execute(
            "UPDATE follow_up SET settled_at = ?, settled_by = ?, kind = ?, said = ?, used_kWh = ? WHERE id = ?",
            (at, by, kind, values["said"], used, follow_up_id),
        )
    return follow_up(cw, follow_up_id)


def follow_up(cw: Casework, follow_up_id: int) -> FollowUp:
    """Errors: Refused no_such_follow_up."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM follow_up WHERE id = ?", (follow_up_id,)).fetchone()
        if row is None:
            raise Refused("no_such_follow_up")
        return _follow_up(database, row)


def _follow_up(database: Database, row: Row) -> FollowUp:
    return FollowUp(
        id=row["id"],
        case_id=row["case_id"],
        moment=Moment(row["moment"]),
        tested_on=row["tested_on"],
        due_on=row["due_on"],
        settled_at=row["settled_at"],
        settled_by=row["settled_by"],
        kind=None if row["kind"] is None else FollowUpKind(row["kind"]),
        said=text_of(database, row["said"]),
        used_kWh=None if row["used_kWh"] is None else Decimal(row["used_kWh"]),
    )
