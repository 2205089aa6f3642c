"""How a customer gets in, without an account.

An invitation is a token of 192 bits that somebody of the laboratory shows as a QR code. It opens one case, once,
within ten minutes, and is exchanged for a cookie: a visit, which ends when the case is closed, when
somebody ends it, or after twelve hours. Later the result link opens the same case, from anywhere, until it is
revoked or the follow-up is over; there may be several, so that one can be given to a relative and taken back alone.

Kept are hashes only. A token is looked up by its hash, so the time that takes says nothing about a token.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from web.casework import history as log
from web.casework.history import attempt
from web.casework.model import CUSTOMER, WITH_A_RESULT, CaseState
from web.casework.moments import DAY_S, has_ended, is_over, later
from web.casework.refused import Refused
from web.casework.store import Casework, Database, Row

INVITATION_S = 600
VISIT_S = 12 * 3600
LINK_S = 400 * DAY_S
"""The second follow-up, half a year after the test, and as long again to read what it said."""
MOST_LINKS = 10
"""That open a case at one time."""
_BYTES = 24
_LONGEST = 100
_REMEMBERED_S = DAY_S
"""How long a token that opens nothing any more is told from one that never did."""
_VISITED = (
    CaseState.PLANNED,
    CaseState.READY,
    CaseState.TESTING,
    CaseState.TESTED,
    CaseState.EXPLAINED,
)
"""Until the case is closed: after the explanation there are certificate, signature and opinion, before leaving."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A customer is in, in one case and until then."""

    case_id: str
    until: str


@dataclass(frozen=True, slots=True)
class ResultLink:
    """id: to revoke it by; what it opens with is known to its holder alone."""

    id: int
    made_by: str
    made_at: str
    until: str
    revoked_at: str | None


def invite(cw: Casework, case_id: str, by: str) -> str:
    """A token that lets one customer into this case. Errors: Refused no_such_case, no_visit_now."""
    token = secrets.token_urlsafe(_BYTES)
    with attempt(cw, by, "invite", case_id) as database:
        if _state(database, case_id) not in _VISITED:
            raise Refused("no_visit_now", case=case_id)
        now = cw.now()
        until = later(now, INVITATION_S)
        forget_old(database, "invitation", now)
        database.execute(
            "INSERT INTO invitation VALUES (?, ?, ?, ?, NULL)", (_hash(token), case_id, by, until)
        )
        log.add(cw, case_id, by, "invite", {"until": until})
    return token


def accept(cw: Casework, token: str) -> tuple[str, Visit]:
    """Exchange an invitation for the cookie of a visit.

    Errors: Refused token_unknown, token_used, token_expired, no_visit_now.
    """
    digest = _hash(token)
    with attempt(cw, CUSTOMER, "join", _case_of(cw, "invitation", digest)) as database:
        case_id = _use(cw, database, digest)
        now = cw.now()
        cookie = secrets.token_urlsafe(_BYTES)
        visit = Visit(case_id, later(now, VISIT_S))
        forget_old(database, "visit", now)
        database.execute(
            "INSERT INTO visit VALUES (?, ?, ?, ?, NULL)", (_hash(cookie), case_id, now, visit.until)
        )
        log.add(cw, case_id, CUSTOMER, "join")
    return cookie, visit


def visit_of(cw: Casework, cookie: str) -> Visit | None:
    """The visit that a cookie stands for; None where it is over, or there was none."""
    with cw.reading() as database:
        row = database.execute(
            "SELECT visit.case_id, visit.until, visit.ended_at, cases.state FROM visit"
            " JOIN cases ON cases.id = visit.case_id WHERE cookie_sha256 = ?",
            (_hash(cookie),),
        ).fetchone()
    if row is None or row["ended_at"] is not None or row["state"] not in _VISITED:
        return None
    return None if has_ended(row["until"], VISIT_S, cw.now()) else Visit(row["case_id"], row["until"])


def end_visits(cw: Casework, case_id: str, by: str) -> None:
    """Nobody is in any more who came by an invitation, and no invitation lets anybody in."""
    with attempt(cw, by, "end_visits", case_id) as database:
        _state(database, case_id)
        now = cw.now()
        database.execute(
            "UPDATE visit SET ended_at = ? WHERE case_id = ? AND ended_at IS NULL", (now, case_id)
        )
        database.execute(
            "UPDATE invitation SET used_at = ? WHERE case_id = ? AND used_at IS NULL", (now, case_id)
        )
        log.add(cw, case_id, by, "end_visits")


def result_link(cw: Casework, case_id: str, by: str) -> str:
    """A token that opens the result of this case from now on. Errors: Refused not_tested_yet, links_many."""
    token = secrets.token_urlsafe(_BYTES)
    with attempt(cw, by, "result_link", case_id) as database:
        if _state(database, case_id) not in WITH_A_RESULT:
            raise Refused("not_tested_yet", case=case_id)
        now = cw.now()
        if sum(_why_shut(row, now) is None for row in _links(database, case_id)) >= MOST_LINKS:
            raise Refused("links_many", most=str(MOST_LINKS))
        values = (_hash(token), case_id, by, now, later(now, LINK_S))
        database.execute("INSERT INTO result_link VALUES (NULL, ?, ?, ?, ?, ?, NULL)", values)
        log.add(cw, case_id, by, "result_link")
    return token


def links(cw: Casework, case_id: str) -> list[ResultLink]:
    """All that were made for a case, the oldest first."""
    with cw.reading() as database:
        return [
            ResultLink(row["id"], row["made_by"], row["made_at"], row["until"], row["revoked_at"])
            for row in _links(database, case_id)
        ]


def revoke(cw: Casework, case_id: str, by: str, link_id: int | None = None) -> None:
    """One link of a case opens nothing any more; without an id none does."""
    with attempt(cw, by, "revoke", case_id) as database:
        _state(database, case_id)
        database.execute(
            "UPDATE result_link SET revoked_at = ?1"
            " WHERE case_id = ?2 AND revoked_at IS NULL AND (?3 IS NULL OR id = ?3)",
            (cw.now(), case_id, link_id),
        )
        log.add(cw, case_id, by, "revoke", {"link": "all" if link_id is None else str(link_id)})


def case_of_link(cw: Casework, token: str) -> str:
    """The id of the case that a result link opens. Errors: Refused link_unknown, link_revoked, link_expired."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM result_link WHERE token_sha256 = ?", (_hash(token),)).fetchone()
    key = _why_shut(row, cw.now())
    if key is not None:
        with attempt(cw, CUSTOMER, "open_result", None if row is None else row["case_id"]):
            raise Refused(key)
    return str(row["case_id"])


def _why_shut(link: Row | None, now: str) -> str | None:
    if link is None:
        return "link_unknown"
    if link["revoked_at"] is not None:
        return "link_revoked"
    return "link_expired" if has_ended(link["until"], LINK_S, now) else None


def _use(cw: Casework, database: Database, digest: str) -> str:
    """The case of an invitation, which is used from now on."""
    row = database.execute("SELECT * FROM invitation WHERE token_sha256 = ?", (digest,)).fetchone()
    if row is None:
        raise Refused("token_unknown")
    if row["used_at"] is not None:
        raise Refused("token_used")
    if has_ended(row["until"], INVITATION_S, cw.now()):
        raise Refused("token_expired")
    if _state(database, row["case_id"]) not in _VISITED:
        raise Refused("no_visit_now", case=row["case_id"])
    database.execute("UPDATE invitation SET used_at = ? WHERE token_sha256 = ?", (cw.now(), digest))
    return str(row["case_id"])


def _hash(token: str) -> str:
    """What is kept of a token; of what is too long to be one, that of its beginning, which is none either."""
    return hashlib.sha256(token[:_LONGEST].encode("utf-8", "surrogatepass")).hexdigest()


def _case_of(cw: Casework, table: str, digest: str) -> str | None:
    with cw.reading() as database:
        row = database.execute(f"SELECT case_id FROM {table} WHERE token_sha256 = ?", (digest,)).fetchone()
    return None if row is None else str(row["case_id"])


def _state(database: Database, case_id: str) -> str:
    row = database.execute("SELECT state FROM cases WHERE id = ?", (case_id,)).fetchone()
    if row is None:
        raise Refused("no_such_case", case=case_id)
    return str(row["state"])


def _links(database: Database, case_id: str) -> list[Row]:
    return database.execute("SELECT * FROM result_link WHERE case_id = ? ORDER BY id", (case_id,)).fetchall()


def forget_old(database: Database, table: str, now: str) -> None:
    """Tokens that have opened nothing for a day. table: `invitation` or `visit`."""
    for row in database.execute(f"SELECT rowid, until FROM {table}").fetchall():
        if is_over(later(row["until"], _REMEMBERED_S), now):
            database.execute(f"DELETE FROM {table} WHERE rowid = ?", (row["rowid"],))
