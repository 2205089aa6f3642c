"""Every request of a customer: one owner, a department, a deadline, a history, and an end that is never silent.

    new -> in_hand -> answered -> closed     the customer says that the answer settles it
    answered -> in_hand                      it does not: the same owner, a new deadline
    new | in_hand | answered -> closed       with a reason, or since it led to a verification case
    new | in_hand -> declined                outside of what is promised: a reason and a next step

An application for a verification is a case of `web/casework` and is not kept here a second time: `items.py` lists both,
and a request that leads to a case names it. The schema refuses an end without the customer's answer or a reason once
more. `by` is `CUSTOMER` or the id of a person; who of the staff may do it is the pages' to ask.
"""

from __future__ import annotations

import hashlib
import secrets

from web.casework.case_rows import case
from web.casework.forgetting import write_anew
from web.casework.history import attempt
from web.casework.limits import requests_full
from web.casework.model import CUSTOMER
from web.casework.numbering import next_id
from web.casework.promises import day_after
from web.casework.refused import Refused
from web.casework.said import one_line
from web.casework.store import Casework, Database
from web.dates import local_day
from web.service.model import DEPARTMENT_OF, Asked, Kind, Request, State
from web.service.rows import add, events, keep, request, requests

__all__ = [
    "answer", "ask", "by_token", "close", "customer_says", "decline", "events", "forget", "led_to", "of_case",
    "request", "requests",
]  # fmt: skip

LONGEST = {"words": 2000, "name": 80, "contact": 80, "area": 60}
"""Characters."""
MOST_TURNS = 20
"""How often a customer may say that an answer does not settle it: then it is for a person."""
_TOKEN_BYTES = 16


def ask(cw: Casework, asked: Asked) -> tuple[Request, str]:
    """A new request with the next number of the year, and the token of the customer's own page of it.

    Errors: Refused text_missing, text_too_long; requests_full, where a customer asks and too many wait.
    """
    with attempt(cw, asked.by, "ask") as database:
        if asked.by == CUSTOMER and requests_full(cw):
            raise Refused("requests_full")
        at = cw.now()
        request_id = next_id(database, "request", at)
        owner = None if asked.by == CUSTOMER else asked.by
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        area = one_line(asked.area, LONGEST["area"]) if asked.area.strip() else ""
        database.execute(
            "INSERT INTO request (id, kind, state, asked_at, asked_by, area, owner, department, deadline,"
            " token_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(request_id, asked.kind, State.IN_HAND if owner else State.NEW, at, asked.by, area, owner),
                *(DEPARTMENT_OF[asked.kind], _deadline(cw, asked.kind), _hashed(token)),
            ),
        )
        customer = (
            one_line(asked.name, LONGEST["name"]),
            one_line(asked.contact, LONGEST["contact"]),
        )
        database.execute("INSERT INTO request_customer VALUES (?, ?, ?)", (request_id, *customer))
        said = keep(database, request_id, asked.words)
        add(cw, database, request_id, asked.by, "ask", {"kind": asked.kind}, said)
        return request(cw, request_id), token


def by_token(cw: Casework, token: str) -> Request:
    """The customer's own. Errors: Refused no_such_request."""
    with cw.reading() as database:
        row = database.execute("SELECT id FROM request WHERE token_sha256 = ?", (_hashed(token),)).fetchone()
    if row is None:
        raise Refused("no_such_request", request="–")
    return request(cw, row["id"])


def answer(cw: Casework, request_id: str, text: str, by: str) -> Request:
    """What the customer is told. Whose nobody's it was has it in hand from now on.

    Errors: Refused request_over, text_missing, text_too_long.
    """
    with attempt(cw, by, "answer_request", request_id) as database:
        this = _open(cw, request_id)
        at = add(cw, database, request_id, by, "answer", said=keep(database, request_id, text))
        _set(database, request_id, state=State.ANSWERED, owner=this.owner or by, answered_at=at, settled=None)
        return request(cw, request_id)


def customer_says(cw: Casework, request_id: str, settled: bool, words: str, by: str = CUSTOMER) -> Request:
    """What the customer says to the answer: it is settled and so closed, or it is not and goes on.

    words: may be empty. by: whoever of the staff was told it. Errors: Refused request_over, not_answered_yet,
    text_too_long, request_turns.
    """
    with attempt(cw, by, "customer_says", request_id) as database:
        this = _open(cw, request_id)
        if this.state is not State.ANSWERED:
            raise Refused("not_answered_yet", request=request_id)
        turns = sum(event.act == "not_settled" for event in events(cw, request_id))
        if not settled and by == CUSTOMER and turns >= MOST_TURNS:
            raise Refused("request_turns", request=request_id)
        said = keep(database, request_id, words) if words.strip() else None
        at = add(cw, database, request_id, by, "settled" if settled else "not_settled", said=said)
        if settled:
            _set(database, request_id, state=State.CLOSED, settled=1, settled_at=at, closed_at=at)
            _end_hand_off(database, request_id, by, at)
        else:
            deadline = _deadline(cw, this.kind)
            _set(database, request_id, state=State.IN_HAND, settled=0, settled_at=at, deadline=deadline)
        return request(cw, request_id)


def close(cw: Casework, request_id: str, reason: str, by: str) -> Request:
    """Without the customer's word, and so with a reason: nobody was reached, say.

    Errors: Refused request_over, close_needs_answer_or_reason, text_too_long.
    """
    with attempt(cw, by, "close_request", request_id) as database:
        _open(cw, request_id)
        if not reason.strip():
            raise Refused("close_needs_answer_or_reason", case=request_id)
        at = add(cw, database, request_id, by, "close", said=keep(database, request_id, reason))
        _set(database, request_id, state=State.CLOSED, has_reason=1, closed_at=at)
        _end_hand_off(database, request_id, by, at)
        return request(cw, request_id)


def decline(cw: Casework, request_id: str, reason: str, next_step: str, by: str) -> Request:
    """What the service does not promise: the honest reason, and what the customer can do now. Neither is empty.

    Errors: Refused request_over, decline_needs_reason_and_next_step, text_too_long.
    """
    with attempt(cw, by, "decline_request", request_id) as database:
        _open(cw, request_id)
        if not reason.strip() or not next_step.strip():
            raise Refused("decline_needs_reason_and_next_step", case=request_id)
        add(cw, database, request_id, by, "decline", said=keep(database, request_id, reason))
        at = add(cw, database, request_id, by, "next_step", said=keep(database, request_id, next_step))
        _set(database, request_id, state=State.DECLINED, has_reason=1, has_next_step=1, closed_at=at)
        _end_hand_off(database, request_id, by, at)
        return request(cw, request_id)


def led_to(cw: Casework, request_id: str, case_id: str, by: str) -> Request:
    """It has become a verification case, which goes on for it. Errors: Refused request_over, no_such_case."""
    with attempt(cw, by, "request_led_to", request_id) as database:
        _open(cw, request_id)
        case(cw, case_id)
        at = add(cw, database, request_id, by, "led_to", {"case": case_id})
        _set(database, request_id, state=State.CLOSED, verification=case_id, closed_at=at)
        _end_hand_off(database, request_id, by, at)
        return request(cw, request_id)


def of_case(cw: Casework, case_id: str) -> list[Request]:
    """The requests that led to a case."""
    with cw.reading() as database:
        rows = database.execute("SELECT id FROM request WHERE verification = ? ORDER BY id", (case_id,))
        return [request(cw, row["id"]) for row in rows.fetchall()]


def forget(cw: Casework, request_id: str, by: str) -> None:
    """Delete who asked and every word of it; what was done, when and by whom of the staff stays.

    Errors: Refused no_such_request, request_open, forgotten_already.
    """
    with attempt(cw, by, "forget_request", request_id) as database:
        this = request(cw, request_id)
        if this.is_open:
            raise Refused("request_open", request=request_id)
        if this.name is None:
            raise Refused("forgotten_already", case=request_id)
        database.execute("DELETE FROM request_customer WHERE request = ?", (request_id,))
        database.execute("DELETE FROM request_text WHERE subject = ?", (request_id,))
        _set(database, request_id, area="", token_sha256=None)
        for table in ("request_customer", "request_text"):
            write_anew(database, table)
        add(cw, database, request_id, by, "forget")


def _open(cw: Casework, request_id: str) -> Request:
    this = request(cw, request_id)
    if not this.is_open:
        raise Refused("request_over", request=request_id)
    return this


def _set(database: Database, request_id: str, **columns: str | int | None) -> None:
    """Columns of the request; their names are ours."""
    named = ", ".join(f"{name} = ?" for name in columns)
    database.execute(f"UPDATE request SET {named} WHERE id = ?", (*columns.values(), request_id))


def _end_hand_off(database: Database, request_id: str, by: str, at: str) -> None:
    database.execute(
        "UPDATE hand_off SET settled_at = ?, settled_by = ?, accepted = 0 WHERE subject = ? AND settled_at IS NULL",
        (at, by, request_id),
    )


def _deadline(cw: Casework, kind: Kind) -> str:
    """The day by which the customer has an answer, as the published list promises it."""
    days = cw.promises.appeal_days if kind is Kind.APPEAL else cw.promises.answer_days
    return day_after(local_day(cw.now()).isoformat(), days)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
