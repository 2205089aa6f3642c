"""Who has a case in hand: how somebody stands to it, whether a verifier is free, who may take part in a retest.

Persons are the registry's; here they are ids. Whether somebody has the role and the authorisation is the measuring
process's to say; that two persons are two, that one verifier has one meter, and that a retest is for others, is said
here, too, before it is asked.
"""

from __future__ import annotations

from web.casework.model import BENCH, CUSTOMER, Case, Role
from web.casework.refused import Refused
from web.casework.store import Casework, Database
from web.casework.transitions import Who


def who_is(case: Case, by: str) -> Who:
    """How whoever acts stands to the case. by: `CUSTOMER`, `BENCH`, or a person."""
    if by in (CUSTOMER, BENCH):
        return Who(by)
    if by == case.verifier:
        return Who.VERIFIER
    return Who.CHECKER if by == case.checker else Who.STAFF


def busy_with(cw: Casework, person: str) -> str | None:
    """The case in which this person has a meter under witnessed test."""
    with cw.reading() as database:
        row = database.execute(
            "SELECT id FROM cases WHERE verifier = ? AND state IN ('ready', 'testing')", (person,)
        ).fetchone()
    return None if row is None else str(row["id"])


def require_free(cw: Casework, case_id: str, verifier: str) -> None:
    """Errors: Refused, where the verifier has another meter under test."""
    busy = busy_with(cw, verifier)
    if busy is not None and busy != case_id:
        raise Refused("verifier_busy", person=verifier, case=busy)


def require_two_fit(database: Database, case_id: str, verifier: str, checker: str) -> None:
    """Errors: Refused, where these two cannot have this case in hand."""
    if not verifier or not checker:
        raise Refused("person_missing")
    if verifier == checker:
        raise Refused("same_person", person=verifier)
    row = database.execute(
        "SELECT part.person, other.id FROM part JOIN cases AS other ON other.id = part.case_id"
        " WHERE other.root = (SELECT root FROM cases WHERE id = ?1) AND other.id <> ?1 AND part.person IN (?2, ?3)",
        (case_id, verifier, checker),
    ).fetchone()
    if row is not None:
        raise Refused("retest_same_person", person=row["person"], case=row["id"])


def take_in_hand(
    database: Database, case_id: str, role: Role, person: str, since: str, why: str | None
) -> None:
    """Write down who has the case in hand from now on. why: the reference of a handover's reason."""
    values = (case_id, role.value, person, since, why)
    database.execute("INSERT INTO part VALUES (NULL, ?, ?, ?, ?, ?)", values)
