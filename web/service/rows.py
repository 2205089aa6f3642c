"""Requests as the file has them, and their history, which is only added to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from web.casework.areas import meant_by, resolving
from web.casework.refused import Refused
from web.casework.said import words
from web.casework.store import Casework, Database, Row
from web.service.model import Event, HandOff, Kind, Request, State

LONGEST_TEXT = 2000
"""Characters of a free text."""


def request(cw: Casework, request_id: str) -> Request:
    """Errors: Refused no_such_request."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM request WHERE id = ?", (request_id,)).fetchone()
        if row is None:
            raise Refused("no_such_request", request=request_id)
        return _request(database, row, partial(meant_by, database))


def requests(cw: Casework) -> list[Request]:
    """The newest first."""
    with cw.reading() as database:
        rows = database.execute("SELECT * FROM request ORDER BY asked_at DESC, id DESC").fetchall()
        area_of = resolving(database)
        return [_request(database, row, area_of) for row in rows]


def events(cw: Casework, subject: str) -> list[Event]:
    """What was done with a request, or with a case beside its test, in its order."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT at, who, act, facts, text FROM request_event LEFT JOIN request_text ON request_text.id = said"
            " WHERE request_event.subject = ? ORDER BY number",
            (subject,),
        ).fetchall()
    return [Event(row["at"], row["who"], row["act"], json.loads(row["facts"]), row["text"]) for row in rows]


def open_hand_off(database: Database, subject: str) -> HandOff | None:
    row = database.execute(
        "SELECT hand_off.*, text FROM hand_off LEFT JOIN request_text ON request_text.id = why"
        " WHERE hand_off.subject = ? AND settled_at IS NULL",
        (subject,),
    ).fetchone()
    if row is None:
        return None
    return HandOff(
        id=row["id"],
        subject=subject,
        offered_at=row["offered_at"],
        offered_by=row["offered_by"],
        from_department=row["from_department"],
        to_department=row["to_department"],
        to_person=row["to_person"],
        why=row["text"],
    )


def keep(database: Database, subject: str, text: str) -> int:
    """Keep a free text; its number. Errors: Refused text_missing, text_too_long."""
    written = words(text, LONGEST_TEXT)
    (number,) = database.execute(
        "INSERT INTO request_text (subject, text) VALUES (?, ?) RETURNING id", (subject, written)
    ).fetchone()
    return int(number)


def add(
    cw: Casework,
    database: Database,
    subject: str,
    who: str,
    act: str,
    facts: Mapping[str, str] | None = None,
    said: int | None = None,
) -> str:
    """One line of the history, in the transaction of the act; returns when."""
    at = cw.now()
    database.execute(
        "INSERT INTO request_event SELECT ?1, COUNT(*) + 1, ?2, ?3, ?4, ?5, ?6 FROM request_event WHERE subject = ?1",
        (subject, at, who, act, json.dumps(dict(facts or {}), ensure_ascii=False, sort_keys=True), said),
    )
    return at


def _said(database: Database, request_id: str) -> dict[str, str]:
    """The last text of each act."""
    rows = database.execute(
        "SELECT act, text FROM request_event JOIN request_text ON request_text.id = said"
        " WHERE request_event.subject = ? ORDER BY number",
        (request_id,),
    )
    return {row["act"]: row["text"] for row in rows}


def _request(database: Database, row: Row, area_of: Callable[[str], str]) -> Request:
    customer = database.execute(
        "SELECT name, contact FROM request_customer WHERE request = ?", (row["id"],)
    ).fetchone()
    said = _said(database, row["id"])
    return Request(
        id=row["id"],
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        asked_at=row["asked_at"],
        asked_by=row["asked_by"],
        area=area_of(row["area"]),
        owner=row["owner"],
        department=row["department"],
        deadline=row["deadline"],
        words=said.get("ask"),
        name=None if customer is None else customer["name"],
        contact=None if customer is None else customer["contact"],
        answer=said.get("answer"),
        answered_at=row["answered_at"],
        settled=None if row["settled"] is None else bool(row["settled"]),
        settled_at=row["settled_at"],
        reason=said.get("close") or said.get("decline"),
        next_step=said.get("next_step"),
        closed_at=row["closed_at"],
        verification=row["verification"],
        hand_off=open_hand_off(database, row["id"]),
    )
