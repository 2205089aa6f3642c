"""Catch the bench out: which error the customer has hidden in a simulated meter, and what the bench has found.

It is no measurement and no part of the record of one; it is kept so that both sides can see again what was found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web.casework import history as log
from web.casework.amounts import amount
from web.casework.case_rows import case
from web.casework.history import attempt, keep_text
from web.casework.limits import require_room
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework

MOST = 10
"""In one case."""
LARGEST_PCT = 20
_LONGEST_OUTCOME = 50_000
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """error_pct: the hidden one, %. outcome: what the bench answered to `trial`."""

    id: int
    error_pct: Decimal
    outcome: Mapping[str, Any]
    at: str


def require_another_trial(cw: Casework, case_id: str) -> None:
    """Before the bench is asked. Errors: Refused trials_many."""
    if len(trials(cw, case_id)) >= MOST:
        raise Refused("trials_many", most=str(MOST))


def trial(
    cw: Casework, case_id: str, error_pct: Decimal, outcome: Mapping[str, Any], by: str = CUSTOMER
) -> Trial:
    """Keep what was tried. Errors: Refused trials_many, no_such_amount, too_much_in_an_hour."""
    with attempt(cw, by, "trial", case_id) as database:
        case(cw, case_id)
        require_room(cw, case_id, by)
        require_another_trial(cw, case_id)
        hidden = amount(error_pct, LARGEST_PCT, _DECIMALS, least=-LARGEST_PCT)
        found = json.dumps(outcome, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if len(found) > _LONGEST_OUTCOME:
            raise ValueError(f"the bench's answer to a trial is {len(found)} characters long")
        at = log.add(cw, case_id, by, "trial", {"error_pct": keep_text(cw, case_id, hidden)})
        (trial_id,) = database.execute(
            "INSERT INTO trial (case_id, error_pct, outcome, tried_at) VALUES (?, ?, ?, ?) RETURNING id",
            (case_id, hidden, found, at),
        ).fetchone()
    return Trial(trial_id, Decimal(hidden), outcome, at)


def trials(cw: Casework, case_id: str) -> list[Trial]:
    """In the order in which they were tried."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM trial WHERE case_id = ? ORDER BY id", (case_id,)).fetchall()
    return [
        Trial(row["id"], Decimal(row["error_pct"]), json.loads(row["outcome"]), row["tried_at"])
        for row in rows
    ]
