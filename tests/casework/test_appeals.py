"""A customer who does not accept the result gets a retest by other people."""

from __future__ import annotations

import pytest

from tests.casework.stories import CHECKER, OFFICE, VERIFIER, applied, explained, plan_of, under_test
from web.casework import cases, history
from web.casework.appeals import LONGEST, appeal
from web.casework.model import CUSTOMER, CaseState, Outcome
from web.casework.refused import Refused
from web.casework.store import Casework


def test_an_appeal_is_a_new_case_of_the_same_meter_for_others(cw: Casework) -> None:
    case_id = explained(cw, outcome=Outcome.FAIL).id
    again = appeal(cw, case_id, "这个结果我不认可", CUSTOMER)
    assert (again.retest_of, again.doubt, again.serial) == (case_id, "这个结果我不认可", "A-1")
    assert again.state is CaseState.APPLIED
    assert cases.case(cw, case_id).state is CaseState.CLOSED
    for verifier, checker in [(VERIFIER, "P9"), ("P9", VERIFIER), (CHECKER, "P9"), ("P9", CHECKER)]:
        with pytest.raises(Refused, match="retest_same_person"):
            cases.plan(cw, again.id, plan_of("A-1", verifier, checker))
    assert cases.plan(cw, again.id, plan_of("A-1", "P8", "P9")).state is CaseState.PLANNED


def test_an_appeal_says_why_and_there_is_one_at_a_time(cw: Casework) -> None:
    case_id = explained(cw).id
    with pytest.raises(Refused, match="text_missing"):
        appeal(cw, case_id, " ", CUSTOMER)
    with pytest.raises(Refused, match="text_too_long"):
        appeal(cw, case_id, "x" * (LONGEST + 1), CUSTOMER)
    assert cases.case(cw, case_id).state is CaseState.EXPLAINED
    appeal(cw, case_id, "doubt", OFFICE)
    with pytest.raises(Refused, match="has_a_retest"):
        appeal(cw, case_id, "doubt", CUSTOMER)
    assert history.refusals(cw)[0].key == "has_a_retest"


def test_a_stranger_s_application_stops_no_appeal(cw: Casework) -> None:
    case_id = explained(cw).id
    applied(cw, "a-1")
    assert appeal(cw, case_id, "doubt", CUSTOMER).retest_of == case_id


def test_nothing_is_appealed_before_there_is_a_result(cw: Casework) -> None:
    with pytest.raises(Refused, match="test_under_way"):
        appeal(cw, under_test(cw).id, "doubt", CUSTOMER)
