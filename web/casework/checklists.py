"""What must be done before a test begins: ticked by the verifier, the customer's consent by the customer, too, and
the two photos by the photo that is there. With one open, no test begins: here, in the schema, and at the bench."""

from __future__ import annotations

from dataclasses import dataclass

from bench.checklist import Check
from web.casework.acts import acting
from web.casework.agreements import has_agreed
from web.casework.case_rows import case
from web.casework.refused import Refused
from web.casework.store import Casework, Database
from web.casework.transitions import Act, Who

PHOTO_CHECKS = frozenset({Check.NAMEPLATE_PHOTO, Check.REGISTER_PHOTO})


@dataclass(frozen=True, slots=True)
class Tick:
    """by: a person or `CUSTOMER`."""

    by: str
    at: str


def ticks(cw: Casework, case_id: str) -> dict[Check, Tick | None]:
    """Every check in the order in which they are done. Errors: Refused where there is no such case."""
    with cw.reading() as database:
        case(cw, case_id)
        done = {
            row["name"]: Tick(row["by"], row["at"])
            for row in database.execute("SELECT * FROM tick WHERE case_id = ?", (case_id,))
        }
    return {check: done.get(check.value) for check in Check}


def open_checks(cw: Casework, case_id: str) -> list[Check]:
    return [check for check, done in ticks(cw, case_id).items() if done is None]


def tick(cw: Casework, case_id: str, check: Check, by: str, on: bool) -> None:
    """Tick, or take a tick back. Errors: Refused for a photo, which ticks itself, for a customer but for the
    consent, and for the consent where the customer has not agreed to what a test needs."""
    _tick(cw, case_id, check, by, on, has_photo=False)


def tick_by_photo(cw: Casework, case_id: str, check: Check, by: str, on: bool) -> None:
    """What the photos call when one was kept, or the last one of its kind was taken away."""
    _tick(cw, case_id, check, by, on, has_photo=True)


def _tick(cw: Casework, case_id: str, check: Check, by: str, on: bool, has_photo: bool) -> None:
    with acting(cw, case_id, Act.TICK, by) as this:
        if check in PHOTO_CHECKS and not has_photo:
            raise Refused("photo_ticks_itself", case=case_id)
        if this.who is Who.CUSTOMER and check is not Check.CONSENT:
            raise Refused("not_for_customers", case=case_id)
        if check is Check.CONSENT and on and not has_agreed(cw, case_id):
            raise Refused("consent_missing", case=case_id)
        had = this.database.execute(
            "DELETE FROM tick WHERE case_id = ? AND name = ? RETURNING 1", (case_id, check.value)
        ).fetchone()
        if on:
            values = (case_id, check.value, by, cw.now())
            this.database.execute("INSERT INTO tick VALUES (?, ?, ?, ?)", values)
        if on or had:
            this.done({"check": check.value, "on": "yes" if on else "no"})


def clear(database: Database, case_id: str) -> None:
    """All of it is to be done again."""
    database.execute("DELETE FROM tick WHERE case_id = ?", (case_id,))


def require_all_ticked(database: Database, case_id: str) -> None:
    """Errors: Refused with what is open, as names; whoever shows it says them in its own words."""
    rows = database.execute("SELECT name FROM tick WHERE case_id = ?", (case_id,)).fetchall()
    done = {row["name"] for row in rows}
    if still_open := [check.value for check in Check if check.value not in done]:
        raise Refused("checklist_open", case=case_id, open=", ".join(still_open))
