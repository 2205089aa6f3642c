"""A case from its application to its end, and what stands against each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench.checklist import EVERY_CHECK, Check
from tests.casework.stories import (
    BEGAN,
    CHECKER,
    OFFICE,
    VERIFIER,
    Clock,
    after_test,
    application,
    applied,
    explained,
    plan_of,
    planned,
    received,
    tick_all,
    under_test,
)
from web.casework import cases, checklists, consent
from web.casework.agreements import REQUIRED, Thing
from web.casework.history import history, refusals
from web.casework.model import BENCH, CUSTOMER, ENDS, Application, CaseState, Customer, Outcome, Role
from web.casework.refused import Refused
from web.casework.store import Casework


def refused(key: str, act: Callable[..., object], *given: object) -> Refused:
    with pytest.raises(Refused) as told:
        act(*given)
    assert told.value.key == key
    assert told.value.text("zh")
    assert told.value.text("en")
    return told.value


def test_a_case_from_its_application_to_its_end(cw: Casework) -> None:
    case = applied(cw)
    assert (case.id, case.state, case.doubt) == ("C2026-0001", CaseState.APPLIED, "电表走得太快了")
    assert case.customer == Customer("王小明", "人民路 12 号", "138 0000 0000")
    case = cases.plan(cw, case.id, plan_of())
    assert (case.state, case.verifier, case.checker) == (CaseState.PLANNED, VERIFIER, CHECKER)
    assert cases.receive(cw, case.id, VERIFIER).state is CaseState.READY
    tick_all(cw, case.id)
    assert cases.begin_test(cw, case.id, "run-000001", VERIFIER).state is CaseState.TESTING
    case = cases.end_test(cw, case.id, Outcome.FAIL, BENCH)
    assert (case.state, case.outcome, case.run_ids) == (CaseState.TESTED, Outcome.FAIL, ("run-000001",))
    assert cases.explain(cw, case.id, VERIFIER).state is CaseState.EXPLAINED
    cases.answered(cw, case.id)
    case = cases.close(cw, case.id, "", OFFICE)
    assert (case.state, case.reason, case.is_open) == (CaseState.CLOSED, None, False)
    acts = [entry.act for entry in history(cw, case.id) if entry.act not in ("tick", "consent")]
    assert acts == ["apply", "plan", "receive", "begin_test", "end_test", "explain", "close"]
    assert refusals(cw) == []


def test_ids_count_up_within_the_year_and_leave_none_out(cw: Casework, clock: Clock) -> None:
    refused("serial_missing", applied, cw, " ")
    assert applied(cw, "A").id == "C2026-0001"
    assert applied(cw, "B").id == "C2026-0002"
    clock.move(days=40)
    assert applied(cw, "C").id == "C2027-0001"


@pytest.mark.usefixtures("in_shanghai")
def test_a_year_begins_when_it_begins_here(cw: Casework, clock: Clock) -> None:
    clock.at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight there
    assert applied(cw, "A").id == "C2027-0001"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"customer": Customer(" ", "x", "1")}, "name_missing"),
        ({"customer": Customer("x", "", "1")}, "address_missing"),
        ({"customer": Customer("x", "y", "1\n2")}, "phone_missing"),
        ({"serial": "x" * 201}, "serial_missing"),
        ({"doubt": " \n"}, "text_missing"),
        ({"doubt": "x" * 2001}, "text_too_long"),
    ],
)
def test_an_application_without_what_it_needs_leaves_nothing(
    cw: Casework, change: dict[str, object], key: str
) -> None:
    whole = application()
    values = {"customer": whole.customer, "doubt": whole.doubt, "serial": whole.serial} | change
    refused(key, cases.apply, cw, Application(**values))  # type: ignore[arg-type]
    assert cases.all_cases(cw) == []
    assert [(r.key, r.act, r.who, r.case_id) for r in refusals(cw)] == [(key, "apply", CUSTOMER, None)]


def test_an_application_reserves_no_meter_and_a_plan_does(cw: Casework) -> None:
    stranger, owner = applied(cw, "A-1"), applied(cw, "a-1")
    assert [case.id for case in cases.others_of_meter(cw, owner.id, owner.serial)] == [stranger.id]
    cases.plan(cw, owner.id, plan_of("a-1"))
    told = refused("meter_has_a_case", cases.plan, cw, stranger.id, plan_of("A-1"))
    assert told.values == {"serial": "A-1", "case": owner.id}
    third = applied(cw, "A-1")
    cases.decline(cw, stranger.id, "not your meter", "ask the utility", OFFICE)
    assert [case.id for case in cases.others_of_meter(cw, third.id, third.serial)] == [owner.id]


def closed(cw: Casework, case_id: str) -> None:
    cases.plan(cw, case_id, plan_of(verifier="P8", checker="P9"))
    cases.receive(cw, case_id, "P8")
    tick_all(cw, case_id, "P8")
    cases.begin_test(cw, case_id, "run-000009", "P8")
    cases.end_test(cw, case_id, Outcome.PASS, "P8")
    cases.explain(cw, case_id, "P8")
    cases.answered(cw, case_id)
    cases.close(cw, case_id, "", OFFICE)


def test_what_is_at_its_end_holds_no_meter_and_stops_no_retest(cw: Casework) -> None:
    ways: dict[CaseState, Callable[[str], object]] = {
        CaseState.CLOSED: lambda case_id: closed(cw, case_id),
        CaseState.DECLINED: lambda case_id: cases.decline(cw, case_id, "no", "ask", OFFICE),
        CaseState.WITHDRAWN: lambda case_id: cases.withdraw(cw, case_id, CUSTOMER),
    }
    assert set(ways) == ENDS
    case = explained(cw)
    for state, ended in ways.items():
        again = cases.retest(cw, case.id, "not so", CUSTOMER)
        assert [other.id for other in cases.others_of_meter(cw, case.id, case.serial)] == [again.id]
        refused("has_a_retest", cases.retest, cw, case.id, "not so", CUSTOMER)
        ended(again.id)
        assert cases.case(cw, again.id).state is state
        assert cases.others_of_meter(cw, case.id, case.serial) == []


def test_a_second_meter_for_a_busy_verifier_is_refused_and_recorded(cw: Casework) -> None:
    first = received(cw, "A")
    second = planned(cw, "B")
    told = refused("verifier_busy", cases.receive, cw, second.id, VERIFIER)
    assert told.values == {"person": VERIFIER, "case": first.id}
    assert cases.case(cw, second.id) == second
    (logged,) = refusals(cw)
    assert (logged.at, logged.who, logged.act) == (BEGAN.isoformat(), VERIFIER, "receive")
    assert (logged.key, logged.case_id) == ("verifier_busy", second.id)
    assert told.is_recorded
    tick_all(cw, first.id)
    cases.begin_test(cw, first.id, "run-1", VERIFIER)
    refused("verifier_busy", cases.receive, cw, second.id, VERIFIER)
    cases.end_test(cw, first.id, Outcome.PASS, VERIFIER)
    cases.receive(cw, second.id, VERIFIER)


def test_a_run_without_a_result_is_tried_again_by_the_same_person_and_one_with_a_result_is_not(
    cw: Casework,
) -> None:
    case = after_test(cw, "A", Outcome.INVALID)
    other = received(cw, "B")
    refused("verifier_busy", cases.begin_test, cw, case.id, "run-2", VERIFIER)
    cases.postpone(cw, other.id, "客户有事", VERIFIER)
    refused("not_its_verifier", cases.begin_test, cw, case.id, "run-2", CHECKER)
    refused("run_has_a_case", cases.begin_test, cw, case.id, "run-A", VERIFIER)
    cases.begin_test(cw, case.id, "run-2", VERIFIER)
    case = cases.end_test(cw, case.id, Outcome.FAIL, VERIFIER)
    assert (case.run_ids, case.outcome) == (("run-A", "run-2"), Outcome.FAIL)
    refused("has_a_result", cases.begin_test, cw, case.id, "run-3", VERIFIER)


@pytest.mark.parametrize("check", list(Check))
def test_no_test_begins_with_one_check_open(cw: Casework, check: Check) -> None:
    case = received(cw)
    tick_all(cw, case.id, but=check)
    told = refused("checklist_open", cases.begin_test, cw, case.id, "run-1", VERIFIER)
    assert told.values["open"] == check
    assert checklists.open_checks(cw, case.id) == [check]
    assert cases.case(cw, case.id).run_ids == ()


def test_who_ticks_what(cw: Casework) -> None:
    case = received(cw)
    refused("photo_ticks_itself", checklists.tick, cw, case.id, Check.NAMEPLATE_PHOTO, VERIFIER, True)
    refused("not_for_customers", checklists.tick, cw, case.id, Check.SEALS, CUSTOMER, True)
    refused("not_its_verifier", checklists.tick, cw, case.id, Check.SEALS, OFFICE, True)
    refused("consent_missing", checklists.tick, cw, case.id, Check.CONSENT, CUSTOMER, True)
    refused("consent_missing", checklists.tick, cw, case.id, Check.CONSENT, VERIFIER, True)
    consent.consent(cw, case.id, REQUIRED - {Thing.RECORD}, CUSTOMER)
    refused("consent_missing", checklists.tick, cw, case.id, Check.CONSENT, VERIFIER, True)
    consent.consent(cw, case.id, REQUIRED, CUSTOMER)
    checklists.tick(cw, case.id, Check.CONSENT, VERIFIER, False)
    checklists.tick(cw, case.id, Check.CONSENT, CUSTOMER, True)
    checklists.tick(cw, case.id, Check.SEALS, VERIFIER, True)
    checklists.tick(cw, case.id, Check.SEALS, VERIFIER, True)
    checklists.tick(cw, case.id, Check.SEALS, VERIFIER, False)
    checklists.tick(cw, case.id, Check.SEALS, VERIFIER, False)
    ticked = checklists.ticks(cw, case.id)
    assert list(ticked) == list(Check)
    assert {check for check, tick in ticked.items() if tick} == {Check.CONSENT}
    entries = [entry.values for entry in history(cw, case.id) if entry.act == "tick"]
    assert [(e["check"], e["on"]) for e in entries] == [
        ("consent", "yes"), ("consent", "no"), ("consent", "yes"),
        ("seals", "yes"), ("seals", "yes"), ("seals", "no"),
    ]  # fmt: skip


def test_the_checklist_is_the_benchs_and_nothing_is_ticked_once_the_test_runs(cw: Casework) -> None:
    case = under_test(cw)
    assert {check.value for check in checklists.ticks(cw, case.id)} == EVERY_CHECK
    refused("test_under_way", checklists.tick, cw, case.id, Check.SEALS, VERIFIER, False)


def test_who_comes_another_day_has_nothing_ticked_and_its_verifier_is_free(cw: Casework) -> None:
    case = received(cw)
    tick_all(cw, case.id)
    refused("text_missing", cases.postpone, cw, case.id, " ", VERIFIER)
    assert cases.postpone(cw, case.id, "停电了", VERIFIER).state is CaseState.PLANNED
    cases.receive(cw, case.id, VERIFIER)
    refused("not_for_customers", cases.postpone, cw, case.id, "停电了", CUSTOMER)
    assert cases.postpone(cw, case.id, "来电话了", OFFICE).state is CaseState.PLANNED
    assert len(checklists.open_checks(cw, case.id)) == len(Check)
    received(cw, "B")


def test_a_released_case_is_planned_again_and_another_one_may_begin_it(cw: Casework) -> None:
    case = received(cw)
    tick_all(cw, case.id)
    refused("text_missing", cases.release, cw, case.id, " ", VERIFIER)
    refused("not_for_customers", cases.release, cw, case.id, "走了", CUSTOMER)
    assert cases.release(cw, case.id, "客户有急事走了", OFFICE).state is CaseState.PLANNED
    assert len(checklists.open_checks(cw, case.id)) == len(Check)
    assert [entry.act for entry in history(cw, case.id)][-1] == "release"
    refused("not_received_yet", cases.release, cw, case.id, "again", OFFICE)
    cases.plan(cw, case.id, plan_of("A-1", "P4"))
    cases.receive(cw, case.id, "P4")
    tick_all(cw, case.id, "P4")
    cases.begin_test(cw, case.id, "run-1", "P4")
    refused("test_under_way", cases.release, cw, case.id, "走了", "P4")
    cases.end_test(cw, case.id, Outcome.PASS, "P4")
    refused("already_tested", cases.release, cw, case.id, "走了", "P4")


def test_one_person_from_start_to_end_and_a_handover_says_why(cw: Casework) -> None:
    case = under_test(cw)
    refused("test_under_way", cases.hand_over, cw, case.id, Role.VERIFIER, "P4", "病了", VERIFIER)
    refused("not_its_verifier", cases.end_test, cw, case.id, Outcome.PASS, "P4")
    cases.end_test(cw, case.id, Outcome.PASS, VERIFIER)
    refused("hand_over_needs_reason", cases.hand_over, cw, case.id, Role.VERIFIER, "P4", " ", OFFICE)
    refused("hand_over_to_the_same", cases.hand_over, cw, case.id, Role.VERIFIER, VERIFIER, "x", OFFICE)
    refused("same_person", cases.hand_over, cw, case.id, Role.VERIFIER, CHECKER, "x", OFFICE)
    refused("same_person", cases.hand_over, cw, case.id, Role.CHECKER, VERIFIER, "x", OFFICE)
    refused("not_for_customers", cases.hand_over, cw, case.id, Role.VERIFIER, "P4", "x", CUSTOMER)
    refused("person_missing", cases.hand_over, cw, case.id, Role.VERIFIER, "", "x", OFFICE)
    case = cases.hand_over(cw, case.id, Role.VERIFIER, "P4", "病了", VERIFIER)
    assert case.verifier == "P4"
    refused("not_its_verifier", cases.explain, cw, case.id, VERIFIER)
    cases.explain(cw, case.id, "P4")
    (entry,) = [entry for entry in history(cw, case.id) if entry.act == "hand_over"]
    assert entry.values == {"role": "verifier", "from": VERIFIER, "to": "P4", "why": "病了"}


def test_a_case_whose_customer_is_here_goes_to_nobody_who_has_another(cw: Casework) -> None:
    first = received(cw, "A")
    received(cw, "B", "P4", "P5")
    refused("verifier_busy", cases.hand_over, cw, first.id, Role.VERIFIER, "P4", "病了", OFFICE)
    assert cases.hand_over(cw, first.id, Role.CHECKER, "P4", "病了", OFFICE).checker == "P4"


def test_what_was_planned_is_planned_anew_until_the_customer_is_here(cw: Casework) -> None:
    case = planned(cw)
    other = applied(cw, "B")
    refused("meter_has_a_case", cases.plan, cw, other.id, plan_of("A-1"))
    refused("same_person", cases.plan, cw, case.id, plan_of(checker=VERIFIER))
    refused("person_missing", cases.plan, cw, case.id, plan_of(checker=""))
    again = cases.plan(cw, case.id, plan_of("A-2", "P4", "P5"))
    assert (again.serial, again.verifier, again.state) == ("A-2", "P4", CaseState.PLANNED)
    refused("not_its_verifier", cases.receive, cw, case.id, VERIFIER)
    cases.receive(cw, case.id, "P4")
    refused("already_received", cases.plan, cw, case.id, plan_of("A-2"))


def test_nothing_closes_without_the_customers_answer_or_a_reason(cw: Casework) -> None:
    case = explained(cw)
    refused("close_needs_answer_or_reason", cases.close, cw, case.id, " ", OFFICE)
    closed = cases.close(cw, case.id, "客户没有再来", OFFICE)
    assert (closed.state, closed.reason) == (CaseState.CLOSED, "客户没有再来")
    other = after_test(cw, "B")
    cases.answered(cw, other.id)
    refused("close_needs_answer_or_reason", cases.close, cw, other.id, "", OFFICE)


def test_who_is_declined_gets_a_reason_and_a_next_step(cw: Casework) -> None:
    case = applied(cw)
    for reason, then in (("", "x"), ("x", " ")):
        refused("decline_needs_reason_and_next_step", cases.decline, cw, case.id, reason, then, OFFICE)
    refused("not_for_customers", cases.decline, cw, case.id, "x", "y", CUSTOMER)
    declined = cases.decline(cw, case.id, "这是水表", "请找水务公司", OFFICE)
    assert (declined.reason, declined.next_step, declined.deadline) == ("这是水表", "请找水务公司", None)
    refused("case_over", cases.plan, cw, case.id, plan_of())
    applied(cw)  # The meter has no open case any more.


def test_a_customer_withdraws_and_others_say_how_they_know(cw: Casework) -> None:
    case = applied(cw)
    refused("withdraw_needs_reason", cases.withdraw, cw, case.id, OFFICE)
    assert cases.withdraw(cw, case.id, OFFICE, "来电撤回").reason == "来电撤回"
    case = planned(cw)
    withdrawn = cases.withdraw(cw, case.id, CUSTOMER)
    assert (withdrawn.state, withdrawn.answered_on) == (CaseState.WITHDRAWN, BEGAN.isoformat())


def test_a_retest_is_a_new_case_of_the_same_meter_for_others_than_all_before(cw: Casework) -> None:
    first = after_test(cw, outcome=Outcome.FAIL)
    cases.hand_over(cw, first.id, Role.CHECKER, "P4", "病了", OFFICE)
    refused("text_missing", cases.retest, cw, first.id, "", CUSTOMER)
    assert cases.case(cw, first.id).state is CaseState.TESTED
    second = cases.retest(cw, first.id, "我不相信", CUSTOMER)
    assert (second.retest_of, second.serial, second.doubt) == (first.id, first.serial, "我不相信")
    assert second.customer == first.customer
    assert cases.case(cw, first.id).state is CaseState.CLOSED
    for verifier, checker in ((VERIFIER, "P8"), ("P8", CHECKER), ("P4", "P8")):
        refused("retest_same_person", cases.plan, cw, second.id, plan_of(verifier=verifier, checker=checker))
    cases.plan(cw, second.id, plan_of(verifier="P6", checker="P7"))
    cases.receive(cw, second.id, "P6")
    told = refused("retest_same_person", cases.hand_over, cw, second.id, Role.VERIFIER, CHECKER, "x", OFFICE)
    assert told.values == {"person": CHECKER, "case": first.id}
    tick_all(cw, second.id, "P6")
    cases.begin_test(cw, second.id, "run-9", "P6")
    cases.end_test(cw, second.id, Outcome.PASS, "P6")
    third = cases.retest(cw, second.id, "再测一次", CUSTOMER)
    for verifier in (VERIFIER, "P6", "P7"):
        refused("retest_same_person", cases.plan, cw, third.id, plan_of(verifier=verifier, checker="P9"))


def test_cases_are_listed_by_state_and_by_person(cw: Casework, clock: Clock) -> None:
    first = planned(cw, "A")
    clock.move(minutes=1)
    second = applied(cw, "B")
    assert [case.id for case in cases.all_cases(cw)] == [second.id, first.id]
    assert [case.id for case in cases.all_cases(cw, state=CaseState.APPLIED)] == [second.id]
    assert [case.id for case in cases.all_cases(cw, person=CHECKER)] == [first.id]
    assert cases.all_cases(cw, state=CaseState.APPLIED, person=CHECKER) == []
    refused("no_such_case", cases.case, cw, "C2026-0099")


@pytest.mark.parametrize("appointment", ["", "tomorrow", "2026-13-01T09:00"])
def test_an_appointment_is_a_day_and_a_time(cw: Casework, appointment: str) -> None:
    case = applied(cw)
    refused("no_such_time", cases.plan, cw, case.id, replace(plan_of(), appointment=appointment))
