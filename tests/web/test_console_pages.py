"""A case is run from the console: acts are asked where they belong, what is refused is said there and recorded."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from bench.checklist import Check
from tests.web import canned, canned_verification
from tests.web import console_case as made
from tests.web.conftest import wait_for
from tests.web.staff_bench import PASSWORD, RefusalError, StaffBench
from tests.web.test_pages import said
from web import stream as streams
from web.casework import appeals, cases, checklists, invitations, questions
from web.casework.agreements import Thing, consented
from web.casework.consent import consent
from web.casework.history import refusals
from web.casework.model import CUSTOMER, Case, CaseState, Outcome
from web.casework.store import Casework
from web.refusals import sentence
from web.staff import acts

RUN = "run-000001"


@pytest.fixture
def cw(service: Flask) -> Casework:
    casework: Casework = service.extensions["casework"]
    return casework


def signed_in(service: Flask, person: str = made.VERIFIER) -> FlaskClient:
    client = service.test_client()
    page = client.get("/staff/sign-in?lang=en")
    answer = client.post(
        "/staff/sign-in", data={"by": person, "password": PASSWORD, "csrf": csrf_of(page.text)}
    )
    assert answer.status_code == 303, said(answer.text)
    return client


def csrf_of(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found is not None, said(html)
    return found[1]


def post(client: FlaskClient, path: str, **fields: Any) -> Any:
    """As from a page of ours."""
    token = csrf_of(client.get("/staff").text)
    return client.post(path, data={"csrf": token} | fields)


def known(bench: StaffBench, case: Case, state: str = "assigned") -> None:
    bench.cases[case.id] = {
        "case": case.id, "serial": case.serial, "verifier": case.verifier, "checker": case.checker,
        "retest_of": None, "state": state, "handovers": [], "runs": [],
    }  # fmt: skip


def shows(service: Flask, bench: StaffBench, state: dict[str, Any], case: Case | None) -> None:
    """The bench's live state is of this case, and the web has heard it."""
    shown = deepcopy(state)
    if shown["run"] is not None:
        shown["run"] |= {"id": RUN, "case": None if case is None else case.id, "verifier": made.VERIFIER}
    bench.set_state(shown)
    wait_for(service.extensions["feed"], lambda moment: moment.state == shown)


def act_of(html: str) -> str:
    """The heading of the next act."""
    found = re.search(r'<h2 class="act-title">(.*?)</h2>', html, re.S)
    assert found is not None
    return said(found[1]).strip().removeprefix("Next ").removeprefix("Now ")


def buttons(html: str) -> list[str]:
    """What is large on the page."""
    return [said(found).strip() for found in re.findall(r'class="primary"[^>]*>(.*?)</', html, re.S)]


# --- signing in


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page_and_comes_back(
    service: Flask, cw: Casework
) -> None:
    case = made.planned(cw)
    client = service.test_client()
    answer = client.get(f"/staff/case/{case.id}")
    assert answer.status_code == 303
    page = client.get(answer.location)
    token = csrf_of(page.text)
    onward = re.search(r'name="next" value="([^"]+)"', page.text)
    assert onward is not None
    back = client.post(
        "/staff/sign-in", data={"by": "P2", "password": PASSWORD, "csrf": token, "next": onward[1]}
    )
    assert back.location == f"/staff/case/{case.id}"


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_signing_in_never_leads_to_another_host(service: Flask, onward: str) -> None:
    client = service.test_client()
    token = csrf_of(client.get("/staff/sign-in").text)
    answer = client.post(
        "/staff/sign-in", data={"by": "P2", "password": PASSWORD, "csrf": token, "next": onward}
    )
    assert answer.location == "/staff"


def test_a_wrong_password_is_said_beside_the_form_and_recorded(service: Flask, cw: Casework) -> None:
    client = service.test_client()
    token = csrf_of(client.get("/staff/sign-in?lang=en").text)
    answer = client.post("/staff/sign-in", data={"by": "P2", "password": "wrong", "csrf": token})
    assert answer.status_code == 403
    assert "password" in said(answer.text)
    assert "wrong" not in re.sub(r"is wrong", "", said(answer.text)), "what was typed is not shown again"
    assert [refusal.key for refusal in refusals(cw)] == ["sign_in_wrong"]


def test_after_signing_out_the_session_is_over_at_the_bench_too(
    service: Flask, staff_bench: StaffBench
) -> None:
    client = signed_in(service)
    assert post(client, "/staff/sign-out").status_code == 303
    assert staff_bench.sessions == {}
    assert client.get("/staff").status_code == 303


@pytest.mark.parametrize("person", [made.VERIFIER, made.CHECKER])
def test_signing_in_again_ends_the_session_that_this_browser_had_and_no_other(
    service: Flask, staff_bench: StaffBench, person: str
) -> None:
    elsewhere = signed_in(service)
    client = signed_in(service)
    [kept, before] = staff_bench.sessions
    token = csrf_of(client.get("/staff/sign-in").text)
    again = {"by": person, "password": PASSWORD, "csrf": token}
    assert client.post("/staff/sign-in", data=again | {"password": "wrong"}).status_code == 403
    assert before in staff_bench.sessions, "who was refused is who he was"
    assert client.post("/staff/sign-in", data=again).status_code == 303
    assert before not in staff_bench.sessions
    assert kept in staff_bench.sessions
    assert elsewhere.get("/staff").status_code == client.get("/staff").status_code == 200


# --- the way of a case


def test_a_case_goes_from_the_customer_to_its_end_by_the_large_button_alone(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.planned(cw)
    shows(service, staff_bench, canned.idle(), None)
    client = signed_in(service)
    console = f"/staff/case/{case.id}"

    assert buttons(client.get(console).text) == ["The customer is here"]
    code = post(client, f"{console}/receive")
    assert 'class="qr"' in code.text
    assert "/join/" in code.text

    consent(cw, case.id, [Thing.TEST, Thing.RECORD], CUSTOMER)
    page = client.get(console).text
    assert act_of(page) == "Go through the checklist"
    for check in Check:
        if check in checklists.PHOTO_CHECKS:
            sent = {"photo": (io.BytesIO(a_photo()), "plate.jpg"), "csrf": csrf_of(page)}
            answer = client.post(f"{console}/photo/{check}", data=sent, content_type="multipart/form-data")
        else:
            answer = post(client, f"{console}/check/{check}", on="yes")
        assert answer.status_code == 303, said(answer.text)

    assert buttons(client.get(console).text) == ["Scan the meter's number"]
    assert post(client, f"{console}/begin", serial="33-0901-2764", plate="yes").status_code == 303
    assert staff_bench.cases[case.id]["state"] == "begun"

    page = client.get(console).text
    assert buttons(page) == ["Start (simulated)"]
    assert post(client, f"{console}/start").status_code == 303
    [started] = staff_bench.told("start")
    assert started["case"] == case.id
    assert started["checklist"] == dict.fromkeys(Check, True)
    assert "33 0901 2764" in started["plan"]
    assert cases.case(cw, case.id).state is CaseState.TESTING

    shows(service, staff_bench, canned.waiting_for_start(), case)
    page = client.get(console).text
    assert act_of(page) == "Press start at the bench"
    assert buttons(page) == []

    shows(service, staff_bench, canned_verification.asking(), case)
    assert buttons(client.get(console).text) == ["Answer the bench"]

    shows(service, staff_bench, canned.finished_pass(), case)
    after_watch(cw, case.id, CaseState.TESTED)
    assert buttons(client.get(console).text) == ["Explain the result"]
    # The customer has agreed to no call, so that is what is said.
    post(client, f"{console}/explain", **dict.fromkeys((*SAYINGS, "no_call"), "yes"))
    assert cases.case(cw, case.id).state is CaseState.EXPLAINED

    assert buttons(client.get(console).text) == ["Draft the certificate"]
    drafted = post(
        client, f"{console}/certificate", customer_name='张三 "Zhang"', customer_address="示例路 1 号",
        manufacturer="Example Meters", received_on="2026-11-26",
    )  # fmt: skip
    assert drafted.status_code == 303, said(drafted.text)
    [wanted] = staff_bench.told("certificate_draft")
    assert (wanted["run"], wanted["position"]) == (RUN, "1")

    assert buttons(client.get(console).text) == ["Sign with my password"]
    seen = staff_bench.drafts[0]["id"]
    for wrong in ({"draft": seen, "password": ""}, {"draft": "another", "password": PASSWORD}):
        refused = post(client, f"{console}/sign", **wrong)
        assert refused.status_code == 422, "what is signed is the draft that was shown, with a password"
        assert ("There is another draft now" in refused.text) == (wrong["draft"] != seen)
    assert staff_bench.told("certificate_sign") == []
    assert post(client, f"{console}/sign", draft=seen, password=PASSWORD).status_code == 303
    page = client.get(console).text
    assert act_of(page) == "The checker has to sign"
    assert buttons(page) == []

    checker = signed_in(service, made.CHECKER)
    assert buttons(checker.get(console).text) == ["Check and sign"]
    staff_bench.answer(
        {"do": "certificate_sign", "draft": staff_bench.drafts[0]["id"], "by": "P3", "password": PASSWORD}
    )

    assert buttons(client.get(console).text) == ["End the case"]
    assert post(client, f"{console}/end", why="accepted").status_code == 303
    assert cases.case(cw, case.id).state is CaseState.CLOSED
    assert re.fullmatch("[0-9a-f]{64}", staff_bench.told("case_end")[0]["digest"])
    assert act_of(client.get(console).text) == "This case is over"


SAYINGS = (
    "verdict",
    "figure",
    "bill",
    "invalid",
    "not_decided",
    "own_check",
    "appeal",
    "follow_up",
    "questions",
)


def a_photo() -> bytes:
    made_of = io.BytesIO()
    Image.new("RGB", (64, 48), (120, 130, 140)).save(made_of, "JPEG")
    return made_of.getvalue()


def after_watch(cw: Casework, case_id: str, state: CaseState) -> None:
    """The watch of the web process is a thread of its own; the act itself is done here where it was slower."""
    if cases.case(cw, case_id).state is not state:
        cases.end_test(cw, case_id, Outcome.PASS, "bench")


# --- refusals


def test_another_meter_s_number_is_refused_with_both_shown_and_changes_nothing(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ticked(cw)
    known(staff_bench, case)
    client = signed_in(service)
    answer = post(client, f"/staff/case/{case.id}/begin", serial="33 0901 2765", plate="yes")
    assert answer.status_code == 409
    assert "33 0901 2765" in said(answer.text)
    assert case.serial in said(answer.text)
    assert cases.case(cw, case.id).serial == made.SERIAL
    assert staff_bench.told("case_begin") == []
    assert [(r.who, r.act, r.key) for r in refusals(cw, case.id)] == [("P2", "scan", "wrong_meter")]


@pytest.mark.parametrize("fields", [{"serial": made.SERIAL}, {"serial": "", "plate": "yes"}])
def test_a_case_does_not_begin_without_number_and_nameplate(
    service: Flask, staff_bench: StaffBench, cw: Casework, fields: dict[str, str]
) -> None:
    case = made.ticked(cw)
    known(staff_bench, case)
    answer = post(signed_in(service), f"/staff/case/{case.id}/begin", **fields)
    assert answer.status_code == 422
    assert staff_bench.told("case_begin") == []


def test_a_busy_verifier_is_told_with_which_case_on_top_of_the_console(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ticked(cw)
    known(staff_bench, case)
    staff_bench.busy["P2"] = "C2026-0999"
    answer = post(signed_in(service), f"/staff/case/{case.id}/begin", serial=made.SERIAL, plate="yes")
    assert answer.status_code == 409
    assert 'id="notice"' in answer.text
    assert "Li Wei (P2) has a meter under test, in C2026-0999" in said(answer.text)
    assert buttons(answer.text) == ["Scan the meter's number"], "the console goes on below the sentence"
    assert [r.key for r in refusals(cw, case.id)] == ["verifier_busy"]


def test_a_run_that_does_not_begin_is_no_test_of_the_case(
    service: Flask, staff_bench: StaffBench, cw: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bench that ends between its word and the first record gives the number of the run to the next one."""
    monkeypatch.setattr(acts, "BEGINS_WITHIN_S", 0.0)
    case = made.ticked(cw)
    known(staff_bench, case, "begun")
    staff_bench.begins = False
    assert post(signed_in(service), f"/staff/case/{case.id}/start").status_code == 303
    after = cases.case(cw, case.id)
    assert (after.state, after.run_ids) == (CaseState.READY, ())


def test_a_start_with_an_unticked_checklist_that_was_forged_is_refused_by_the_bench_and_recorded(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case, "begun")
    staff_bench.refuse(
        "start", "checklist_open", "not everything is ticked; still open: seals", open=["seals"]
    )
    answer = post(signed_in(service), f"/staff/case/{case.id}/start")
    assert answer.status_code == 409
    assert set(staff_bench.told("start")[0]["checklist"].values()) == {False}
    assert cases.case(cw, case.id).state is CaseState.READY
    assert "checklist_open" in [r.key for r in refusals(cw, case.id)]


def test_what_the_bench_refuses_without_a_name_is_said_in_its_own_line(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.under_test(cw)
    shows(service, staff_bench, canned_verification.asking(), case)
    staff_bench.refusals["answer"] = RefusalError(None, "ok is no answer here; write all digits")
    answer = post(signed_in(service), f"/staff/case/{case.id}/answer", **{"1-seals-ok": "yes"})
    assert answer.status_code == 409
    assert "ok is no answer here; write all digits" in said(answer.text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_that_lacks_what_its_sentence_needs_is_said_with_a_dash(language: str) -> None:
    assert "—" in sentence("verifier_busy", {}, language)


def test_somebody_else_s_case_can_be_looked_at_and_nothing_more(service: Flask, cw: Casework) -> None:
    case = made.ready(cw)
    client = signed_in(service, "P5")
    page = client.get(f"/staff/case/{case.id}").text
    assert buttons(page) == []
    assert "somebody else's case" in act_of(page)
    assert post(client, f"/staff/case/{case.id}/check/seals", on="yes").status_code in (403, 409)
    assert checklists.ticks(cw, case.id)[Check.SEALS] is None
    assert refusals(cw, case.id)[0].who == "P5"


def test_somebody_else_lets_no_customer_in_or_out_and_answers_under_no_other_case(
    service: Flask, cw: Casework
) -> None:
    case = made.ready(cw)
    client = signed_in(service, "P5")
    for path in ("invite", "end-visit"):
        assert post(client, f"/staff/case/{case.id}/{path}").status_code == 403
        assert refusals(cw, case.id)[0].key == "not_allowed_here"
    asked = questions.ask(cw, case.id, "Why?", CUSTOMER)
    other = made.applied(cw, "another")
    assert post(client, f"/staff/case/{other.id}/question/{asked.id}", answer="x").status_code == 404
    assert questions.question(cw, asked.id).is_open


def test_what_is_not_tested_is_not_ended_at_the_bench_either(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case, "begun")
    assert post(signed_in(service), f"/staff/case/{case.id}/end", why="x").status_code == 409
    assert staff_bench.cases[case.id]["state"] == "begun"


@pytest.mark.parametrize("page", ["explain", "certificate"])
def test_where_nothing_is_tested_no_page_speaks_of_a_result(
    service: Flask, staff_bench: StaffBench, cw: Casework, page: str
) -> None:
    case = made.ticked(cw)
    answer = signed_in(service).get(f"/staff/case/{case.id}/{page}")
    assert answer.status_code == 409
    assert "has not been tested yet" in said(answer.text)
    assert "INVALID" not in answer.text


def test_after_an_appeal_the_verifier_sets_himself_and_the_meter_free_by_the_large_button(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.done(cw)
    known(staff_bench, case, "begun")
    appeals.appeal(cw, case.id, "It still runs too fast")
    staff_bench.busy[made.VERIFIER] = case.id
    client = signed_in(service)
    assert f'href="/staff/case/{case.id}"' in client.get("/staff").text, (
        "my work leads to it, or nobody finds it"
    )
    page = client.get(f"/staff/case/{case.id}").text
    assert "at the bench, too" in act_of(page)
    assert f"/staff/case/{case.id}/end" in page
    assert post(client, f"/staff/case/{case.id}/end").status_code == 303
    assert staff_bench.cases[case.id]["state"] == "ended"
    assert "This case is over" in act_of(client.get(f"/staff/case/{case.id}").text)


def test_a_form_without_its_token_changes_nothing(service: Flask, cw: Casework) -> None:
    case = made.ready(cw)
    answer = signed_in(service).post(f"/staff/case/{case.id}/check/seals", data={"on": "yes"})
    assert answer.status_code == 403
    assert checklists.ticks(cw, case.id)[Check.SEALS] is None


@pytest.mark.parametrize("path", ["stop", "skip", "end", "end-visit"])
def test_nothing_that_ends_something_happens_without_a_page_that_says_so_first(
    service: Flask, staff_bench: StaffBench, cw: Casework, path: str
) -> None:
    case = made.under_test(cw)
    known(staff_bench, case, "begun")
    shows(service, staff_bench, canned.measuring(), case)
    page = signed_in(service).get(f"/staff/case/{case.id}/{path}")
    assert page.status_code == 200
    assert "What will happen" in said(page.text)
    commands = {message["do"] for message in staff_bench.asked}
    assert commands.isdisjoint({"stop", "skip", "case_end"})


def test_a_meter_is_not_taken_out_without_a_reason(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.under_test(cw)
    shows(service, staff_bench, canned.measuring(), case)
    client = signed_in(service)
    assert post(client, f"/staff/case/{case.id}/skip", why=" ").status_code == 422
    assert staff_bench.told("skip") == []
    assert post(client, f"/staff/case/{case.id}/skip", why="the lamp is dark").status_code == 303
    [skipped] = staff_bench.told("skip")
    assert (skipped["position"], skipped["why"]) == ("1", "the lamp is dark")


def test_consent_is_not_ticked_before_the_customer_has_agreed(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case)
    client, path = signed_in(service), f"/staff/case/{case.id}/consent"
    ticking = post(client, f"/staff/case/{case.id}/check/consent", on="yes")
    assert ticking.location == path
    assert checklists.ticks(cw, case.id)[Check.CONSENT] is None
    assert "by word of mouth" in said(client.get(path).text)
    half = post(client, path, agree_test="yes")
    assert (half.status_code, 'name="agree_test" value="yes" checked' in half.text) == (422, True)
    assert consented(cw, case.id) is None
    assert post(client, path, agree_test="yes", agree_record="yes").status_code == 303
    told = consented(cw, case.id)
    assert told is not None
    assert (told.by, told.is_enough, told.agreed[Thing.FOLLOW_UP]) == (made.VERIFIER, True, False)
    assert checklists.ticks(cw, case.id)[Check.CONSENT] is not None


def test_consent_of_somebody_else_s_case_is_not_written_down(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case)
    answer = post(
        signed_in(service, "P5"), f"/staff/case/{case.id}/consent", agree_test="yes", agree_record="yes"
    )
    assert answer.status_code == 403
    assert consented(cw, case.id) is None


def test_where_no_sensor_is_the_verifier_says_how_warm_it_is_before_the_start(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ticked(cw)
    known(staff_bench, case, "begun")
    state = canned.idle()
    state["bench"]["has_thermometer"] = False
    shows(service, staff_bench, state, None)
    client, path = signed_in(service), f"/staff/case/{case.id}/start"
    assert f'href="{path}"' in client.get(f"/staff/case/{case.id}").text
    assert "°C" in client.get(path).text
    for typed in ("", "warm", "230"):
        refused = post(client, path, temperature=typed, humidity="48.5")
        assert (refused.status_code, 'value="48.5"' in refused.text) == (422, True)
    assert staff_bench.told("start") == []
    assert post(client, path, temperature="23,4", humidity="48.5").status_code == 303
    [started] = staff_bench.told("start")
    assert started["room"] == {"ambient_temperature_C": 23.4, "relative_humidity_pct": 48.5}


# --- what the bench and the customer ask


def test_a_remark_is_what_is_answered_and_what_is_left_empty_is_not(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.under_test(cw)
    shows(service, staff_bench, canned_verification.asking(), case)
    client = signed_in(service)
    page = client.get(f"/staff/case/{case.id}/answer").text
    assert "Seals" in said(page)
    assert post(client, f"/staff/case/{case.id}/answer").status_code == 422
    fields = {"1-seals-ok": "yes", "1-housing": "a crack", "1-housing-ok": "yes"}
    assert post(client, f"/staff/case/{case.id}/answer", **fields).status_code == 303
    [answered] = staff_bench.told("answer")
    assert answered["fields"] == {"seals": "ok", "housing": "a crack"}
    assert answered["session"] in staff_bench.sessions


def reading(displays: dict[str, Any]) -> dict[str, Any]:
    state = canned_verification.asking()
    question = {"item": "meter_constant", "fields": ["total_kWh"], "displays": displays}
    return state | {"question": state["question"] | question}


def test_whoever_must_read_a_simulated_meter_sees_its_display(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.under_test(cw)
    shows(service, staff_bench, reading({"1": {"total_kWh": "001234.5678"}}), case)
    client = signed_in(service)
    for path in ("", "/answer"):
        page = client.get(f"/staff/case/{case.id}{path}").text
        assert "SIMULATED 模拟" in page
        assert "001234.5678 kWh" in page
    assert "type all its digits" in said(page)
    assert "Meter constant" in said(page)


def test_a_simulated_meter_without_voltage_is_dark(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.under_test(cw)
    shows(service, staff_bench, canned_verification.asking(), case)
    page = signed_in(service).get(f"/staff/case/{case.id}/answer").text
    assert "its display is dark" in said(page)
    assert "sim-digits" not in page


def test_a_real_meter_is_read_where_it_hangs(service: Flask, staff_bench: StaffBench, cw: Casework) -> None:
    case = made.under_test(cw)
    state = reading({})
    state["bench"]["kind"] = "official"
    shows(service, staff_bench, state, case)
    page = signed_in(service).get(f"/staff/case/{case.id}/answer").text
    assert "SIMULATED 模拟" not in page
    assert 'name="1-total_kWh"' in page


def test_a_register_that_is_no_figure_is_asked_for_again_with_what_was_typed(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.under_test(cw)
    shows(service, staff_bench, reading({}), case)
    client, path = signed_in(service), f"/staff/case/{case.id}/answer"
    answer = post(client, path, **{"1-total_kWh": "12O4.5"})
    assert (answer.status_code, 'value="12O4.5"' in answer.text) == (422, True)
    assert staff_bench.told("answer") == []
    assert post(client, path, **{"1-total_kWh": "001204,50"}).status_code == 303
    assert staff_bench.told("answer")[0]["fields"] == {"total_kWh": "001204.50"}


def test_a_question_of_another_case_s_run_is_not_answered_here(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    shows(service, staff_bench, canned_verification.asking(), None)
    client = signed_in(service)
    post(client, f"/staff/case/{case.id}/answer", **{"1-seals-ok": "yes"})
    assert staff_bench.told("answer") == []


def test_a_question_of_the_customer_is_answered_and_the_answer_stays(service: Flask, cw: Casework) -> None:
    case = made.ready(cw)
    asked = questions.ask(cw, case.id, "灯为什么一直闪？", "customer")
    client = signed_in(service)
    assert "灯为什么一直闪？" in client.get(f"/staff/case/{case.id}").text
    post(client, f"/staff/case/{case.id}/question/{asked.id}", answer="It is the test output.")
    [after] = questions.questions(cw, case.id)
    assert (after.answer, after.answered_by) == ("It is the test output.", "P2")
    assert f'id="answer-{asked.id}"' not in client.get(f"/staff/case/{case.id}").text


def test_the_stream_says_a_new_question_and_asks_the_page_to_renew_itself(
    service: Flask, cw: Casework
) -> None:
    case = made.ready(cw)
    client = signed_in(service)
    before = client.get(f"/staff/case/{case.id}").text
    questions.ask(cw, case.id, "灯为什么一直闪？", "customer")
    events = client.get(f"/staff/case/{case.id}/stream?lang=en").iter_encoded()
    first = b""
    while b"event: snapshot" not in first:
        first += next(events)
    snapshot = first.decode()
    assert "A new question of the customer: 灯为什么一直闪？" in snapshot
    layout = re.search(r'data-layout="([^"]+)"', before)
    assert layout is not None
    assert layout[1] not in snapshot


@pytest.mark.parametrize("how", ["signed out", "the bench is away"])
def test_the_stream_ends_with_the_session_and_not_with_the_bench(
    service: Flask, staff_bench: StaffBench, cw: Casework, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(streams, "ASKED_EVERY_S", 0.0)
    case = made.ready(cw)
    client = signed_in(service)
    with client.get(f"/staff/case/{case.id}/stream", buffered=False) as answer:
        events = answer.iter_encoded()
        next(events)
        assert b"snapshot" in next(events)
        if how == "signed out":
            staff_bench.sessions.clear()
            assert b"event: over" in b"".join(events)
        else:
            staff_bench.refuse("session_lasts", "busy", "the bench is busy")
            assert b"event: over" not in next(events)


# --- handing over


def test_a_handover_is_agreed_by_the_bench_first_and_then_in_the_case(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case, "begun")
    client = signed_in(service)
    assert "Hand over" in said(client.get(f"/staff/case/{case.id}/hand-over").text)
    answer = post(
        client, f"/staff/case/{case.id}/hand-over", role="verifier", to="P5", why="end of the shift"
    )
    assert answer.status_code == 303, said(answer.text)
    assert staff_bench.cases[case.id]["verifier"] == "P5"
    assert cases.case(cw, case.id).verifier == "P5"


def test_what_the_bench_refuses_is_not_in_the_case_either(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case, "begun")
    staff_bench.refuse("case_handover", "verifier_busy", "P5 has a meter", person="P5", case="C2026-0999")
    typed = {"role": "verifier", "to": "P5", "why": "my shift ends"}
    answer = post(signed_in(service), f"/staff/case/{case.id}/hand-over", **typed)
    assert cases.case(cw, case.id).verifier == "P2"
    assert answer.status_code == 409
    assert 'value="my shift ends"' in answer.text
    assert '<option value="P5" selected>' in answer.text
    assert "Liu Yang (P5) has a meter under test, in C2026-0999" in said(answer.text)


def test_a_handover_that_only_the_bench_knows_is_shown_and_put_right(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    known(staff_bench, case, "begun")
    made.ready(cw, "P5", "P6", "44 0000 0001")  # casework: P5 has another meter under test
    client = signed_in(service)
    answer = post(client, f"/staff/case/{case.id}/hand-over", role="verifier", to="P5", why="shift")
    assert answer.status_code == 409
    assert "Put the case right by what the bench says" in said(answer.text)
    assert "The bench and the case disagree" in said(client.get(f"/staff/case/{case.id}").text)
    [other] = cases.all_cases(cw, person="P6")
    cases.withdraw(cw, other.id, "P5", "went home")
    assert post(client, f"/staff/case/{case.id}/hand-over/repair").status_code == 303
    assert cases.case(cw, case.id).verifier == "P5"


# --- looks


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["", "/begin", "/answer", "/invite", "/hand-over", "/explain", "/certificate", "/sign", "/end"]
)
def test_every_page_is_said_in_both_languages(
    service: Flask, staff_bench: StaffBench, cw: Casework, path: str, language: str
) -> None:
    case = made.done(cw)
    known(staff_bench, case, "begun")
    shows(service, staff_bench, canned.finished_pass(), case)
    answer = signed_in(service).get(f"/staff/case/{case.id}{path}?lang={language}")
    assert answer.status_code == 200
    assert "None" not in said(answer.text)
    assert "{" not in said(answer.text)
    assert not re.search(r"\son\w+=|<style|style=", answer.text), "the content policy would drop it"


def test_my_work_says_what_is_next_and_who_is_busy(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = made.ready(cw)
    staff_bench.busy["P5"] = "C2026-0999"
    mine = said(signed_in(service).get("/staff").text)
    assert case.id in mine
    assert "Go through the checklist" in mine
    assert "Liu Yang with C2026-0999" in mine
    checks = said(signed_in(service, made.CHECKER).get("/staff").text)
    assert "For me to check" in checks


def test_the_code_for_the_customer_works_once_and_a_new_one_is_another(service: Flask, cw: Casework) -> None:
    case = made.ready(cw)
    client = signed_in(service)
    tokens = [
        re.search(r"/join/([\w-]+)", post(client, f"/staff/case/{case.id}/invite").text)[1]  # type: ignore[index]
        for _ in range(2)
    ]
    assert tokens[0] != tokens[1]
    _, visit = invitations.accept(cw, tokens[1])
    assert visit.case_id == case.id
