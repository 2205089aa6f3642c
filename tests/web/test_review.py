"""Pages of the service over all departments: who asks, whose it is, what a month was, what is promised and aimed at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import cast
from urllib.parse import quote

import pytest
from flask import Flask

from tests.casework import stories
from tests.service import a_month
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import Clock
from tests.web.staff_bench import PASSWORD, StaffBench
from web import printing
from web.access import PUBLIC_TRIES
from web.bench_link import BenchLink
from web.casework import areas, cases
from web.casework.history import refusals
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework
from web.review.issued import IssuedDays
from web.service import departments, hand_offs, kudos, measures, requests, targets
from web.service.facts import facts
from web.service.model import Asked, Kind, Request, State
from web.service.months import month_of

ADMINISTRATOR, VERIFIER, CHECKER, OFFICE, OTHER = "P1", "P2", "P3", "P4", "P5"
ASKED = {"kind": "billing", "words": "账单多了一倍\nwhy?", "name": "王小明", "contact": "138", "area": "A3"}
OCTOBER = month_of("2026-10")
Desk = Callable[..., AtADesk]


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Desk:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


@pytest.fixture
def october(casework: Casework, clock: Clock) -> None:
    """A month of the service, and the first of the next one."""

    def set_clock(at: datetime) -> None:
        clock.at = at.isoformat()

    a_month.make(casework, set_clock, OCTOBER, count=12)
    a_month.steer(casework, OCTOBER)


def asked(casework: Casework, kind: Kind = Kind.BILLING, by: str = OFFICE) -> Request:
    return requests.ask(casework, Asked(kind, "why so much?", "王小明", "138", "A3", by))[0]


def act(desk: AtADesk, subject: str, name: str, **fields: object) -> int:
    path = f"/office/request/{subject}"
    return desk.send(f"{path}/{name}", path, **fields).status_code


# --- the customer


def test_a_customer_asks_and_has_a_page_of_the_own(desk: Desk, casework: Casework) -> None:
    street = desk()
    response = street.send("/ask-us", **ASKED)
    assert response.status_code == 303
    [this] = requests.requests(casework)
    assert (this.words, this.state, this.owner) == (ASKED["words"], State.NEW, None)
    page = street.text(response.location)
    assert this.id in page
    assert this.deadline in page
    requests.answer(casework, this.id, "Since it was <b>cold</b>.", OFFICE)
    own = response.location.split("?")[0]
    assert "Since it was <b>cold</b>." in street.text(own)
    assert "&lt;b&gt;cold" in street.get(own).text
    assert "it is closed" in street.sent(own, settled="yes", words="thanks")
    assert requests.request(casework, this.id).state is State.CLOSED


def test_at_the_counter_it_is_whose_took_it(desk: Desk, casework: Casework) -> None:
    page = desk(OFFICE).sent("/ask-us", **ASKED)
    [this] = requests.requests(casework)
    assert (this.owner, this.state) == (OFFICE, State.IN_HAND)
    assert f"/office/request/{this.id}" in page


def test_a_label_that_asks_has_no_colon_behind_it(desk: Desk) -> None:
    refused = desk(None, "zh").send("/ask-us", **(ASKED | {"kind": "", "name": ""})).text
    assert "是哪一类事情？请选一项" in refused
    assert "姓名：请填写这一项" in refused


def test_every_public_page_leads_to_the_form(desk: Desk) -> None:
    assert 'href="/ask-us" aria-current="page"' in desk().text("/ask-us")


@pytest.mark.parametrize("field", ["kind", "words", "name", "contact"])
def test_what_is_missing_is_said_and_nothing_is_lost(desk: Desk, casework: Casework, field: str) -> None:
    response = desk().send("/ask-us", **(ASKED | {field: ""}))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert all(said in response.text for name, said in ASKED.items() if name not in (field, "kind"))
    assert requests.requests(casework) == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("words", "x" * 2001),
        ("kind", "nonsense"),
        ("name", "x" * 81),
        ("words", "\u202e\u200b"),
    ],
)
def test_what_is_too_long_or_no_text_is_refused_with_the_rest_kept(
    desk: Desk, casework: Casework, field: str, typed: str
) -> None:
    response = desk().send("/ask-us", **(ASKED | {field: typed}))
    assert response.status_code == 422
    assert ASKED["contact"] in response.text
    assert requests.requests(casework) == []


def test_bytes_of_another_encoding_are_no_error_of_the_page(desk: Desk, casework: Casework) -> None:
    street = desk()
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', street.get("/ask-us").text)
    assert token is not None
    sent = f"csrf={token[1]}&kind=billing&name=n&contact=c&words=%B5%E7%B1%ED%00"
    response = street.client.post("/ask-us", data=sent, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (303, 422)
    assert all("\x00" not in (one.words or "") for one in requests.requests(casework))


def test_hostile_words_are_words(desk: Desk, casework: Casework) -> None:
    hostile = "<script>alert(1)</script>{{7*7}}'; DROP TABLE request;--"
    desk().send("/ask-us", **(ASKED | {"words": hostile}))
    [this] = requests.requests(casework)
    page = desk(OFFICE).get(f"/office/request/{this.id}").text
    assert "<script>alert" not in page
    assert "{{7*7}}" in page


def test_one_address_can_ask_so_often(desk: Desk) -> None:
    street = desk()
    for _ in range(PUBLIC_TRIES):
        assert street.send("/ask-us", **(ASKED | {"words": ""})).status_code == 422
    assert street.send("/ask-us", **ASKED).status_code == 429


def test_an_invented_link_opens_nothing(desk: Desk) -> None:
    street = desk()
    assert street.get("/ask-us/invented").status_code == 404
    assert street.send("/ask-us/invented", "/ask-us", settled="yes").status_code == 404
    assert street.send("/ask-us/invented/thanks", "/ask-us", thanks="x").status_code == 404


def test_a_request_outside_gets_a_reason_and_a_next_step(desk: Desk, casework: Casework) -> None:
    response = desk().send("/ask-us", **ASKED)
    [this] = requests.requests(casework)
    clerk = desk(OFFICE)
    assert act(clerk, this.id, "decline", decline_reason="The tariff is set by law.", decline_next="") == 422
    assert act(clerk, this.id, "decline", decline_reason="Set by law.", decline_next="Call 12398.") == 303
    page = desk().text(response.location.split("?")[0])
    assert "Set by law." in page
    assert "Call 12398." in page


def test_a_customer_thanks_and_the_team_sees_it_once_it_was_read(desk: Desk, casework: Casework) -> None:
    own = desk().send("/ask-us", **ASKED).location.split("?")[0]
    [this] = requests.requests(casework)
    requests.answer(casework, this.id, "x", VERIFIER)
    assert desk().send(f"{own}/thanks", own, thanks="").status_code == 422
    assert "passed on" in desk().sent(f"{own}/thanks", own, thanks="Thank you, says 王小明")
    [given] = kudos.waiting(casework)
    assert given.person == VERIFIER
    assert "says 王小明" not in desk(CHECKER).text("/office/thanks")
    page = desk(OFFICE).sent(
        f"/office/thanks/{given.id}", "/office/thanks", act="show", **{f"words_{given.id}": "Thank you"}
    )
    assert "Thank you" in page
    assert "Thank you" in desk(CHECKER).text("/office/thanks")


# --- the office


def test_requests_and_cases_stand_in_one_table(desk: Desk, casework: Casework) -> None:
    this, case = asked(casework), stories.applied(casework)
    page = desk(OFFICE).text("/office/requests")
    assert this.id in page
    assert case.id in page


def test_the_table_is_narrowed_by_its_address(desk: Desk, casework: Casework, clock: Clock) -> None:
    late = asked(casework)
    clock.at = "2026-11-30T10:00:00+00:00"
    new = asked(casework, Kind.READING, VERIFIER)
    clerk = desk(OFFICE)
    for query, seen in {
        "show=overdue": late, "department=meter_reading": new, f"owner={VERIFIER}": new, "department=billing": late,
    }.items():  # fmt: skip
        page = clerk.text(f"/office/requests?{query}")
        assert re.findall(r"/office/request/(R\d+-\d+)", page) == [seen.id], query
    assert "1 overdue" in clerk.text("/office/requests")
    assert clerk.get("/office/requests?show=<x>&area='").status_code == 200


def test_a_hand_off_is_accepted_by_the_other_department(desk: Desk, casework: Casework) -> None:
    this = asked(casework)
    clerk, verifier = desk(OFFICE), desk(VERIFIER)
    assert verifier.get(f"/office/request/{this.id}").status_code == 403
    fields = {"hand_department": "metering", "hand_to": VERIFIER}
    assert act(clerk, this.id, "hand-over", hand_why="", **fields) == 422
    assert act(clerk, this.id, "hand-over", hand_why="a look on site", **fields) == 303
    assert act(verifier, this.id, "take-back") == 403
    assert act(clerk, this.id, "take-back") == 303
    assert act(clerk, this.id, "hand-over", hand_why="a look on site", **fields) == 303
    page = verifier.text(f"/office/request/{this.id}")
    assert "a look on site" in page
    assert "/answer" not in page
    assert act(verifier, this.id, "answer", answer="It is right.") == 403, "it is not accepted yet"
    assert act(verifier, this.id, "accept") == 303
    assert requests.request(casework, this.id).owner == VERIFIER
    assert act(verifier, this.id, "answer", answer="It is right.") == 303
    assert act(verifier, this.id, "close", close_reason="x") == 403
    assert act(clerk, this.id, "customer", settled="yes", customer_words="") == 303
    assert requests.request(casework, this.id).state is State.CLOSED


def test_what_was_typed_stays_when_it_is_refused(desk: Desk, casework: Casework) -> None:
    this = asked(casework)
    path = f"/office/request/{this.id}"
    response = desk(OFFICE).send(
        f"{path}/decline", path, decline_reason="THE-REASON", decline_next="x" * 2001
    )
    assert response.status_code == 422
    assert "THE-REASON" in response.text
    assert '<details class="act" open>' in response.text


def test_a_refused_hand_over_keeps_its_reason(desk: Desk, casework: Casework) -> None:
    this = asked(casework)
    path = f"/office/request/{this.id}"
    fields = {"hand_department": this.department, "hand_to": "", "hand_why": "THE-REASON"}
    response = desk(OFFICE).send(f"{path}/hand-over", path, **fields)
    assert response.status_code == 422
    assert "THE-REASON" in response.text


def test_it_leads_to_a_case_and_then_stands_there_once(desk: Desk, casework: Casework) -> None:
    this, case = asked(casework, Kind.VERIFICATION), stories.applied(casework)
    clerk = desk(OFFICE)
    assert act(clerk, this.id, "led-to", case="C2026-9999") == 422
    assert act(clerk, this.id, "led-to", case=case.id) == 303
    page = clerk.text("/office/requests")
    assert case.id in page
    assert this.id not in page
    assert this.id in clerk.text(f"/office/request/{case.id}")


def test_a_closed_request_can_be_forgotten(desk: Desk, casework: Casework) -> None:
    this = asked(casework)
    requests.close(casework, this.id, "no answer", OFFICE)
    assert act(desk(OFFICE), this.id, "forget") == 303
    assert requests.request(casework, this.id).name is None
    assert "(deleted on request)" in desk(OFFICE).text(f"/office/request/{this.id}")


def test_who_is_forgotten_in_a_case_is_forgotten_in_what_led_to_it(desk: Desk, casework: Casework) -> None:
    this, case = asked(casework, Kind.VERIFICATION), stories.applied(casework)
    requests.led_to(casework, this.id, case.id, OFFICE)
    cases.withdraw(casework, case.id, CUSTOMER)
    desk(ADMINISTRATOR).sent(f"/office/delete/{case.id}", number=case.id, password=PASSWORD)
    assert requests.request(casework, this.id).words is None


@pytest.mark.parametrize("subject", ["R2026-9999", "C2026-9999", "x", "%2e%2e"])
def test_no_such_request(desk: Desk, subject: str) -> None:
    assert desk(OFFICE).get(f"/office/request/{subject}").status_code == 404


def test_an_act_that_is_none(desk: Desk, casework: Casework) -> None:
    assert act(desk(OFFICE), asked(casework).id, "explode") == 404


AREA_SPELLINGS = ("A3", " ren  MIN lu ", "people's road")


def people_said(page: str, department: str) -> str:
    """Who belongs to a department, as its row says."""
    row = page.split(f'lang="en">{department}</td>')[1]
    return re.sub(r"<[^>]*>", "", row.split("</td>")[0]).strip()


def test_a_request_is_found_by_each_spelling_of_its_area_and_shown_by_its_name(
    desk: Desk, casework: Casework
) -> None:
    areas.keep(casework, "a3", "人民路", "People's Road", "counter", OFFICE, ["Ren min lu"])
    numbers = [
        requests.ask(casework, Asked(Kind.BILLING, "w", "n", "c", area))[0].id for area in AREA_SPELLINGS
    ]
    other, _ = requests.ask(casework, Asked(Kind.BILLING, "w", "n", "c", "B9"))
    for written in (*AREA_SPELLINGS, "人民路"):
        page = desk(OFFICE).text(f"/office/requests?area={quote(written)}")
        assert all(number in page for number in numbers)
        assert other.id not in page
        assert '<option value="a3" selected>People' in page
    for language, name in (("zh", "人民路"), ("en", "People's Road")):
        page = desk(OFFICE, language).text("/office/requests")
        assert page.count(name) == 1 + len(numbers), "the filter has it once"
        assert "ren  MIN" not in page
        assert "ren MIN" not in page
        assert name in desk(OFFICE, language).text(f"/office/request/{numbers[1]}")


def test_departments_are_the_administrator_s(desk: Desk, casework: Casework) -> None:
    assert desk(OFFICE).get("/office/departments").status_code == 403
    boss = desk(ADMINISTRATOR)
    fields = {"department_name": "solar", "department_zh": "光伏", "department_en": "Solar"}
    assert "Solar" in boss.sent("/office/departments", **fields)
    assert boss.send("/office/departments", **(fields | {"department_en": ""})).status_code == 422
    response = boss.send("/office/departments", **(fields | {"department_name": "Solar 1"}))
    assert response.status_code == 422
    assert "光伏" in response.text
    (solar,) = [one for one in departments.departments(casework) if one.name == "solar"]
    assert solar.members == ()
    page = boss.sent("/office/departments", **fields, members=[VERIFIER, "P99"])
    assert people_said(page, "Solar") == "Li Wei (P2)"
    assert 'value="P2" checked' in boss.text("/office/departments?change=solar")
    areas.keep(casework, "a1", "学府街", "College Street", "solar", OFFICE)
    assert 'value="solar"' not in boss.text("/office/departments").split('id="department"')[0]
    assert boss.send("/office/departments", close="solar").status_code == 409
    areas.keep(casework, "a1", "学府街", "College Street", "counter", OFFICE)
    boss.sent("/office/departments", close="solar")
    assert not departments.departments(casework)[-1].is_open


def test_a_verifier_reads_the_own_and_writes_nothing_of_the_office_s(desk: Desk, casework: Casework) -> None:
    asked(casework)
    mine = asked(casework, by=VERIFIER)
    verifier = desk(VERIFIER)
    assert re.findall(r"/office/request/(R\d+-\d+)", verifier.text("/office/requests")) == [mine.id]
    token_of = "/office/thanks"
    for path, fields in {
        "/office/review/2026-11/plan": {"what": "x", "owner": "P2", "indicator": "late", "due": "2026-12-01"},
        "/office/targets": {"indicator": "late", "holder": "P2", "direction": "at_most", "value": "1"},
        "/office/thanks/1": {"act": "drop"},
    }.items():
        assert verifier.send(path, token_of, **fields).status_code == 403, path
    assert refusals(casework)[0].who == VERIFIER


# --- the month


@pytest.mark.usefixtures("october")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_month_says_its_figures_with_their_numbers(desk: Desk, language: str) -> None:
    page = desk(OFFICE, language).text("/office/review/2026-10")
    assert ("检定申请 12 件" if language == "zh" else "Applications: 12") in page
    assert "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}" in page
    assert "DDS-28" in page


@pytest.mark.usefixtures("october")
def test_a_verifier_sees_the_own_row_of_the_verifiers_and_nobody_else_s(desk: Desk) -> None:
    assert "Verifier: Liu Yang" in desk(OFFICE).text("/office/review/2026-10")
    own = desk(VERIFIER).text("/office/review/2026-10")
    assert "Verifier: Li Wei" in own
    assert "Verifier: Liu Yang" not in own


@pytest.mark.usefixtures("october")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_month_is_one_sheet_of_paper(desk: Desk, language: str) -> None:
    response = desk(OFFICE, language).get("/office/review/2026-10.pdf")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert response.data.startswith(b"%PDF-")
    assert response.data.count(b"/Type /Page\n") == 1 or b"/Count 1" in response.data


@pytest.mark.parametrize("written", ["2026-13", "x", "2027-01", "2026-12.pdf", "<b>"])
def test_no_such_month(desk: Desk, written: str) -> None:
    assert desk(OFFICE).get(f"/office/review/{written}").status_code == 404


def test_an_empty_month_is_a_page_too(desk: Desk) -> None:
    clerk = desk(OFFICE)
    assert "No measure was set" in clerk.text("/office/review/2026-11")
    assert clerk.get("/office/review").location == "/office/review/2026-10"


@pytest.mark.usefixtures("october")
def test_an_area_of_the_list_is_called_by_its_name(desk: Desk, casework: Casework) -> None:
    assert "Area: A1" in desk(OFFICE).text("/office/review/2026-10")
    areas.keep(casework, "a1", "学府街", "College Street", "counter", OFFICE)
    assert "Area: College Street" in desk(OFFICE).text("/office/review/2026-10")


def test_what_cannot_be_printed_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_glyph(*_: object, **__: object) -> bytes:
        raise Refused("not_printable", written="🎉")

    monkeypatch.setattr("web.review.month.pdf_of", no_glyph)
    assert printing.pdf_of is not no_glyph
    response = desk(OFFICE).get("/office/review/2026-11.pdf")
    assert response.status_code == 409
    assert "🎉" in response.text


def test_a_measure_is_set_for_the_next_month_and_reviewed_when_that_is_over(
    desk: Desk, casework: Casework, clock: Clock
) -> None:
    clerk, path = desk(OFFICE), "/office/review/2026-11"
    fields = {"what": "Call back at once", "owner": "P2", "indicator": "complaints", "due": "2026-12-20"}
    for wrong in (
        {"what": ""},
        {"what": "x" * 201},
        {"due": "soon"},
        {"owner": "P99"},
        {"indicator": "luck"},
    ):
        response = clerk.send(f"{path}/plan", path, **(fields | wrong))
        assert response.status_code == 422, wrong
        assert "Call back at once" in response.text or "what" in wrong
    assert "Call back at once" in clerk.sent(f"{path}/plan", path, **fields)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(measures, "MOST", 1)
        response = clerk.send(f"{path}/plan", path, **(fields | {"what": "ONE-MORE"}))
    assert response.status_code == 422
    assert "ONE-MORE" in response.text
    [one] = measures.measures(casework, month_of("2026-12"))
    clock.at = "2027-01-02T09:00:00+00:00"
    review = f"/office/review/measure/{one.id}"
    after = "/office/review/2026-12"
    verdict = f"verdict_{one.id}"
    assert clerk.send(review, after, **{verdict: ""}).status_code == 422
    page = clerk.sent(review, after, **{verdict: "cannot_tell", f"said_{one.id}": "none before, none after"})
    assert "Cannot tell" in page
    assert "month before 0 → this month 0" in page


def test_targets_are_seen_by_those_who_are_judged_by_them(desk: Desk, casework: Casework) -> None:
    clerk = desk(OFFICE)
    for holder in ("everybody", "team:metering", "team:billing", VERIFIER, OTHER):
        fields = {"indicator": "late", "holder": holder, "direction": "at_most", "value": "2"}
        assert clerk.send("/office/targets", **fields).status_code == 303
    for value in ("", "many", "1e9"):
        fields = {"indicator": "late", "holder": "everybody", "direction": "at_most", "value": value}
        response = clerk.send("/office/targets", **fields)
        assert response.status_code == 422
    rows = re.findall(r'<th scope="row">([^<]*)</th>', desk(VERIFIER).text("/office/targets"))
    assert rows == ["Everybody", "Metering", "Li Wei (P2)"]
    assert len(re.findall(r'<th scope="row">', clerk.text("/office/targets"))) == 5
    assert "at most 2" in clerk.text("/office/targets")
    [first, *_] = targets.targets(casework)
    clerk.sent(f"/office/targets/{first.id}/end", "/office/targets")
    assert len(targets.targets(casework)) == 4
    days = {"indicator": "days_to_result", "holder": "everybody", "direction": "at_most", "value": "10"}
    assert "at most 10\N{NO-BREAK SPACE}d" in clerk.sent("/office/targets", **days)


def test_thanks_that_say_nothing_are_none(desk: Desk, casework: Casework) -> None:
    verifier = desk(VERIFIER)
    assert verifier.send("/office/thanks", person=OFFICE, thanks="").status_code == 422
    assert verifier.send("/office/thanks", person=VERIFIER, thanks="I am great").status_code == 409
    assert verifier.send("/office/thanks", person=OFFICE, thanks="A great help").status_code == 303
    [given] = kudos.waiting(casework)
    path = f"/office/thanks/{given.id}"
    response = desk(OFFICE).send(path, "/office/thanks", act="show", **{f"words_{given.id}": ""})
    assert response.status_code == 422
    desk(OFFICE).sent(path, "/office/thanks", act="drop")
    assert kudos.waiting(casework) == []


# --- the promises


@pytest.mark.usefixtures("october")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_promise_stands_beside_what_happened(desk: Desk, casework: Casework, language: str) -> None:
    page = desk(None, language).text("/promises")
    assert page.count("n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}") >= 4
    assert str(casework.promises.appointment_days) in page
    assert ("检定机构承担" if language == "zh" else "borne by the laboratory") in page


def test_nothing_is_shown_as_kept_that_has_not_happened(desk: Desk) -> None:
    page = desk().text("/promises")
    assert page.count("None has been due yet") == 7
    assert "100 %" not in page


@pytest.mark.usefixtures("october")
def test_certificates_are_asked_of_the_bench_and_unknown_without_it(
    desk: Desk, staff_bench: StaffBench
) -> None:
    staff_bench.refuse("certificates", "busy", "busy")
    assert "This cannot be looked up now" in desk().text("/promises")


def test_the_application_leads_to_the_promises(desk: Desk) -> None:
    assert 'href="/promises"' in desk().text("/apply")


def test_a_hand_off_of_a_case_stands_beside_its_test(desk: Desk, casework: Casework) -> None:
    case = stories.planned(casework)
    hand_offs.hand_over(casework, case.id, "billing", None, "refund", VERIFIER)
    assert act(desk(OFFICE), case.id, "accept") == 303
    assert "Chen Jing" in desk(OFFICE).text(f"/office/request/{case.id}")


def test_while_the_bench_is_asked_nobody_hears_that_there_is_no_certificate(casework: Casework) -> None:
    stories.after_test(casework)
    [case] = facts(casework).cases
    heard: list[str | None] = []

    class Link:
        def certificates(self, run_id: str) -> list[dict[str, str]]:
            if not heard:  # somebody else asks meanwhile
                heard.append("")
                heard[0] = issued(case)
            return [{"issued_on": "2026-11-28"}]

    issued = IssuedDays(cast(BenchLink, Link()), casework.now, lambda _: False)
    assert issued(case) == "2026-11-28"
    assert heard == ["2026-11-28"]
