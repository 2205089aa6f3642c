"""The customer is asked again at 30 days and half a year after the test."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.casework.stories import (
    OFFICE,
    VERIFIER,
    Clock,
    after_test,
    applied,
    explained,
    plan_of,
    under_test,
)
from web.casework import cases, follow_ups, history
from web.casework.appeals import appeal
from web.casework.follow_ups import FollowUpKind, due, settle
from web.casework.model import CUSTOMER, Moment, Outcome
from web.casework.opinions import Difference, difference, expectation, experience
from web.casework.refused import Refused
from web.casework.store import Casework


def test_both_are_planned_when_the_test_has_ended(cw: Casework) -> None:
    case_id = under_test(cw).id
    assert follow_ups.of(cw, case_id) == []
    cases.end_test(cw, case_id, Outcome.FAIL, VERIFIER)
    both = follow_ups.of(cw, case_id)
    assert [(f.moment, f.tested_on, f.due_on) for f in both] == [
        (Moment.DAY_30, "2026-11-26", "2026-12-26"),
        (Moment.DAY_183, "2026-11-26", "2027-05-28"),
    ]
    assert all(f.settled_at is None for f in both)


def test_of_a_test_that_was_done_again_the_last_one_counts(cw: Casework, clock: Clock) -> None:
    case_id = after_test(cw, outcome=Outcome.INVALID).id
    clock.move(days=3)
    cases.begin_test(cw, case_id, "run-2", VERIFIER)
    cases.end_test(cw, case_id, Outcome.PASS, VERIFIER)
    assert [(f.tested_on, f.due_on) for f in follow_ups.of(cw, case_id)] == [
        ("2026-11-29", "2026-12-29"),
        ("2026-11-29", "2027-05-31"),
    ]


def test_what_is_due_and_overdue(cw: Casework) -> None:
    case_id = explained(cw).id
    assert due(cw, "2026-12-25") == []
    (first,) = due(cw, "2026-12-26")
    assert (first.case_id, first.moment, first.is_overdue("2026-12-26")) == (case_id, Moment.DAY_30, False)
    assert due(cw, "2026-12-27")[0].is_overdue("2026-12-27")
    assert [f.moment for f in due(cw, "2027-05-28")] == [Moment.DAY_30, Moment.DAY_183]


def test_what_was_said_settles_it(cw: Casework, clock: Clock) -> None:
    case_id = explained(cw).id
    clock.move(days=31)
    (first,) = due(cw, "2026-12-27")
    settled = settle(cw, first.id, FollowUpKind.CALL, "电费正常了", Decimal("203.50"), OFFICE)
    assert (settled.said, settled.used_kWh, settled.kind) == (
        "电费正常了",
        Decimal("203.5"),
        FollowUpKind.CALL,
    )
    assert (settled.settled_by, settled.settled_at) == (OFFICE, clock())
    assert not settled.is_overdue("2027-01-01")
    assert due(cw, "2026-12-27") == []
    assert follow_ups.of(cw, case_id)[0] == settled
    said = history.history(cw, case_id)[-1].values
    assert said == {"moment": "day_30", "kind": "call", "said": "电费正常了", "used_kWh": "203.5"}
    with pytest.raises(Refused, match="follow_up_settled"):
        settle(cw, first.id, FollowUpKind.CALL, "noch einmal", None, OFFICE)


def test_the_customer_settles_it_by_the_page_alone(cw: Casework) -> None:
    first, second = follow_ups.of(cw, explained(cw).id)
    with pytest.raises(Refused, match="not_for_customers"):
        settle(cw, first.id, FollowUpKind.CALL, "x", None, CUSTOMER)
    assert settle(cw, second.id, FollowUpKind.PAGE, "x", None, CUSTOMER).used_kWh is None
    with pytest.raises(Refused, match="no_such_follow_up"):
        settle(cw, 99, FollowUpKind.PAGE, "x", None, CUSTOMER)
    with pytest.raises(Refused, match="no_such_amount"):
        settle(cw, first.id, FollowUpKind.PAGE, "x", Decimal(-1), CUSTOMER)
    with pytest.raises(Refused, match="text_missing"):
        settle(cw, first.id, FollowUpKind.PAGE, " ", None, CUSTOMER)
    assert follow_ups.of(cw, first.case_id)[0].settled_at is None


def test_expectation_and_experience_are_compared_again(cw: Casework) -> None:
    case_id = applied(cw).id
    expectation(cw, case_id, "", 10, 0)
    cases.plan(cw, case_id, plan_of())
    with pytest.raises(Refused, match="not_tested_yet"):
        experience(cw, case_id, "", 3, 3, Moment.DAY_30)
    other = explained(cw, "B-2").id
    experience(cw, other, "", 3, 3, Moment.DAY_183, OFFICE)
    assert difference(cw, other, Moment.DAY_183) is None
    with cw.writing() as database:
        database.execute("UPDATE opinion SET case_id = ? WHERE case_id = ?", (other, case_id))
    assert difference(cw, other, Moment.DAY_183) == Difference(-7, 3)


def test_a_case_with_a_retest_is_followed_up_by_that_one(cw: Casework) -> None:
    case_id = explained(cw, outcome=Outcome.FAIL).id
    again = appeal(cw, case_id, "不认可", CUSTOMER)
    assert due(cw, "2030-01-01") == []
    cases.withdraw(cw, again.id, CUSTOMER)
    assert [f.case_id for f in due(cw, "2030-01-01")] == [case_id, case_id]


def test_a_retest_that_was_declined_has_followed_nobody_up(cw: Casework) -> None:
    case_id = explained(cw, outcome=Outcome.FAIL).id
    again = appeal(cw, case_id, "不认可", CUSTOMER)
    cases.decline(cw, again.id, "no", "ask", OFFICE)
    assert [f.case_id for f in due(cw, "2030-01-01")] == [case_id, case_id]
