"""How much a customer can say in a case: whoever has got in by a token cannot fill the disk, nor bury the rest.

And how much of what anybody may send waits for the office at one time: whoever sends from many addresses cannot bury
what others have sent. What the staff write down themselves does not count, and is always taken.
"""

from __future__ import annotations

import json

from web.casework.model import CUSTOMER
from web.casework.moments import is_over, later
from web.casework.refused import Refused
from web.casework.store import Casework

MOST_AN_HOUR = 60
"""Entries of the customer in a case's history."""
MOST_ENTRIES = 1000
"""Of everybody in one case: from then on the customer says it to a person."""
MOST_UNTAKEN_APPLICATIONS = 200
"""Applications of customers that nobody has planned, declined or taken in hand."""
MOST_UNTAKEN_REQUESTS = 200
"""Requests of customers that nobody has taken."""
MOST_UNTAKEN_QUESTIONS = 2000
"""Questions for the handbook that the web asked and nobody has taken."""
_AN_HOUR_S = 3600
_LOOKED_AT = 3 * MOST_AN_HOUR


def require_room(cw: Casework, case_id: str, by: str) -> None:
    """Errors: Refused too_much_in_an_hour, case_is_full, where it is the customer who says one thing more."""
    if by != CUSTOMER:
        return
    with cw.reading() as database:
        rows = database.execute(
            "SELECT number, body FROM history WHERE case_id = ? ORDER BY number DESC LIMIT ?",
            (case_id, _LOOKED_AT),
        ).fetchall()
    if rows and rows[0]["number"] >= MOST_ENTRIES:
        raise Refused("case_is_full", case=case_id)
    since = later(cw.now(), -_AN_HOUR_S)
    said = [json.loads(row["body"]) for row in rows]
    if sum(one["who"] == CUSTOMER and is_over(since, one["at"]) for one in said) >= MOST_AN_HOUR:
        raise Refused("too_much_in_an_hour", most=str(MOST_AN_HOUR))


def untaken_applications(cw: Casework) -> int:
    """How many wait. Retests are none: only who has had a test asks for one."""
    with cw.reading() as database:
        (count,) = database.execute(
            "SELECT COUNT(*) FROM cases JOIN history ON history.case_id = cases.id AND history.number = 1"
            " WHERE cases.state = 'applied' AND cases.retest_of IS NULL"
            " AND json_extract(CAST(history.body AS TEXT), '$.who') = ?"
            " AND NOT EXISTS (SELECT 1 FROM case_holder WHERE verification = cases.id AND owner IS NOT NULL)",
            (CUSTOMER,),
        ).fetchone()
    return int(count)


def untaken_requests(cw: Casework) -> int:
    """How many wait; one that came from the staff is theirs from the beginning."""
    with cw.reading() as database:
        (count,) = database.execute(
            "SELECT COUNT(*) FROM request WHERE state = 'new' AND owner IS NULL"
        ).fetchone()
    return int(count)


def applications_full(cw: Casework) -> bool:
    return untaken_applications(cw) >= MOST_UNTAKEN_APPLICATIONS


def requests_full(cw: Casework) -> bool:
    return untaken_requests(cw) >= MOST_UNTAKEN_REQUESTS
