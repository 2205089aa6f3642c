"""What a customer has agreed to, as the file has it; `consent.py` is the act of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from web.casework.store import Casework


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


@dataclass(frozen=True, slots=True)
class Consent:
    """agreed: by thing, true or false, for all of them. by: `CUSTOMER`, or who was told it."""

    agreed: Mapping[Thing, bool]
    by: str
    at: str

    @property
    def is_enough(self) -> bool:
        return all(self.agreed[thing] for thing in REQUIRED)


def consented(cw: Casework, case_id: str) -> Consent | None:
    """What was agreed to last; None where nobody was asked yet, or it is forgotten."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM agreement WHERE case_id = ?", (case_id,)).fetchall()
    if not rows:
        return None
    return Consent(
        {Thing(row["thing"]): bool(row["agreed"]) for row in rows}, rows[0]["said_by"], rows[0]["said_at"]
    )


def has_agreed(cw: Casework, case_id: str) -> bool:
    """To all that a test needs."""
    agreed = consented(cw, case_id)
    return agreed is not None and agreed.is_enough
