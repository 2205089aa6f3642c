"""Expectation and experience on the same scales, and what lies between them."""

from __future__ import annotations

import pytest

from tests.casework.stories import (
    VERIFIER,
    Clock,
    after_test,
    explained,
    planned,
    received,
    tick_all,
    under_test,
)
from web.casework import cases, history
from web.casework.model import CUSTOMER, Moment, Outcome
from web.casework.opinions import (
    Difference,
    Satisfaction,
    difference,
    expectation,
    experience,
    opinions,
    satisfaction,
    satisfied,
)
from web.casework.refused import Refused
from web.casework.store import Casework


def test_satisfaction_is_experience_minus_expectation(cw: Casework) -> None:
    case_id = received(cw).id
    expectation(cw, case_id, "想知道电表准不准", 9, 2)
    tick_all(cw, case_id)
    cases.begin_test(cw, case_id, "run-1", VERIFIER)
    assert difference(cw, case_id) is None
    cases.end_test(cw, case_id, Outcome.PASS, VERIFIER)
    experience(cw, case_id, "", 1, 8)
    assert difference(cw, case_id) == Difference(meter_is_wrong=-8, trust=6)
    experience(cw, case_id, "还好", 4, 7, Moment.DAY_30, VERIFIER)
    assert difference(cw, case_id, Moment.DAY_30) == Difference(meter_is_wrong=-5, trust=5)
    assert difference(cw, case_id, Moment.DAY_183) is None
    said = opinions(cw, case_id)
    assert list(said) == [Moment.BEFORE, Moment.AFTER, Moment.DAY_30]
    assert (said[Moment.BEFORE].words, said[Moment.AFTER].words) == ("想知道电表准不准", "")


def test_said_again_the_last_one_counts_and_the_history_has_both(cw: Casework) -> None:
    case_id = planned(cw).id
    expectation(cw, case_id, "first", 3, 3)
    expectation(cw, case_id, "second", 4, 5)
    now = opinions(cw, case_id)[Moment.BEFORE]
    assert (now.words, now.meter_is_wrong, now.trust) == ("second", 4, 5)
    said = [e.values for e in history.history(cw, case_id) if e.act == "expect"]
    assert [(v["words"], v["meter_is_wrong"], v["trust"]) for v in said] == [
        ("first", "3", "3"),
        ("second", "4", "5"),
    ]


def test_what_was_expected_is_said_before_and_what_was_seen_after(cw: Casework) -> None:
    case_id = under_test(cw).id
    with pytest.raises(Refused, match="too_late_to_expect"):
        expectation(cw, case_id, "", 1, 1)
    with pytest.raises(Refused, match="not_tested_yet"):
        experience(cw, case_id, "", 1, 1)
    with pytest.raises(Refused, match="not_tested_yet"):
        satisfaction(cw, case_id, 5, "")
    with pytest.raises(ValueError, match="no experience"):
        experience(cw, case_id, "", 1, 1, Moment.BEFORE)


@pytest.mark.parametrize(("meter_is_wrong", "trust"), [(-1, 5), (11, 5), (5, -1), (5, 11)])
def test_scales_go_from_0_to_10(cw: Casework, meter_is_wrong: int, trust: int) -> None:
    case_id = planned(cw).id
    expectation(cw, case_id, "", 0, 10)
    with pytest.raises(Refused, match="off_the_scale"):
        expectation(cw, case_id, "", meter_is_wrong, trust)
    assert opinions(cw, case_id)[Moment.BEFORE].trust == 10


def test_satisfaction_is_the_customers_answer_to_the_case(cw: Casework, clock: Clock) -> None:
    case_id = explained(cw).id
    assert satisfied(cw, case_id) is None
    with pytest.raises(Refused, match="close_needs_answer_or_reason"):
        cases.close(cw, case_id, "", VERIFIER)
    said = satisfaction(cw, case_id, 4, "为什么重复了一次")
    assert satisfied(cw, case_id) == said == Satisfaction(4, "为什么重复了一次", clock())
    cases.close(cw, case_id, "", VERIFIER)
    assert (history.history(cw, case_id)[-2].who, history.history(cw, case_id)[-2].act) == (
        CUSTOMER,
        "satisfaction",
    )


@pytest.mark.parametrize("score", [0, 6, -3])
def test_a_score_is_from_1_to_5(cw: Casework, score: int) -> None:
    case_id = after_test(cw).id
    satisfaction(cw, case_id, 1, "")
    satisfaction(cw, case_id, 5, "")
    with pytest.raises(Refused, match="off_the_scale"):
        satisfaction(cw, case_id, score, "")
