"""How much a customer can say in a case: whoever has got in by a token cannot fill the disk, nor bury the rest."""

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
