"""What a customer has found on the own telephone: kept under a code until it belongs to a case, or thirty days passed.

A code has 128 bits and is kept as its hash only, so who reads the file can open nothing. Several checks of one customer
come under one code: the address of the application carries it (`/apply?self_check=CODE`), and the application takes all
of them. A check is never a verdict about the meter; its outcome is one of three words.

    code = keep(cw, Kind.NO_LOAD, Found.CONSISTENT, {"flashes": "0"}, {"zh": [...], "en": [...]})
    code = keep(cw, Kind.KNOWN_LOAD, ..., code=code)       the second one, under the same code
    attach(cw, code, case.id)                              in the transaction of the application
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calibration.household.found import Found
from web.casework import history as log
from web.casework.case_rows import case
from web.casework.history import attempt
from web.casework.limits import require_room
from web.casework.model import CUSTOMER
from web.casework.moments import is_over, later
from web.casework.refused import Refused
from web.casework.store import Casework, Database, Row

__all__ = ["KEPT_DAYS", "Found", "Kind", "SelfCheck", "attach", "keep", "kept", "of"]

KEPT_DAYS = 30
MOST_OF_A_CODE = 10
MOST_UNATTACHED = 5000
"""Rows that belong to no case. When there are more, the oldest go: whoever sends many fills no disk."""
LONGEST_BODY = 8000
"""Characters of a check's figures and sentences together."""
_BYTES = 16
_LONGEST_CODE = 64
_DAY_S = 86_400.0
_IS_OLD = "case_id IS NULL AND julianday(until) <= julianday(?)"
_LANGUAGES = ("zh", "en")


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
    if set(said) != set(_LANGUAGES):
        raise ValueError(f"a self-check is said in {_LANGUAGES}, not in {sorted(said)}")
    body = json.dumps(
        {"figures": dict(figures), "said": {at: list(said[at]) for at in _LANGUAGES}}, ensure_ascii=False
    )
    if len(body) > LONGEST_BODY:
        raise ValueError(f"a self-check of {len(body)} characters is too long")
    with cw.writing() as database:
        now = cw.now()
        _forget_old(database, now)
        there = _unattached(database, code)
        if len(there) >= MOST_OF_A_CODE:
            raise Refused("self_checks_many", most=str(MOST_OF_A_CODE))
        if not there:
            code = secrets.token_urlsafe(_BYTES)
        until = later(now, KEPT_DAYS * _DAY_S)
        database.execute(
            "INSERT INTO self_check (code_sha256, kind, outcome, body, kept_at, until) VALUES (?, ?, ?, ?, ?, ?)",
            (_hash(code), kind, found, body, now, until),
        )
        database.execute(
            "UPDATE self_check SET until = ? WHERE code_sha256 = ? AND case_id IS NULL", (until, _hash(code))
        )
    return code


def kept(cw: Casework, code: str) -> list[SelfCheck]:
    """What is kept under a code and belongs to no case yet, in the order of time; empty for an unknown or old one."""
    now = cw.now()
    with cw.reading() as database:
        (is_old,) = database.execute(
            f"SELECT EXISTS (SELECT 1 FROM self_check WHERE {_IS_OLD})", (now,)
        ).fetchone()
        found = [row for row in _unattached(database, code) if not is_over(row["until"], now)]
    # A page that is only looked at writes nothing, but where somebody's figures have had their time.
    if is_old:
        with cw.writing() as database:
            _forget_old(database, now)
    return [_check(row) for row in found]


def attach(cw: Casework, code: str, case_id: str, by: str = CUSTOMER) -> None:
    """All checks of a code belong to the case from now on. Errors: Refused self_check_gone, no_such_case."""
    with attempt(cw, by, "self_check", case_id) as database:
        case(cw, case_id)
        require_room(cw, case_id, by)
        _forget_old(database, cw.now())
        rows = _unattached(database, code)
        if not rows:
            raise Refused("self_check_gone", days=str(KEPT_DAYS))
        database.execute(
            "UPDATE self_check SET case_id = ? WHERE code_sha256 = ? AND case_id IS NULL",
            (case_id, _hash(code)),
        )
        for row in rows:
            log.add(cw, case_id, by, "self_check", {"kind": row["kind"], "outcome": row["outcome"]})


def of(cw: Casework, case_id: str) -> list[SelfCheck]:
    """The checks that belong to a case, in the order of time; none of a customer who is forgotten."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM self_check WHERE case_id = ? ORDER BY id", (case_id,)
        ).fetchall()
    return [_check(row) for row in rows]


def _unattached(database: Database, code: str) -> list[Row]:
    if not code or len(code) > _LONGEST_CODE:
        return []
    return database.execute(
        "SELECT * FROM self_check WHERE code_sha256 = ? AND case_id IS NULL ORDER BY id", (_hash(code),)
    ).fetchall()


def _forget_old(database: Database, now: str) -> None:
    database.execute(f"DELETE FROM self_check WHERE {_IS_OLD}", (now,))
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


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
