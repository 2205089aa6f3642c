"""The customer does not accept the result, or a doubt has stayed: a retest, by other people."""

from __future__ import annotations

from web.casework.cases import retest
from web.casework.history import attempt
from web.casework.limits import require_room
from web.casework.model import CUSTOMER, Case
from web.casework.said import words
from web.casework.store import Casework

LONGEST = 1000
"""Characters of why."""


def appeal(cw: Casework, case_id: str, why: str, by: str = CUSTOMER) -> Case:
    """The new case; the old one is closed, and whoever had it in hand cannot have the new one.

    Errors: Refused text_missing, text_too_long, not_tested_yet, test_under_way, has_a_retest, customer_forgotten.
    """
    with attempt(cw, by, "appeal", case_id):
        require_room(cw, case_id, by)
        return retest(cw, case_id, words(why, LONGEST), by)
