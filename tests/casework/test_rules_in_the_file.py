"""What the file itself refuses, whoever writes to it: another program, a later version, a hand."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.checklist import Check
from bench.migrations import migrate
from tests.casework.stories import (
    after_test,
    applied,
    explained,
    opened,
    planned,
    received,
    tick_all,
    under_test,
)
from web.casework import cases
from web.casework.history import refuse
from web.casework.model import CUSTOMER, CaseState, Outcome
from web.casework.store import Casework
from web.casework.transitions import TABLE
from web.service.items import items


def _refuses(cw: Casework, what: str, statement: str, *values: object) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=what), cw.writing() as database:
        database.execute(statement, values)


def test_the_file_knows_the_passages_of_the_table_and_no_other(cw: Casework) -> None:
    with cw.reading() as database:
        rows = database.execute("SELECT before, after FROM passage").fetchall()
    ours = {(before.value, after.value) for (before, _), (after, _) in TABLE.items() if before is not after}
    assert {tuple(row) for row in rows} == ours


_FROM_APPLIED = {after for (before, _), (after, _) in TABLE.items() if before is CaseState.APPLIED}


@pytest.mark.parametrize("state", sorted(set(CaseState) - _FROM_APPLIED - {CaseState.APPLIED}))
def test_no_case_leaps(cw: Casework, state: CaseState) -> None:
    case = applied(cw)
    said = "no such passage|the checklist is open"
    _refuses(cw, said, "UPDATE cases SET state = ? WHERE id = ?", state, case.id)


def test_every_case_begins_with_an_application_and_is_kept(cw: Casework) -> None:
    case = applied(cw)
    _refuses(cw, "cases are kept", "DELETE FROM cases")
    begun = (
        "INSERT INTO cases (id, state, state_since, applied_on, doubt, serial, meter_kind, area, root)"
        " VALUES ('C2026-0002', 'ready', '', '', '', 'B', '{}', '', '')"
    )
    _refuses(cw, "begins with an application", begun)
    _refuses(cw, "what a case is stays", "UPDATE cases SET id = 'C2026-0009' WHERE id = ?", case.id)


def test_one_verifier_has_one_meter(cw: Casework) -> None:
    received(cw, "A")
    second = planned(cw, "B")
    _refuses(
        cw,
        "UNIQUE constraint failed: cases.verifier",
        "UPDATE cases SET state = 'ready' WHERE id = ?",
        second.id,
    )


def test_one_meter_has_one_planned_case(cw: Casework) -> None:
    planned(cw, "a-1")
    applied(cw, "A-1")
    second = planned(cw, "B")
    _refuses(
        cw,
        "UNIQUE constraint failed: cases.serial",
        "UPDATE cases SET serial = 'A-1' WHERE id = ?",
        second.id,
    )


def test_verifier_and_checker_are_two(cw: Casework) -> None:
    case = planned(cw)
    _refuses(cw, "verifier_is_not_checker", "UPDATE cases SET checker = verifier WHERE id = ?", case.id)
    _refuses(cw, "two_persons", "UPDATE cases SET checker = NULL WHERE id = ?", case.id)


@pytest.mark.parametrize("role", ["verifier", "checker"])
def test_nobody_gets_a_case_on_its_way_without_a_reason(cw: Casework, role: str) -> None:
    case = received(cw)
    change = f"UPDATE cases SET {role} = 'P9' WHERE id = ?"
    _refuses(cw, "with a reason, or not at all", change, case.id)
    part = f"INSERT INTO part VALUES (NULL, ?, '{role}', 'P9', '2026', ?)"
    with cw.writing() as database:
        database.execute(part, (case.id, None))
    _refuses(cw, "with a reason, or not at all", change, case.id)
    _refuses(cw, "CHECK constraint failed", part, case.id, "")
    with cw.writing() as database:
        database.execute(part, (case.id, "text:1"))
        database.execute(change, (case.id,))


@pytest.mark.parametrize("role", ["verifier", "checker"])
def test_nobody_gets_a_case_under_test(cw: Casework, role: str) -> None:
    case = under_test(cw)
    with cw.writing() as database:
        database.execute(f"INSERT INTO part VALUES (NULL, ?, '{role}', 'P9', '2026', 'text:1')", (case.id,))
    _refuses(cw, "or not at all", f"UPDATE cases SET {role} = 'P9' WHERE id = ?", case.id)


@pytest.mark.parametrize("check", list(Check))
def test_no_test_begins_with_an_open_checklist(cw: Casework, check: Check) -> None:
    case = received(cw)
    tick_all(cw, case.id, but=check)
    _refuses(cw, "checklist is open", "UPDATE cases SET state = 'testing' WHERE id = ?", case.id)
    _refuses(cw, "CHECK constraint failed: name", "INSERT INTO tick VALUES (?, 'other', 'P2', '')", case.id)


def test_what_is_over_has_what_it_needs(cw: Casework) -> None:
    case = applied(cw, "A")
    _refuses(cw, "declined_with_a_next_step", "UPDATE cases SET state = 'declined' WHERE id = ?", case.id)
    _refuses(cw, "ends_by_an_answer", "UPDATE cases SET state = 'withdrawn' WHERE id = ?", case.id)
    running = under_test(cw, "B")
    _refuses(cw, "tested_has_an_outcome", "UPDATE cases SET state = 'tested' WHERE id = ?", running.id)
    _refuses(
        cw, "CHECK constraint failed: outcome", "UPDATE cases SET outcome = 'GOOD' WHERE id = ?", running.id
    )
    cases.end_test(cw, running.id, Outcome.PASS, "P2")
    done = explained(cw, "C")
    _refuses(cw, "ends_by_an_answer", "UPDATE cases SET state = 'closed' WHERE id = ?", done.id)


@pytest.mark.parametrize("role", ["verifier", "checker"])
def test_a_retest_is_for_others(cw: Casework, role: str) -> None:
    first = after_test(cw)
    second = cases.retest(cw, first.id, "不信", CUSTOMER)
    for person in ("P2", "P3"):
        _refuses(
            cw, "a retest is for others", f"UPDATE cases SET {role} = '{person}' WHERE id = ?", second.id
        )
        part = f"INSERT INTO part VALUES (NULL, ?, '{role}', '{person}', '2026', NULL)"
        _refuses(cw, "a retest is for others", part, second.id)


@pytest.mark.parametrize("table", ["history", "refusal", "part"])
def test_what_was_written_down_is_neither_changed_nor_removed(cw: Casework, table: str) -> None:
    case = received(cw)
    refuse(cw, "P9", "something", "not_allowed", case.id)
    column = "person" if table == "part" else "case_id"
    _refuses(cw, "append-only", f"UPDATE {table} SET {column} = 'x'")
    _refuses(cw, "append-only", f"DELETE FROM {table}")


def test_a_history_has_no_gap(cw: Casework) -> None:
    case = applied(cw)
    for number in (1, 3):
        _refuses(cw, "no gap|UNIQUE", "INSERT INTO history VALUES (?, ?, x'00', '')", case.id, number)


def test_nobody_else_can_read_the_file(cw: Casework, folder: Path) -> None:
    assert (folder / "casework.sqlite").stat().st_mode & 0o777 == 0o600


SCHEMA = Path(__file__).parents[2] / "web" / "casework" / "schema"
BEFORE = ("001", "002", "010", "011")
"""What the release had that knew cases alone."""


def test_a_file_of_the_release_before_goes_on_with_its_cases(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for number in BEFORE:
        shutil.copy(SCHEMA / f"{number}.sql", old)
    with closing(sqlite3.connect(tmp_path / "casework.sqlite", isolation_level=None)) as database:
        migrate(database, "casework", old, "2026-11-01T08:00:00+00:00")
        for number in (1, 2):
            database.execute(
                "INSERT INTO cases (id, state, state_since, applied_on, doubt, serial, meter_kind, area, root)"
                " VALUES (?1, 'applied', ?2, ?2, '', ?3, '{}', 'A3', ?1)",
                (f"C2026-000{number}", "2026-11-01T08:00:00+00:00", f"B-{number}"),
            )
    with closing(opened(tmp_path)) as cw:
        assert applied(cw, "B-1").id == "C2026-0003", "an application reserves no meter any more"
        assert sorted(one.subject for one in items(cw)) == ["C2026-0001", "C2026-0002", "C2026-0003"]
