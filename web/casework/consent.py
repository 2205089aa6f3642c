"""A customer agrees to each thing by itself, with its text before the eyes; `agreements.py` reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from bench.checklist import Check
from web.casework import checklists
from web.casework import history as log
from web.casework.agreements import Consent, Thing
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.limits import require_room
from web.casework.model import CaseState
from web.casework.refused import Refused
from web.casework.store import Casework
from web.texts import text

_BEFORE_THE_TEST = (CaseState.PLANNED, CaseState.READY)


def consent(cw: Casework, case_id: str, agreed: Collection[Thing], by: str) -> Consent:
    """What is agreed to now; what is not in it is not. While the checklist is open, it ticks the customer's consent.

    Errors: Refused too_late_for_consent once the test has begun, too_much_in_an_hour.
    """
    with attempt(cw, by, "consent", case_id) as database:
        this = case(cw, case_id)
        require_room(cw, case_id, by)
        if this.state not in _BEFORE_THE_TEST:
            raise Refused("too_late_for_consent", case=case_id)
        said = {thing: thing in agreed for thing in Thing}
        at = log.add(
            cw, case_id, by, "consent", {thing: "yes" if yes else "no" for thing, yes in said.items()}
        )
        for thing, yes in said.items():
            database.execute(
                "INSERT OR REPLACE INTO agreement VALUES (?, ?, ?, ?, ?, ?)",
                (case_id, thing, int(yes), _text_sha256(thing), by, at),
            )
        now = Consent(said, by, at)
        if this.state is CaseState.READY:
            checklists.tick(cw, case_id, Check.CONSENT, by, now.is_enough)
        return now


def _text_sha256(thing: Thing) -> str:
    """Of what stood there, in both languages."""
    shown = f"{text(f'consent.{thing}', 'zh')}\n{text(f'consent.{thing}', 'en')}"
    return hashlib.sha256(shown.encode()).hexdigest()
