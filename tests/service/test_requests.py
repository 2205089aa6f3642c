"""Every request has one owner, a deadline and a history, and none ends silently."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from tests.casework import stories
from tests.casework.stories import Clock
from web.casework import areas
from web.casework.history import refusals
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework
from web.service import departments, hand_offs, requests
from web.service.items import item, items
from web.service.model import DEPARTMENT_OF, Asked, Kind, Request, State

CLERK, READER, BILLER = "P4", "P5", "P6"


def asked(cw: Casework, kind: Kind = Kind.BILLING, by: str = CUSTOMER) -> Request:
    return requests.ask(cw, Asked(kind, "账单怎么这么多？", "王小明", "138 0000 0000", "A3", by))[0]


def refused_with(key: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.key == key


def test_a_request_of_a_customer_is_nobody_s_until_somebody_takes_it(cw: Casework) -> None:
    this = asked(cw)
    assert (this.id, this.state, this.owner, this.department) == ("R2026-0001", State.NEW, None, "billing")
    assert this.words == "账单怎么这么多？"
    taken = hand_offs.take(cw, this.id, BILLER)
    assert (taken.owner, taken.state) == (BILLER, "in_hand")
    refused_with("request_has_an_owner", lambda: hand_offs.take(cw, this.id, CLERK))


def test_who_takes_it_at_the_counter_has_it_in_hand(cw: Casework) -> None:
    this = asked(cw, by=CLERK)
    assert (this.owner, this.state, this.asked_by) == (CLERK, State.IN_HAND, CLERK)


def test_the_deadline_is_the_promise(cw: Casework) -> None:
    assert asked(cw).deadline == "2026-11-28"
    assert asked(cw, Kind.APPEAL).deadline == "2026-12-06"


def test_overdue_is_what_waits_for_us_beyond_its_day(cw: Casework) -> None:
    this = asked(cw)
    assert not item(cw, this.id).is_overdue("2026-11-28")
    assert item(cw, this.id).is_overdue("2026-11-29")
    requests.answer(cw, this.id, "因为天热", BILLER)
    assert not item(cw, this.id).is_overdue("2027-01-01")


def test_the_customer_s_yes_ends_it(cw: Casework) -> None:
    this = asked(cw)
    requests.answer(cw, this.id, "因为空调", BILLER)
    ended = requests.customer_says(cw, this.id, True, "明白了")
    assert (ended.state, ended.settled, ended.owner, ended.answer) == (State.CLOSED, True, BILLER, "因为空调")


def test_the_customer_s_no_opens_it_again_with_a_new_deadline(cw: Casework, clock: Clock) -> None:
    this = asked(cw)
    requests.answer(cw, this.id, "因为空调", BILLER)
    clock.move(days=9)
    again = requests.customer_says(cw, this.id, False, "没有空调")
    assert (again.state, again.settled, again.deadline) == (State.IN_HAND, False, "2026-12-07")
    assert requests.events(cw, this.id)[-1].said == "没有空调"


def test_a_customer_cannot_go_on_for_ever(cw: Casework) -> None:
    this = asked(cw)
    for _ in range(requests.MOST_TURNS):
        requests.answer(cw, this.id, "x", BILLER)
        requests.customer_says(cw, this.id, False, "")
    requests.answer(cw, this.id, "x", BILLER)
    refused_with("request_turns", lambda: requests.customer_says(cw, this.id, False, ""))
    assert requests.customer_says(cw, this.id, False, "", CLERK).state is State.IN_HAND


def test_nothing_closes_without_an_answer_or_a_reason(cw: Casework) -> None:
    this = asked(cw)
    refused_with("close_needs_answer_or_reason", lambda: requests.close(cw, this.id, "  ", CLERK))
    refused_with("not_answered_yet", lambda: requests.customer_says(cw, this.id, True, ""))
    assert requests.close(cw, this.id, "三次打电话没人接", CLERK).reason == "三次打电话没人接"
    refused_with("request_over", lambda: requests.answer(cw, this.id, "x", CLERK))
    assert refusals(cw)[0].key == "request_over"


@pytest.mark.parametrize(("reason", "then"), [("", "去别处"), ("不归我们", " ")])
def test_outside_of_what_is_promised_needs_a_reason_and_a_next_step(
    cw: Casework, reason: str, then: str
) -> None:
    this = asked(cw)
    refused_with(
        "decline_needs_reason_and_next_step", lambda: requests.decline(cw, this.id, reason, then, CLERK)
    )
    ended = requests.decline(cw, this.id, "电价由政府定", "可以打 12398", CLERK)
    assert (ended.state, ended.reason, ended.next_step) == (State.DECLINED, "电价由政府定", "可以打 12398")


@pytest.mark.parametrize("state", ["closed", "declined"])
def test_the_file_itself_refuses_a_silent_end(cw: Casework, state: str) -> None:
    this = asked(cw)
    with pytest.raises(sqlite3.IntegrityError), cw.writing() as database:
        database.execute("UPDATE request SET state = ?, closed_at = 'x' WHERE id = ?", (state, this.id))


def test_a_history_is_only_added_to(cw: Casework) -> None:
    asked(cw)
    for statement in (
        "UPDATE request_event SET who = 'P9'",
        "DELETE FROM request_event",
        "DELETE FROM request",
    ):
        with pytest.raises(sqlite3.IntegrityError), cw.writing() as database:
            database.execute(statement)


def test_a_hand_off_is_the_receiver_s_once_accepted(cw: Casework) -> None:
    this = asked(cw, by=CLERK)
    offered = hand_offs.hand_over(cw, this.id, "meter_reading", None, "读数要核对", CLERK)
    assert (offered.owner, offered.department) == (CLERK, "billing")
    assert offered.hand_off is not None
    assert offered.hand_off.why == "读数要核对"
    refused_with("hand_over_own", lambda: hand_offs.accept(cw, this.id, CLERK))
    taken = hand_offs.accept(cw, this.id, READER)
    assert (taken.owner, taken.department, taken.hand_off) == (READER, "meter_reading", None)
    assert [one.act for one in requests.events(cw, this.id)] == ["ask", "hand_over", "accept"]


def test_what_is_sent_back_stays_the_giver_s_and_says_why(cw: Casework) -> None:
    this = asked(cw, by=CLERK)
    hand_offs.hand_over(cw, this.id, "metering", READER, "要去现场", CLERK)
    refused_with("not_handed_to_you", lambda: hand_offs.accept(cw, this.id, BILLER))
    refused_with("text_missing", lambda: hand_offs.send_back(cw, this.id, " ", READER))
    back = hand_offs.send_back(cw, this.id, "这是电费的事", READER)
    assert (back.owner, back.department, back.hand_off) == (CLERK, "billing", None)
    assert requests.events(cw, this.id)[-1].said == "这是电费的事"


def test_what_nobody_accepts_is_taken_back_and_handed_to_others(cw: Casework) -> None:
    this = asked(cw, by=CLERK)
    refused_with("nothing_handed_over", lambda: hand_offs.take_back(cw, this.id, CLERK))
    hand_offs.hand_over(cw, this.id, "metering", "P99", "x", CLERK)
    refused_with("hand_over_under_way", lambda: hand_offs.hand_over(cw, this.id, "other", None, "x", CLERK))
    assert hand_offs.take_back(cw, this.id, CLERK).owner == CLERK
    assert hand_offs.hand_over(cw, this.id, "other", None, "x", CLERK).hand_off is not None


@pytest.mark.parametrize(
    ("department", "to", "why", "key"),
    [
        ("metering", None, "", "hand_over_needs_reason"),
        ("nowhere", None, "x", "no_such_department"),
        ("billing", None, "x", "hand_over_to_the_same"),
    ],
)
def test_a_hand_off_that_is_none(cw: Casework, department: str, to: str | None, why: str, key: str) -> None:
    this = asked(cw, by=CLERK)
    refused_with(key, lambda: hand_offs.hand_over(cw, this.id, department, to, why, CLERK))


def test_an_end_ends_what_was_offered(cw: Casework) -> None:
    this = asked(cw, by=CLERK)
    hand_offs.hand_over(cw, this.id, "metering", None, "x", CLERK)
    assert requests.close(cw, this.id, "客户撤回", CLERK).hand_off is None


def test_a_verification_case_is_a_request_and_stands_there_once(cw: Casework) -> None:
    this = asked(cw, Kind.VERIFICATION)
    case = stories.applied(cw)
    ended = requests.led_to(cw, this.id, case.id, CLERK)
    assert (ended.state, ended.verification) == (State.CLOSED, case.id)
    assert [one.subject for one in items(cw) if one.is_open] == [case.id]
    assert requests.of_case(cw, case.id) == [ended]


def test_a_case_is_its_verifier_s_or_whose_it_was_handed_to(cw: Casework) -> None:
    assert item(cw, stories.applied(cw, "A-1").id).owner is None
    planned = stories.planned(cw, "A-2")
    assert (item(cw, planned.id).owner, item(cw, planned.id).department) == (stories.VERIFIER, "metering")
    hand_offs.hand_over(cw, planned.id, "billing", None, "退费", stories.VERIFIER)
    taken = hand_offs.accept(cw, planned.id, BILLER)
    assert (taken.owner, taken.department) == (BILLER, "billing")


def test_a_token_opens_one_request_and_is_kept_as_its_hash(cw: Casework) -> None:
    this, token = requests.ask(cw, Asked(Kind.OTHER, "x", "n", "c"))
    assert requests.by_token(cw, token) == this
    refused_with("no_such_request", lambda: requests.by_token(cw, token + "x"))
    with cw.reading() as database:
        (kept,) = database.execute("SELECT token_sha256 FROM request").fetchone()
    assert token not in kept


def test_forgotten_words_and_names_are_not_in_the_file(cw: Casework) -> None:
    this, token = requests.ask(
        cw, Asked(Kind.OTHER, "SECRET-WORDS", "SECRET-NAME", "SECRET-PHONE", "SECRET-AREA")
    )
    refused_with("request_open", lambda: requests.forget(cw, this.id, CLERK))
    requests.close(cw, this.id, "SECRET-REASON", CLERK)
    requests.forget(cw, this.id, CLERK)
    gone = requests.request(cw, this.id)
    assert (gone.words, gone.name, gone.contact, gone.reason, gone.area) == (None, None, None, None, "")
    refused_with("no_such_request", lambda: requests.by_token(cw, token))
    assert b"SECRET" not in cw.path.read_bytes()
    assert [one.act for one in requests.events(cw, this.id)] == ["ask", "close", "forget"]


@pytest.mark.parametrize("words", ["", " \u202e\u200b ", "x" * 2001])
def test_words_that_are_none_or_too_many(cw: Casework, words: str) -> None:
    with pytest.raises(Refused):
        requests.ask(cw, Asked(Kind.OTHER, words, "n", "c"))
    assert requests.requests(cw) == []


def test_departments_are_edited_and_closed_when_they_have_nothing(cw: Casework) -> None:
    departments.keep(cw, "solar", "光伏", "Solar", CLERK)
    assert departments.departments(cw)[-1].shown("en") == "Solar"
    this = asked(cw)
    hand_offs.hand_over(cw, this.id, "solar", None, "a panel is behind it", CLERK)
    refused_with("department_has_work", lambda: departments.close(cw, "solar", CLERK))
    hand_offs.take_back(cw, this.id, CLERK)
    for name in set(DEPARTMENT_OF.values()):
        refused_with("department_is_first", lambda name=name: departments.close(cw, name, CLERK))
    areas.keep(cw, "a1", "学府街", "College Street", "solar", CLERK)
    refused_with("department_has_areas", lambda: departments.close(cw, "solar", CLERK))
    areas.keep(cw, "a1", "学府街", "College Street", "counter", CLERK)
    departments.keep(cw, "solar", "光伏", "Solar", CLERK, ["P6", "P2", "P6"])
    assert departments.departments(cw)[-1].members == ("P2", "P6")
    assert departments.of_person(cw, "P2") == {"solar"}
    departments.close(cw, "solar", CLERK)
    assert departments.of_person(cw, "P2") == frozenset()
    refused_with("no_such_department", lambda: departments.require(cw, "solar"))
    refused_with("no_such_name", lambda: departments.keep(cw, "So lar", "x", "y", CLERK))
