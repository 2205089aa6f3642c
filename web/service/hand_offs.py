"""Whose a request is: taken by somebody, or handed to another department with a reason and accepted there.

Until the receiver has accepted, it is the giver's, deadline and all: nothing lies between two departments. The same
holds for a verification case, beside its test: who verifies and checks it is handed over at the bench alone.
"""

from __future__ import annotations

from web.casework.history import attempt
from web.casework.refused import Refused
from web.casework.store import Casework, Database
from web.service.departments import require
from web.service.items import Item, item
from web.service.model import HandOff, State
from web.service.rows import add, keep


def take(cw: Casework, subject: str, by: str) -> Item:
    """Somebody takes what nobody has. Errors: Refused request_over, request_has_an_owner."""
    with attempt(cw, by, "take", subject) as database:
        this = _open(cw, subject)
        if this.owner is not None:
            raise Refused("request_has_an_owner", request=subject, person=this.owner)
        _hold(database, this, by, this.department)
        add(cw, database, subject, by, "take", {"department": this.department})
        return item(cw, subject)


def hand_over(cw: Casework, subject: str, department: str, to: str | None, why: str, by: str) -> Item:
    """Offer it. to: a person of the other department, or None for whoever of it accepts.

    Errors: Refused request_over, hand_over_under_way, no_such_department, hand_over_needs_reason, text_too_long,
    hand_over_to_the_same.
    """
    with attempt(cw, by, "hand_over_request", subject) as database:
        this = _open(cw, subject)
        if this.hand_off is not None:
            raise Refused("hand_over_under_way", request=subject)
        require(cw, department)
        if not why.strip():
            raise Refused("hand_over_needs_reason", case=subject)
        if department == this.department and to in (None, this.owner):
            raise Refused("hand_over_to_the_same", person=this.owner or "–", case=subject)
        reason = keep(database, subject, why)
        facts = {"from": this.department, "department": department, **({"to": to} if to else {})}
        at = add(cw, database, subject, by, "hand_over", facts, reason)
        database.execute(
            "INSERT INTO hand_off (subject, offered_at, offered_by, from_department, to_department, to_person, why)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (subject, at, by, this.department, department, to, reason),
        )
        return item(cw, subject)


def accept(cw: Casework, subject: str, by: str) -> Item:
    """The receiver has it from now on. Errors: Refused request_over, nothing_handed_over, not_handed_to_you,
    hand_over_own."""
    with attempt(cw, by, "accept_request", subject) as database:
        this, offered = _offered(cw, subject, by)
        at = add(cw, database, subject, by, "accept", {"department": offered.to_department})
        _settle(database, offered, by, at, accepted=1)
        _hold(database, this, by, offered.to_department)
        return item(cw, subject)


def send_back(cw: Casework, subject: str, why: str, by: str) -> Item:
    """The receiver does not take it, and says why: it stays the giver's. Errors: as `accept`, and text_missing."""
    with attempt(cw, by, "send_back_request", subject) as database:
        _, offered = _offered(cw, subject, by)
        reason = keep(database, subject, why)
        at = add(cw, database, subject, by, "send_back", {"department": offered.from_department}, reason)
        _settle(database, offered, by, at, accepted=0)
        return item(cw, subject)


def take_back(cw: Casework, subject: str, by: str) -> Item:
    """It is offered no longer, and can be handed to others: whoever it was offered to does not answer, say.

    Errors: Refused request_over, nothing_handed_over.
    """
    with attempt(cw, by, "take_back_request", subject) as database:
        this = _open(cw, subject)
        if this.hand_off is None:
            raise Refused("nothing_handed_over", request=subject)
        at = add(cw, database, subject, by, "take_back")
        _settle(database, this.hand_off, by, at, accepted=0)
        return item(cw, subject)


def _open(cw: Casework, subject: str) -> Item:
    this = item(cw, subject)
    if not this.is_open:
        raise Refused("request_over", request=subject)
    return this


def _offered(cw: Casework, subject: str, by: str) -> tuple[Item, HandOff]:
    this = _open(cw, subject)
    if this.hand_off is None:
        raise Refused("nothing_handed_over", request=subject)
    if this.hand_off.to_person not in (None, by):
        raise Refused("not_handed_to_you", request=subject, person=str(this.hand_off.to_person))
    if this.hand_off.offered_by == by and this.hand_off.to_person != by:
        raise Refused("hand_over_own", request=subject)
    return this, this.hand_off


def _settle(database: Database, offered: HandOff, by: str, at: str, accepted: int) -> None:
    database.execute(
        "UPDATE hand_off SET settled_at = ?, settled_by = ?, accepted = ? WHERE id = ?",
        (at, by, accepted, offered.id),
    )


def _hold(database: Database, this: Item, owner: str, department: str) -> None:
    if this.is_case:
        database.execute(
            "INSERT INTO case_holder VALUES (?1, ?2, ?3) ON CONFLICT (verification) DO UPDATE"
            " SET owner = ?2, department = ?3",
            (this.subject, owner, department),
        )
        return
    state = State.IN_HAND.value if this.state == State.NEW else this.state
    database.execute(
        "UPDATE request SET owner = ?, department = ?, state = ? WHERE id = ?",
        (owner, department, state, this.subject),
    )
