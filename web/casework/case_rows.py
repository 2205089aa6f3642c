"""A case as the file has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial

from web.casework.areas import meant_by, resolving
from web.casework.history import text_of
from web.casework.model import ENDS, Case, CaseState, Customer, Outcome
from web.casework.refused import Refused
from web.casework.store import Casework, Database, Row


def case(cw: Casework, case_id: str) -> Case:
    """Errors: Refused where there is none."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM cases WHERE id = ?", (case_id,)).fetchone()
        if row is None:
            raise Refused("no_such_case", case=case_id)
        return _case(database, row, partial(meant_by, database))


def all_cases(cw: Casework, state: CaseState | None = None, person: str | None = None) -> list[Case]:
    """The newest first. state: only those in it. person: only those that this person verifies or checks."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM cases WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR verifier = ?2 OR checker = ?2)"
            " ORDER BY applied_on DESC, id DESC",
            (state, person),
        ).fetchall()
        area_of = resolving(database)
        return [_case(database, row, area_of) for row in rows]


def others_of_meter(cw: Casework, case_id: str, serial: str) -> list[Case]:
    """The cases with this serial number (upper and lower case alike) that are not at their end, without this one."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT * FROM cases WHERE serial = ? COLLATE NOCASE AND id <> ?"
            f" AND state NOT IN ({listed(ENDS)}) ORDER BY id",
            (serial, case_id),
        ).fetchall()
        area_of = resolving(database)
        return [_case(database, row, area_of) for row in rows]


def listed(states: Collection[CaseState]) -> str:
    """For `IN (...)`; the states are words of ours, so they need no place of their own."""
    return ", ".join(f"'{state}'" for state in sorted(states))


def _case(database: Database, row: Row, area_of: Callable[[str], str]) -> Case:
    customer = database.execute(
        "SELECT name, address, phone FROM customer WHERE case_id = ?", (row["id"],)
    ).fetchone()
    runs = database.execute("SELECT run_id FROM case_run WHERE case_id = ? ORDER BY rowid", (row["id"],))
    return Case(
        id=row["id"],
        state=CaseState(row["state"]),
        state_since=row["state_since"],
        applied_on=row["applied_on"],
        customer=None if customer is None else Customer(*customer),
        doubt=text_of(database, row["doubt"]),
        serial=row["serial"],
        meter_kind=json.loads(row["meter_kind"]),
        area=area_of(row["area"]),
        rule_set=row["rule_set"],
        decision_rule=row["decision_rule"],
        plan_toml=row["plan_toml"],
        planned_s=row["planned_s"],
        verifier=row["verifier"],
        checker=row["checker"],
        appointment=row["appointment"],
        deadline=row["deadline"],
        retest_of=row["retest_of"],
        run_ids=tuple(run["run_id"] for run in runs),
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        answered_on=row["answered_on"],
        reason=text_of(database, row["closing_reason"]),
        next_step=text_of(database, row["next_step"]),
    )
