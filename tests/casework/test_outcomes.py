"""What a run showed when it was over is kept with its case, and stays as it was."""

from __future__ import annotations

import sqlite3

import pytest

from tests.casework.stories import application, under_test
from web.casework import cases, outcomes
from web.casework.store import Casework


def test_the_last_run_of_a_case_is_what_is_shown(cw: Casework) -> None:
    case = under_test(cw)
    assert outcomes.latest(cw, case.id) is None
    assert outcomes.kept_at(cw, case.id) is None
    assert outcomes.keep(cw, case.id, "run-000002", {"verdict": "无效"})
    assert outcomes.keep(cw, case.id, "run-000001", {"verdict": "PASS"})
    assert outcomes.latest(cw, case.id) == {"verdict": "PASS"}
    assert outcomes.kept_at(cw, case.id) == cw.now()


def test_a_run_that_is_kept_stays_as_it_was(cw: Casework) -> None:
    case = under_test(cw)
    outcomes.keep(cw, case.id, "run-000001", {"verdict": "FAIL"})
    assert not outcomes.keep(cw, case.id, "run-000001", {"verdict": "PASS"})
    assert outcomes.latest(cw, case.id) == {"verdict": "FAIL"}
    with pytest.raises(sqlite3.IntegrityError, match="as it was"), cw.writing() as database:
        database.execute("UPDATE outcome SET state = '{}'")


def test_a_case_that_there_is_not_keeps_nothing(cw: Casework) -> None:
    cases.apply(cw, application())
    assert not outcomes.keep(cw, "C1999-0001", "run-000001", {})
    assert outcomes.latest(cw, "C1999-0001") is None
