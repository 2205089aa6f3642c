"""Questions and answers: seen by both sides as they were put, within limits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.casework.stories import CHECKER, VERIFIER, Clock, opened, planned, under_test
from web.casework import history
from web.casework.model import CUSTOMER
from web.casework.questions import LONGEST, MOST, MOST_AN_HOUR, answer, ask, question, questions
from web.casework.refused import Refused
from web.casework.store import Casework


def test_a_question_and_its_answer_are_kept_with_who_and_when(cw: Casework, clock: Clock) -> None:
    case_id = under_test(cw).id
    asked = ask(cw, case_id, "  为什么灯一直闪？ ", CUSTOMER)
    assert (asked.who, asked.text, asked.asked_at, asked.is_open) == (
        CUSTOMER,
        "为什么灯一直闪？",
        clock(),
        True,
    )
    clock.move(minutes=2)
    answered = answer(cw, asked.id, "每闪一次是 0.83 Wh。", VERIFIER)
    assert (answered.answer, answered.answered_by, answered.answered_at) == (
        "每闪一次是 0.83 Wh。",
        VERIFIER,
        clock(),
    )
    assert not answered.is_open
    second = ask(cw, case_id, "谢谢", CUSTOMER)
    assert questions(cw, case_id) == [answered, second]
    assert [e.values for e in history.history(cw, case_id)][-3:] == [
        {"question": "为什么灯一直闪？"},
        {"number": str(asked.id), "answer": "每闪一次是 0.83 Wh。"},
        {"question": "谢谢"},
    ]


def test_an_answer_stays_and_is_not_the_customers(cw: Casework) -> None:
    asked = ask(cw, under_test(cw).id, "?!", CUSTOMER)
    with pytest.raises(Refused, match="not_for_customers"):
        answer(cw, asked.id, "so", CUSTOMER)
    answer(cw, asked.id, "so", CHECKER)
    with pytest.raises(Refused, match="question_answered"):
        answer(cw, asked.id, "or so", VERIFIER)
    assert question(cw, asked.id).answer == "so"
    assert [r.key for r in history.refusals(cw)] == ["question_answered", "not_for_customers"]


def test_questions_are_of_one_case(cw: Casework) -> None:
    one, other = planned(cw).id, planned(cw, "B-2", "P4", "P5").id
    ask(cw, one, "one", CUSTOMER)
    assert questions(cw, other) == []
    with pytest.raises(Refused, match="no_such_question"):
        answer(cw, 999, "x", VERIFIER)
    with pytest.raises(Refused, match="no_such_case"):
        ask(cw, "C2026-0099", "x", CUSTOMER)


def test_so_many_in_an_hour_and_so_many_in_all(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    for n in range(MOST_AN_HOUR):
        ask(cw, case_id, f"why {n}", CUSTOMER)
    clock.move(minutes=59)
    with pytest.raises(Refused, match="questions_many"):
        ask(cw, case_id, "and why", CUSTOMER)
    while len(questions(cw, case_id)) < MOST:
        clock.move(hours=1, seconds=1)
        for n in range(MOST_AN_HOUR):
            ask(cw, case_id, f"why {n}", CUSTOMER)
    clock.move(hours=1, seconds=1)
    with pytest.raises(Refused, match="questions_full"):
        ask(cw, case_id, "and why", CUSTOMER)
    assert len(questions(cw, case_id)) == MOST


@pytest.mark.parametrize(("text", "key"), [(" \n", "text_missing"), ("x" * (LONGEST + 1), "text_too_long")])
def test_no_question_and_too_long_a_one_are_refused(cw: Casework, text: str, key: str) -> None:
    case_id = planned(cw).id
    with pytest.raises(Refused, match=key):
        ask(cw, case_id, text, CUSTOMER)
    assert questions(cw, case_id) == []
    assert history.refusals(cw)[0].key == key


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_whatever_is_asked_is_kept_or_refused_and_the_history_holds(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    cw = opened(tmp_path_factory.mktemp("cw"))
    case_id = planned(cw).id
    try:
        asked = ask(cw, case_id, text, CUSTOMER)
    except Refused as refused:
        key = refused.key
        assert key == "text_missing"
    else:
        assert questions(cw, case_id) == [asked]
    assert history.is_intact(cw, case_id)
    cw.close()
