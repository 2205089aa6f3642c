"""The customer's pages: what will happen, the own meter alone, questions, and the words for all of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from calibration.texts import LANGUAGES
from tests.casework import stories
from tests.web import canned
from tests.web.conftest import wait_for
from tests.web.fake_bench import FakeBench
from tests.web.staff_bench import StaffBench
from tests.web.visiting import casework_of, csrf_on, photo_bytes, post, visitor
from web import stream as streams
from web.casework import cases, invitations, opinions, photos, questions
from web.casework.agreements import Thing, consented
from web.casework.model import Moment, Outcome, Role
from web.casework.photos import PhotoKind
from web.customer.wording import duration
from web.visit.course import course_of
from web.visit.screens import VisitScreens, not_here, position_of


def measuring(case_id: str | None) -> dict[str, Any]:
    """A bench that measures a meter, of a case or of none."""
    state = copy.deepcopy(canned.measuring())
    state["run"] |= {
        "id": "run-A-1" if case_id else "run-000009",
        "case": case_id,
        "verifier": stories.VERIFIER,
    }
    return state


def show(app: Flask, bench: FakeBench, state: dict[str, Any]) -> None:
    bench.set_state(state)
    wait_for(app.extensions["feed"], lambda moment: moment.state == state)


def serial_of(state: dict[str, Any]) -> str:
    [meter] = state["positions"].values()
    return str(meter["serial"])


# --- before the test


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_will_happen_and_who_does_it_though_no_staff_page_was_asked_for(
    service: Flask, staff_bench: StaffBench, language: str
) -> None:
    case_id = stories.planned(casework_of(service)).id
    staff_bench.cases[case_id] = {"verifier": stories.VERIFIER, "checker": stories.CHECKER, "handovers": []}
    page = visitor(service, case_id).get(f"/visit?lang={language}").text
    assert ("李伟" if language == "zh" else "Li Wei") in page
    assert ("王芳" if language == "zh" else "Wang Fang") in page
    assert case_id in page
    assert "A-1" in page
    assert duration("1800", language) in page
    assert duration(str(1800 + 60 * casework_of(service).promises.visit_min), language) in page


def test_a_consent_is_kept_and_ticks_the_checklist(service: Flask) -> None:
    cw = casework_of(service)
    case_id = stories.received(cw).id
    browser = visitor(service, case_id)
    answer = post(browser, "/visit", "/visit/consent", agree_test="yes", agree_record="yes")
    assert answer.status_code == 303
    kept = consented(cw, case_id)
    assert kept is not None
    assert kept.is_enough
    assert kept.by == "customer"
    assert not kept.agreed[Thing.FOLLOW_UP]
    assert 'name="agree_test" value="yes" checked' in browser.get("/visit").text


def test_a_consent_that_is_taken_back_is_no_consent(service: Flask) -> None:
    cw = casework_of(service)
    case_id = stories.received(cw).id
    browser = visitor(service, case_id)
    post(browser, "/visit", "/visit/consent", agree_test="yes", agree_record="yes")
    post(browser, "/visit", "/visit/consent", agree_test="yes")
    kept = consented(cw, case_id)
    assert kept is not None
    assert not kept.is_enough


def test_an_expectation_is_kept_and_can_be_changed(service: Flask) -> None:
    cw = casework_of(service)
    case_id = stories.received(cw).id
    browser = visitor(service, case_id)
    for sure in ("8", "7"):
        said = {"expects": "Does it run fast?", "meter_is_wrong": sure, "trust": "4"}
        assert post(browser, "/visit", "/visit/expectation", **said).status_code == 303
    before = opinions.opinions(cw, case_id)[Moment.BEFORE]
    assert (before.words, before.meter_is_wrong, before.trust) == ("Does it run fast?", 7, 4)
    assert "Does it run fast?" in browser.get("/visit").text


def test_an_expectation_without_a_mark_on_a_scale_says_so_beside_it(service: Flask) -> None:
    browser = visitor(service, stories.received(casework_of(service)).id)
    answer = post(browser, "/visit?lang=en", "/visit/expectation", expects="A question", trust="11")
    assert answer.status_code == 422
    assert 'id="meter_is_wrong-error"' in answer.text
    assert "Give a number from 0 to 10" in answer.text
    assert "A question" in answer.text


def test_once_the_test_has_begun_nothing_is_agreed_to_any_more(service: Flask) -> None:
    cw = casework_of(service)
    browser = visitor(service, stories.under_test(cw).id)
    page = browser.get("/visit")
    assert "/visit/consent" not in page.text
    answer = browser.post("/visit/consent", data={"csrf": csrf_on(page), "agree_test": "yes"})
    assert answer.status_code == 409


def test_the_history_says_why_somebody_else_has_taken_over(service: Flask) -> None:
    cw = casework_of(service)
    case_id = stories.received(cw).id
    cases.hand_over(cw, case_id, Role.VERIFIER, "P5", "<b>fever</b>", "P1")
    page = visitor(service, case_id).get("/visit?lang=en").text
    assert "The verifier is now P5 instead of P2" in page
    assert "&lt;b&gt;fever&lt;/b&gt;" in page


def test_the_photo_of_the_nameplate_stands_for_the_meter(service: Flask, tmp_path: Path) -> None:
    cw = casework_of(service)
    case_id = stories.received(cw).id
    nameplate = photos.keep(cw, case_id, PhotoKind.NAMEPLATE, photo_bytes(tmp_path), stories.VERIFIER)
    photos.keep(cw, case_id, PhotoKind.REGISTER, photo_bytes(tmp_path), stories.VERIFIER)
    page = visitor(service, case_id).get("/visit/live").text
    assert f'class="meter-photo" src="/visit/photo/{nameplate.id}"' in page


# --- during


def test_the_run_of_the_case_is_shown_with_its_course(service: Flask, staff_bench: StaffBench) -> None:
    case_id = stories.under_test(casework_of(service)).id
    state = measuring(case_id)
    show(service, staff_bench, state)
    page = visitor(service, case_id).get("/visit/live?lang=en").text
    assert 'data-layout="position:1"' in page
    assert "The course of the test" in page
    assert serial_of(state) in page


@pytest.mark.parametrize("whose", [None, "C2026-0999"])
def test_another_meter_is_never_shown(service: Flask, staff_bench: StaffBench, whose: str | None) -> None:
    case_id = stories.under_test(casework_of(service)).id
    state = measuring(whose)
    show(service, staff_bench, state)
    browser = visitor(service, case_id)
    page = browser.get("/visit/live?lang=en").text
    assert 'data-layout="visit:occupied"' in page
    assert "There is another meter on the bench" in page
    assert serial_of(state) not in page
    with browser.get("/visit/stream", buffered=False) as stream:
        first = b"".join(chunk for chunk, _ in zip(stream.iter_encoded(), range(2), strict=False)).decode()
    assert "visit:occupied" in first
    assert serial_of(state) not in first


@pytest.mark.parametrize(("language", "before", "after"), [
    ("zh", ("会做什么", "请带上", "测量本身约需"), "做了什么"),
    ("en", ("What will happen", "Please bring", "The measurement takes about"), "What was done"),
])  # fmt: skip
def test_after_the_test_nothing_is_still_to_come(
    service: Flask, language: str, before: tuple[str, ...], after: str
) -> None:
    cw = casework_of(service)
    case_id = stories.under_test(cw).id
    browser = visitor(service, case_id)
    coming = browser.get(f"/visit?lang={language}").text
    cases.end_test(cw, case_id, Outcome.PASS, stories.VERIFIER)
    over = browser.get(f"/visit?lang={language}").text
    assert all(each in coming and each not in over for each in before)
    assert after in over
    assert after not in coming


def test_a_run_of_the_case_with_two_meters_is_not_shown() -> None:
    state = measuring("C2026-0001")
    assert position_of(state, "C2026-0001") == "1"
    state["positions"]["2"] = state["positions"]["1"]
    assert position_of(state, "C2026-0001") is None


def test_what_is_said_while_the_meter_is_not_there() -> None:
    assert not_here(None, "C2026-0001") == "no_bench"
    assert not_here(measuring("C2026-0002"), "C2026-0001") == "occupied"
    assert not_here(measuring("C2026-0002") | {"phase": "finished"}, "C2026-0001") == "free"


@pytest.mark.parametrize(
    ("case", "layout"), [("C2026-0001", "cut_off"), ("C2026-0002", "free"), (None, "free")]
)
def test_only_the_customer_of_a_test_that_was_cut_off_is_told_that_it_was_this_one(
    case: str | None, layout: str
) -> None:
    cut = {"run": "run-000001", "case": case, "goes_on": False}
    assert not_here(canned.idle() | {"interrupted": cut}, "C2026-0001") == layout


def test_the_stream_of_a_visit_ends_with_the_visit(
    service: Flask, staff_bench: StaffBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ASKED_EVERY_S", 0.0)
    cw = casework_of(service)
    case_id = stories.under_test(cw).id
    show(service, staff_bench, measuring(case_id))
    browser = visitor(service, case_id)
    with browser.get("/visit/stream", buffered=False) as stream:
        events = iter(stream.iter_encoded())
        next(events)
        assert b"snapshot" in next(events)
        invitations.end_visits(cw, case_id, stories.VERIFIER)
        assert b"event: over" in b"".join(events)


def test_one_rendering_serves_all_viewers_of_a_case(service: Flask, staff_bench: StaffBench) -> None:
    case_id = stories.under_test(casework_of(service)).id
    show(service, staff_bench, measuring(case_id))
    screens = VisitScreens(service.jinja_env)
    moment = service.extensions["feed"].latest()
    assert screens.screen(moment, case_id, "zh") is screens.screen(moment, case_id, "zh")
    assert screens.screen(moment, case_id, "zh") is not screens.screen(moment, case_id, "en")


def test_the_course_says_what_was_disturbed_where_it_happened() -> None:
    state = measuring("C2026-0001")
    running = state["point"]
    state["faults"] = [
        {"at_s": 12.0, "position": "1", "point": running, "attempt": 1, "is_repeated": True,
         "reason": "missing_pulse", "values": {}},
        {"at_s": 3.0, "position": None, "point": None, "attempt": None, "is_repeated": False,
         "reason": "reference_silent", "values": {}},
    ]  # fmt: skip
    course = course_of(state, "1", "en")
    with_events = [step for step in course.steps if step.events]
    assert len(with_events) == 1
    assert with_events[0].state != "waiting"
    assert len(course.apart) == 1


def test_the_course_says_why_it_does_not_go_on() -> None:
    state = measuring("C2026-0001") | {"phase": "waiting_for_start"}
    [pause] = [step.pause for step in course_of(state, "1", "en").steps if step.pause]
    assert "press the start button" in pause


# --- questions


def test_a_question_and_its_answer_are_seen_by_the_customer(service: Flask) -> None:
    cw = casework_of(service)
    case_id = stories.received(cw).id
    browser = visitor(service, case_id)
    asked = post(browser, "/visit", "/visit/questions", question="Why <so> long?", back="visit.live_page")
    assert asked.headers["Location"] == "/visit/live?asked=yes"
    [question] = questions.questions(cw, case_id)
    assert question.who == "customer"
    questions.answer(cw, question.id, "Because of the low load.", stories.VERIFIER)
    page = browser.get("/visit/questions/list").text
    assert "Why &lt;so&gt; long?" in page
    assert "Because of the low load." in page


def test_a_question_leads_to_no_page_but_ours(service: Flask) -> None:
    browser = visitor(service, stories.received(casework_of(service)).id)
    answer = post(browser, "/visit", "/visit/questions", question="Why?", back="https://elsewhere.example")
    assert answer.headers.get("Location") in (None, "/visit/questions?asked=yes")


def test_questions_of_another_case_are_not_shown(service: Flask) -> None:
    cw = casework_of(service)
    mine, theirs = stories.received(cw).id, stories.planned(cw, "A-2", "P5", "P6").id
    questions.ask(cw, theirs, "Not yours", "customer")
    assert "Not yours" not in visitor(service, mine).get("/visit/questions").text


# --- the public page


def test_whoever_walks_past_does_not_read_whose_meter_it_is(service: Flask, staff_bench: StaffBench) -> None:
    state = measuring("C2026-0001")
    state["positions"]["1"]["serial"] = "3309012764"
    show(service, staff_bench, state)
    browser = service.test_client()
    with browser.get("/stream", buffered=False) as stream:
        streamed = b"".join(chunk for chunk, _ in zip(stream.iter_encoded(), range(2), strict=False)).decode()
    for said in (browser.get("/").text, browser.get("/position/1").text, streamed):
        assert "3309012764" not in said
        assert "2764" in said


def test_without_cases_the_page_shows_the_serial_number(site: Callable[..., Flask]) -> None:
    assert serial_of(canned.measuring()) in site().test_client().get("/").text


def test_who_leaves_is_no_longer_in(service: Flask) -> None:
    browser = visitor(service, stories.received(casework_of(service)).id)
    assert post(browser, "/visit", "/visit/leave").headers["Location"] == "/left"
    assert browser.get("/left").status_code == 200
    assert browser.get("/visit").status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["/visit", "/visit/live", "/visit/questions"])
def test_each_page_of_a_visit_leads_to_itself_in_the_other_language(
    service: Flask, page: str, language: str
) -> None:
    browser = visitor(service, stories.received(casework_of(service)).id)
    other = "en" if language == "zh" else "zh"
    assert f'href="{page}?lang={other}"' in browser.get(f"{page}?lang={language}").text
