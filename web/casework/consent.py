"""What a customer agrees to, each thing by itself, and with which text before the eyes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.checklist import Check
from web.casework import checklists
from web.casework import history as log
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.limits import require_room
from web.casework.model import CaseState
from web.casework.refused import Refused
from web.casework.store import Casework
from web.texts import text


class Thing(StrEnum):
    """One thing to agree to; its text is `consent.NAME`."""

    TEST = "test"
    """That the meter is tested as planned, and what that may change of it."""
    RECORD = "record"
    """What is recorded, shown and kept."""
    FOLLOW_UP = "follow_up"
    """To be asked again after 30 days and half a year."""


REQUIRED = frozenset({Thing.TEST, Thing.RECORD})
"""Without these no test begins."""
_BEFORE_THE_TEST = (CaseState.PLANNED, CaseState.READY)


@dataclass(frozen=True, slots=True)
class Consent:
    """agreed: by thing, true or false, for all of them. by: `CUSTOMER`, or who was told it."""

    agreed: Mapping[Thing, bool]
    by: str
    at: str

    @property
    def is_enough(self) -> bool:
        return all(self.agreed[thing] for thing in REQUIRED)


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


def consented(cw: Casework, case_id: str) -> Consent | None:
    """What was agreed to last; None where nobody was asked yet, or it is forgotten."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM agreement WHERE case_id = ?", (case_id,)).fetchall()
    if not rows:
        return None
    return Consent(
        {Thing(row["thing"]): bool(row["agreed"]) for row in rows}, rows[0]["said_by"], rows[0]["said_at"]
    )


def _text_sha256(thing: Thing) -> str:
    """Of what stood there, in both languages."""
    shown = f"{text(f'consent.{thing}', 'zh')}\n{text(f'consent.{thing}', 'en')}"
    return hashlib.sha256(shown.encode()).hexdigest()
