"""Witnessed cases: who verifies and who checks each, and that one verifier has one meter under test.

A case is known here by its id and the serial number of its meter alone; what the customer said is the web's. It is
assigned, then begun by its verifier, then ended. From its beginning to its end its verifier has no other one begun, and
its meter is in no other: the table of what is under test holds that by itself, whatever this program does. Where
nothing was measured yet it can be released with a reason, and is assigned as before. Persons change after the beginning
by a handover with its reason, and a retest is for persons who took no part in the case before.

Each function that changes something is one transaction, with its entry in the trail. Whether a run is under way the
registry does not know: whoever calls asks that before (`bench/service_staff.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bench.canonical import JsonObject
from bench.control.refused_reasons import Refusal, RefusedByRuleError
from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.kept_texts import What, keep_text
from bench.registry.persons import Person, Role, all_persons
from bench.registry.store import Registry, writing
from bench.registry.texts import require_text

_CASE_ID = re.compile(r"C[0-9]{4}-[0-9]{4,6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_SERIAL = 64
_MAY_ASSIGN = (Role.OFFICE, Role.ADMINISTRATOR, Role.VERIFIER, Role.CHECKER)


class CaseState(StrEnum):
    ASSIGNED = "assigned"
    BEGUN = "begun"
    ENDED = "ended"


class CaseRole(StrEnum):
    VERIFIER = "verifier"
    CHECKER = "checker"


@dataclass(frozen=True, slots=True)
class Case:
    """verifier, checker: ids. retest_of: id of a case, "" for none."""

    id: str
    serial: str
    verifier: str
    checker: str
    retest_of: str = ""
    state: CaseState = CaseState.ASSIGNED


@dataclass(frozen=True, slots=True)
class Handover:
    """why: None where the text was deleted. at: wall time."""

    role: CaseRole
    from_person: str
    to_person: str
    why: str | None
    by: str
    at: str


# --- reading


def find(database: Registry, case_id: str) -> Case | None:
    versions = _versions(database, case_id)
    return versions[-1] if versions else None


def named(database: Registry, case_id: str) -> Case:
    """Errors: RefusedByRuleError where it was never assigned."""
    if (case := find(database, case_id)) is None:
        raise RefusedByRuleError(Refusal.CASE_UNKNOWN, case=case_id[:_LONGEST_SERIAL])
    return case


def all_cases(database: Registry) -> list[Case]:
    """As they are now, in the order in which they were assigned."""
    ids = database.execute(
        "SELECT case_id FROM case_version GROUP BY case_id ORDER BY MIN(number)"
    ).fetchall()
    return [named(database, row["case_id"]) for row in ids]


def handovers(database: Registry, case_id: str) -> list[Handover]:
    """Oldest first."""
    rows = database.execute(
        "SELECT h.*, t.text FROM case_handover h LEFT JOIN kept_text t ON t.reference = h.why "
        "WHERE h.case_id = ? ORDER BY h.number",
        (case_id,),
    )
    return [
        Handover(CaseRole(r["role"]), r["from_person"], r["to_person"], r["text"], r["by"], r["wall_time"])
        for r in rows
    ]


def involved(database: Registry, case: Case) -> set[str]:
    """Who has had a role of a case, and who has named them: ids."""
    versions = _versions(database, case.id)
    acted = database.execute("SELECT by FROM case_version WHERE case_id = ?", (case.id,))
    return {v.verifier for v in versions} | {v.checker for v in versions} | {row["by"] for row in acted}


def under_test(database: Registry) -> dict[str, str]:
    """Verifiers who have a meter under test, each with the case."""
    return {row["verifier"]: row["case_id"] for row in database.execute("SELECT * FROM case_under_test")}


def told(case: Case) -> JsonObject:
    """Of a case, what the trail keeps."""
    return {
        "serial": case.serial,
        "verifier": case.verifier,
        "checker": case.checker,
        "retest_of": case.retest_of,
        "state": case.state.value,
    }


def require_may_run(database: Registry, case_id: str, person: str) -> Case:
    """The case, of which this person may run a verification now. Errors: RefusedByRuleError."""
    case = named(database, case_id)
    if case.state is CaseState.ENDED:
        raise RefusedByRuleError(Refusal.CASE_ENDED, case=case.id)
    _require_owner(case, case.verifier, person)
    if case.state is not CaseState.BEGUN:
        raise RefusedByRuleError(Refusal.CASE_NOT_BEGUN, case=case.id)
    return case


def _versions(database: Registry, case_id: str) -> list[Case]:
    rows = database.execute("SELECT * FROM case_version WHERE case_id = ? ORDER BY number", (case_id,))
    return [
        Case(r["case_id"], r["serial"], r["verifier"], r["checker"], r["retest_of"], CaseState(r["state"]))
        for r in rows
    ]


# --- changing


def assign(state_dir: Path, by: str, case: Case, now: str) -> Case:
    """Name the persons of a case, also anew as long as it has not begun. by: id of who does.

    Errors: RefusedByRuleError where a rule stands against it, OperatorError where id or serial number are none.
    """
    if not _CASE_ID.fullmatch(case.id):
        raise OperatorError(f"{case.id[:40]!r} is no id of a case; it is written as C2026-0001")
    case = replace(case, serial=require_text(case.serial, "the serial number", _LONGEST_SERIAL))
    with writing(state_dir, now) as database:
        _require_role(database, by, _MAY_ASSIGN)
        old = find(database, case.id)
        if old is not None and old.state is not CaseState.ASSIGNED:
            ended = old.state is CaseState.ENDED
            raise RefusedByRuleError(Refusal.CASE_ENDED if ended else Refusal.CASE_BEGUN, case=case.id)
        if case.retest_of:
            earlier = named(database, case.retest_of)
            if earlier.serial != case.serial or earlier.id == case.id:
                raise RefusedByRuleError(Refusal.RETEST_OTHER_METER, case=earlier.id, serial=earlier.serial)
        if case.verifier == case.checker:
            raise RefusedByRuleError(Refusal.SAME_PERSON, person=case.verifier)
        for role, person in ((CaseRole.VERIFIER, case.verifier), (CaseRole.CHECKER, case.checker)):
            _require_fit(database, case, role, person)
        return _written(database, by, "case_assigned", old, case, now)


def begin(state_dir: Path, by: str, case_id: str, now: str) -> Case:
    """Its verifier begins it; from now on both he and the meter are busy with it. Errors: RefusedByRuleError."""
    with writing(state_dir, now) as database:
        old = named(database, case_id)
        if old.state is CaseState.ENDED:
            raise RefusedByRuleError(Refusal.CASE_ENDED, case=old.id)
        _require_owner(old, old.verifier, by)
        if old.state is CaseState.BEGUN:
            return old
        _require_fit(database, old, CaseRole.VERIFIER, by)
        _require_free(database, old, by)
        database.execute("INSERT INTO case_under_test VALUES (?, ?, ?)", (old.id, by, old.serial))
        return _written(database, by, "case_begun", old, replace(old, state=CaseState.BEGUN), now)


def hand_over(state_dir: Path, by: str, case_id: str, role: CaseRole, to: str, why: str, now: str) -> Case:
    """Another person takes a role over. by: whoever has it, or an administrator.

    The checker may change after the end, too: certificates are signed then. Errors: RefusedByRuleError; OperatorError
    where no reason is given.
    """
    why = require_text(why, "the reason")
    with writing(state_dir, now) as database:
        old = named(database, case_id)
        is_verifier = role is CaseRole.VERIFIER
        present = old.verifier if is_verifier else old.checker
        _require_owner_or_administrator(database, old, present, by)
        if is_verifier and old.state is CaseState.ENDED:
            raise RefusedByRuleError(Refusal.CASE_ENDED, case=old.id)
        _require_fit(database, old, role, to)
        new = replace(old, verifier=to) if is_verifier else replace(old, checker=to)
        _require_other_role(database, old, role, to)
        if is_verifier and old.state is CaseState.BEGUN:
            _require_free(database, old, to)
            database.execute("UPDATE case_under_test SET verifier = ? WHERE case_id = ?", (to, old.id))
        reference = keep_text(database, old.id, What.HANDOVER, why, now)
        database.execute(
            "INSERT INTO case_handover (case_id, role, from_person, to_person, why, by, wall_time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (old.id, role.value, present, to, reference, by, now),
        )
        return _written(database, by, "case_handed_over", old, new, now, why=reference)


def release(state_dir: Path, by: str, case_id: str, why: str, now: str) -> Case:
    """Its customer has gone before anything was measured: it is assigned as before, and verifier and meter are free.

    by: its verifier, the office, or an administrator. Errors: RefusedByRuleError; OperatorError where no reason is
    given.
    """
    why = require_text(why, "the reason")
    with writing(state_dir, now) as database:
        old = named(database, case_id)
        if by != old.verifier:
            _require_role(database, by, (Role.OFFICE, Role.ADMINISTRATOR))
        _require_begun(old)
        database.execute("DELETE FROM case_under_test WHERE case_id = ?", (old.id,))
        reference = keep_text(database, old.id, What.RELEASE, why, now)
        new = replace(old, state=CaseState.ASSIGNED)
        return _written(database, by, "case_released", old, new, now, why=reference)


def end(state_dir: Path, by: str, case_id: str, digest: str, now: str) -> Case:
    """The test is over, and the verifier is free. by: he, or an administrator. digest: SHA-256 (hex) of the history
    that the web keeps of the case. Errors: RefusedByRuleError; OperatorError for what is no digest."""
    if not _SHA256.fullmatch(digest):
        raise OperatorError("digest is the SHA-256 of the case's history, 64 hexadecimal digits")
    with writing(state_dir, now) as database:
        old = named(database, case_id)
        _require_owner_or_administrator(database, old, old.verifier, by)
        _require_begun(old)
        database.execute("DELETE FROM case_under_test WHERE case_id = ?", (old.id,))
        new = replace(old, state=CaseState.ENDED)
        return _written(database, by, "case_ended", old, new, now, digest=digest)


def _written(
    database: Registry, by: str, what: str, old: Case | None, new: Case, now: str, **more: str
) -> Case:
    database.execute(
        "INSERT INTO case_version (case_id, serial, verifier, checker, retest_of, state, by, wall_time) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (new.id, new.serial, new.verifier, new.checker, new.retest_of, new.state.value, by, now),
    )
    trail.add(database, now, by, what, new.id, None if old is None else told(old), told(new) | more)
    return new


# --- rules


def _require_role(database: Registry, who: str, roles: Iterable[Role]) -> None:
    person = all_persons(database).get(who)
    wanted = list(roles)
    if person is None or not person.is_active or not set(person.roles) & set(wanted):
        raise RefusedByRuleError(Refusal.ROLE_MISSING, person=who, roles=[role.value for role in wanted])


def _require_begun(case: Case) -> None:
    if case.state is not CaseState.BEGUN:
        ended = case.state is CaseState.ENDED
        raise RefusedByRuleError(Refusal.CASE_ENDED if ended else Refusal.CASE_NOT_BEGUN, case=case.id)


def _require_owner(case: Case, owner: str, by: str) -> None:
    if by != owner:
        raise RefusedByRuleError(Refusal.NOT_YOUR_CASE, case=case.id, owner=owner)


def _require_owner_or_administrator(database: Registry, case: Case, owner: str, by: str) -> None:
    person = all_persons(database).get(by)
    if person is None or not person.is_active or Role.ADMINISTRATOR not in person.roles:
        _require_owner(case, owner, by)


def _require_fit(database: Registry, case: Case, role: CaseRole, who: str) -> Person:
    """This person is there, has the role, and took no part in the case that this one tests again."""
    person = all_persons(database).get(who)
    if person is None or not person.is_active:
        raise RefusedByRuleError(Refusal.PERSON_UNKNOWN, person=who[:_LONGEST_SERIAL])
    if Role(role.value) not in person.roles:
        lacks = Refusal.NOT_A_VERIFIER if role is CaseRole.VERIFIER else Refusal.NOT_A_CHECKER
        raise RefusedByRuleError(lacks, person=who)
    if case.retest_of and who in set().union(*_had(database, case.retest_of).values()):
        raise RefusedByRuleError(Refusal.RETEST_SAME_PERSON, person=who, case=case.retest_of)
    return person


def _require_other_role(database: Registry, case: Case, role: CaseRole, to: str) -> None:
    """Whoever checks a case has never verified in it, and the other way round."""
    other = CaseRole.CHECKER if role is CaseRole.VERIFIER else CaseRole.VERIFIER
    if to in _had(database, case.id)[other]:
        raise RefusedByRuleError(Refusal.SAME_PERSON, person=to)


def _had(database: Registry, case_id: str) -> dict[CaseRole, set[str]]:
    """Who has had each role of a case since it began, or has it now: who was named and replaced before took no part."""
    versions = _versions(database, case_id)
    counted = [*(v for v in versions if v.state is not CaseState.ASSIGNED), *versions[-1:]]
    return {
        CaseRole.VERIFIER: {version.verifier for version in counted},
        CaseRole.CHECKER: {version.checker for version in counted},
    }


def _require_free(database: Registry, case: Case, verifier: str) -> None:
    """Neither the verifier nor the meter is in another case that is under test."""
    row = database.execute(
        "SELECT * FROM case_under_test WHERE case_id <> ? AND (verifier = ? OR serial = ?)",
        (case.id, verifier, case.serial),
    ).fetchone()
    if row is None:
        return
    if row["verifier"] == verifier:
        raise RefusedByRuleError(Refusal.VERIFIER_BUSY, person=verifier, case=row["case_id"])
    raise RefusedByRuleError(Refusal.METER_BUSY, serial=case.serial, case=row["case_id"])
