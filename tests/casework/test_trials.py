"""Catch the bench out: what was hidden and what was found is kept, a few times a case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.casework.stories import Clock, planned
from web.casework.refused import Refused
from web.casework.store import Casework
from web.casework.trials import MOST, require_another_trial, trial, trials

FOUND = {"error_pct": "1.30", "verdict": "FAIL", "points": [{"name": "Imax", "percentage_error_pct": "1.28"}]}


def test_what_was_hidden_and_found_is_kept(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    kept = trial(cw, case_id, Decimal("1.30"), FOUND)
    assert (kept.error_pct, kept.outcome, kept.at) == (Decimal("1.3"), FOUND, clock())
    assert trials(cw, case_id) == [kept]
    assert trials(cw, planned(cw, "B-2", "P4", "P5").id) == []


@pytest.mark.parametrize("error_pct", ["20.01", "-20.01", "NaN", "0.001"])
def test_an_error_is_at_most_twenty_percent(cw: Casework, error_pct: str) -> None:
    case_id = planned(cw).id
    trial(cw, case_id, Decimal("-20"), FOUND)
    with pytest.raises(Refused, match="no_such_amount"):
        trial(cw, case_id, Decimal(error_pct), FOUND)


def test_there_are_so_many_trials_a_case(cw: Casework) -> None:
    case_id = planned(cw).id
    for _ in range(MOST):
        require_another_trial(cw, case_id)
        trial(cw, case_id, Decimal(1), FOUND)
    with pytest.raises(Refused, match="trials_many"):
        require_another_trial(cw, case_id)
    with pytest.raises(Refused, match="trials_many"):
        trial(cw, case_id, Decimal(1), FOUND)


def test_an_answer_of_the_bench_that_fills_the_disk_is_a_fault(cw: Casework) -> None:
    with pytest.raises(ValueError, match="characters long"):
        trial(cw, planned(cw).id, Decimal(1), {"funnel": "x" * 60_000})
