"""What a customer has found on the own telephone: kept under a code until it belongs to a case, or thirty days passed.

Several checks of one customer, and their photos (`self_check_photos.py`), come under one code (`self_check_codes.py`):
the address of the application carries it (`/apply?self_check=CODE`), and the application takes all of them; or they
come to a case that is open already. A check is never a verdict about the meter; its outcome is one of three words.

    code = keep(cw, Kind.NO_LOAD, Found.CONSISTENT, {"flashes": "0"}, {"zh": [...], "en": [...]})
    code = keep(cw, Kind.KNOWN_LOAD, ..., code=code)       the second one, under the same code
    attach(cw, code, case.id)                              with the application, or later
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calibration.household.found import Found
from calibration.texts import LANGUAGES
from web.casework import history as log
from web.casework import self_check_codes as codes
from web.casework import self_check_photos as photos
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.limits import require_room
from web.casework.model import CUSTOMER
from web.casework.moments import is_over
from web.casework.refused import Refused
from web.casework.self_check_codes import KEPT_DAYS, Standing
from web.casework.store import Casework, Database, Row

__all__ = ["KEPT_DAYS", "Found", "Kind", "SelfCheck", "attach", "keep", "kept", "of"]

MOST_OF_A_CODE = 10
MOST_OF_A_CASE = 30
MOST_UNATTACHED = 5000
"""Rows that belong to no case. When there are more, the oldest go: whoever sends many fills no disk."""
LONGEST_BODY = 8000
"""Characters of a check's figures and sentences together."""
_WHY_NOT = {
    Standing.KEPT: "self_check_only_photos",
    Standing.ATTACHED: "self_check_attached",
    Standing.EXPIRED: "self_check_gone",
    Standing.UNKNOWN: "self_check_unknown",
}
"""Of a code under which there is no check for a case."""


class Kind(StrEnum):
    NO_LOAD = "no_load"
    KNOWN_LOAD = "known_load"
    CONSUMPTION = "consumption"


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """One check. figures: for machines, values as text, units in the names. said: the sentences that the customer
    was shown, by "zh" and "en"; made by a page of ours, with numbers that the customer has typed, never with free text.

    at: when it was kept. until: when it goes, unless it belongs to a case.
    """

    kind: Kind
    found: Found
    figures: Mapping[str, str]
    said: Mapping[str, Sequence[str]]
    at: str
    until: str
    case_id: str | None


def keep(
    cw: Casework,
    kind: Kind,
    found: Found,
    figures: Mapping[str, str],
    said: Mapping[str, Sequence[str]],
    code: str = "",
) -> str:
    """Keep one check; returns the code it is kept under: the given one, where it is known and belongs to no case yet;
    else a new one. The code is returned once and kept nowhere.

    Errors: Refused self_checks_many, where that code has ten. ValueError, where figures and sentences are too long.
    """
    if set(said) != set(LANGUAGES):
        raise ValueError(f"a self-check is said in {LANGUAGES}, not in {sorted(said)}")
    body = json.dumps(
        {"figures": dict(figures), "said": {at: list(said[at]) for at in LANGUAGES}}, ensure_ascii=False
    )
    if len(body) > LONGEST_BODY:
        raise ValueError(f"a self-check of {len(body)} characters is too long")
    with cw.writing() as database:
        now = cw.now()
        _forget_old(database, now)
        there = _unattached(database, code)
        if len(there) >= MOST_OF_A_CODE:
            raise Refused("self_checks_many", most=str(MOST_OF_A_CODE))
        if not codes.is_kept(database, code):
            code = codes.new()
        until = codes.prolong(database, code, now)
        database.execute(
            "INSERT INTO self_check (code_sha256, kind, outcome, body, kept_at, until) VALUES (?, ?, ?, ?, ?, ?)",
            (codes.hashed(code), kind, found, body, now, until),
        )
    return code


def kept(cw: Casework, code: str) -> list[SelfCheck]:
    """What is kept under a code and belongs to no case yet, in the order of time; empty for an unknown or old one."""
    now = cw.now()
    with cw.reading() as database:
        is_old = codes.has_old(database, now)
        found = [row for row in _unattached(database, code) if not is_over(row["until"], now)]
    # A page that is only looked at writes nothing, but where somebody's figures have had their time.
    if is_old:
        with cw.writing() as database:
            _forget_old(database, now)
    return [_check(row) for row in found]


def attach(cw: Casework, code: str, case_id: str, by: str = CUSTOMER) -> None:
    """All checks of a code, with their photos, belong to the case from now on, and its history says so.

    Errors: Refused no_such_case, case_over, self_check_unknown, self_check_gone, self_check_attached,
    self_check_only_photos, self_checks_many_of_case, check_photos_many_of_case.
    """
    with attempt(cw, by, "self_check", case_id) as database:
        if not case(cw, case_id).is_open:
            raise Refused("case_over", case=case_id)
        require_room(cw, case_id, by)
        codes.forget_old(database, cw.now())
        rows = _unattached(database, code)
        if not rows:
            raise Refused(_WHY_NOT[codes.standing(database, code)], days=str(KEPT_DAYS))
        if len(rows) + len(of(cw, case_id)) > MOST_OF_A_CASE:
            raise Refused("self_checks_many_of_case", most=str(MOST_OF_A_CASE))
        database.execute(
            "UPDATE self_check SET case_id = ? WHERE code_sha256 = ? AND case_id IS NULL",
            (case_id, codes.hashed(code)),
        )
        for row in rows:
            log.add(cw, case_id, by, "self_check", {"kind": row["kind"], "outcome": row["outcome"]})
        for photo in photos.attach(database, code, case_id):
            log.add(cw, case_id, by, "self_check_photo", {"kind": photo.shows, "sha256": photo.sha256})


def of(cw: Casework, case_id: str) -> list[SelfCheck]:
    """The checks that belong to a case, in the order of time; none of a customer who is forgotten."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM self_check WHERE case_id = ? ORDER BY id", (case_id,)
        ).fetchall()
    return [_check(row) for row in rows]


def _unattached(database: Database, code: str) -> list[Row]:
    return database.execute(
        "SELECT * FROM self_check WHERE code_sha256 = ? AND case_id IS NULL ORDER BY id",
        (codes.hashed(code),),
    ).fetchall()


def _forget_old(database: Database, now: str) -> None:
    codes.forget_old(database, now)
    database.execute(
        "DELETE FROM self_check WHERE id IN"
        " (SELECT id FROM self_check WHERE case_id IS NULL ORDER BY id DESC LIMIT -1 OFFSET ?)",
        (MOST_UNATTACHED - 1,),
    )


def _check(row: Row) -> SelfCheck:
    body: dict[str, Any] = json.loads(row["body"])
    return SelfCheck(
        Kind(row["kind"]),
        Found(row["outcome"]),
        body["figures"],
        body["said"],
        row["kept_at"],
        row["until"],
        row["case_id"],
    )
