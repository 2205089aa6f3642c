"""The result: during the visit, and by its link."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.casework.stories import CHECKER, OFFICE, VERIFIER, application, plan_of, tick_all
from tests.web import canned
from tests.web.conftest import Clock, wait_for
from tests.web.staff_bench import PASSWORD, StaffBench
from web.after.outcome import outcome_of
from web.casework import cases, follow_ups, invitations, opinions, outcomes
from web.casework.consumption import consumed
from web.casework.history import refusals
from web.casework.model import BENCH, Case, CaseState, Moment, Outcome
from web.casework.signatures import Signer, signatures
from web.casework.store import Casework

SERIAL = canned.idle()["positions"]["1"]["serial"]
DRAWN = "[[" + ",".join(f"[{10 * n},{20 * n}]" for n in range(1, 20)) + "]]"
BILL = {"kwh": "2400", "price": "0.60", "currency": "CNY"}
HOW_IT_WAS = {"meter_is_wrong": "2", "trust": "9", "score": "5", "unclear": "", "learned": "It counts right"}


@pytest.fixture
def cw(service: Flask) -> Casework:
    found: Casework = service.extensions["casework"]
    return found


def under_test(cw: Casework, serial: str = SERIAL, run: str = "run-000007") -> Case:
    case = cases.plan(cw, cases.apply(cw, application(serial)).id, plan_of(serial))
    cases.receive(cw, case.id, VERIFIER)
    tick_all(cw, case.id)
    return cases.begin_test(cw, case.id, run, VERIFIER)


def case_after_test(
    cw: Casework, state: dict[str, Any] | None = None, verdict: Outcome = Outcome.PASS
) -> Case:
    """A case whose run has ended as a canned state says."""
    case, shown = under_test(cw), state or canned.finished_pass()
    shown["run"] |= {"id": "run-000007", "case": case.id}
    outcomes.keep(cw, case.id, "run-000007", outcome_of(shown, "1"))
    return cases.end_test(cw, case.id, verdict, BENCH)


def visitor(service: Flask, case: Case) -> FlaskClient:
    """The browser of the customer of a case."""
    cw = service.extensions["casework"]
    cookie, _ = invitations.accept(cw, invitations.invite(cw, case.id, VERIFIER))
    client = service.test_client()
    client.set_cookie("visit", cookie)
    return client


def send(client: FlaskClient, path: str, fields: dict[str, str], page: str = "/visit/result") -> Any:
    """A form as the page sends it, with the token that the page has in it."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(page).text)
    assert token is not None
    return client.post(path, data={**fields, "csrf": token[1]})


@pytest.fixture
def case(cw: Casework) -> Case:
    return case_after_test(cw)


@pytest.fixture
def client(service: Flask, case: Case) -> FlaskClient:
    return visitor(service, case)


def test_who_has_no_visit_sees_no_result(service: Flask, case: Case) -> None:
    answer = service.test_client().get("/visit/result")
    assert answer.status_code == 403
    assert SERIAL not in answer.text


@pytest.mark.parametrize(
    ("state", "verdict", "said", "next_step"),
    [
        (canned.finished_pass, Outcome.PASS, "Your meter passed", "The meter counts right"),
        (canned.finished_fail, Outcome.FAIL, "did not pass", "the utility"),
        (canned.finished_invalid, Outcome.INVALID, "does not count", "nothing about your meter"),
        (canned.interrupted, Outcome.INVALID, "was interrupted", "nothing about your meter"),
    ],
)
def test_each_end_has_its_sentence_and_its_next_steps(
    service: Flask, cw: Casework, state: Any, verdict: Outcome, said: str, next_step: str
) -> None:
    page = visitor(service, case_after_test(cw, state(), verdict)).get("/visit/result?lang=en").text
    assert said in page
    assert next_step in page
    assert SERIAL in page
    assert "SIMULATED" in page
    if verdict is Outcome.INVALID:
        assert "FAIL" not in page
        assert "so there is no figure here" in page
        assert 'name="kwh"' not in page
        assert "did not pass" not in page


def test_before_the_test_has_ended_the_page_says_so(service: Flask, cw: Casework) -> None:
    page = visitor(service, under_test(cw)).get("/visit/result?lang=en")
    assert page.status_code == 200
    assert "not finished yet" in page.text


def test_the_end_of_a_run_is_kept_and_ends_the_test_without_anybody_looking(
    service: Flask, staff_bench: StaffBench, cw: Casework
) -> None:
    case = under_test(cw)
    state = canned.finished_fail()
    state["run"] |= {"id": "run-000007", "case": case.id}
    staff_bench.set_state(state)
    moment = wait_for(service.extensions["feed"], lambda moment: moment.state == state)
    service.extensions["case_watch"].look(moment)
    after = cases.case(cw, case.id)
    assert (after.state, after.outcome) == (CaseState.TESTED, Outcome.FAIL)
    assert "did not pass" in visitor(service, case).get("/visit/result?lang=en").text


def test_nothing_is_preset_in_the_bill_and_what_was_said_is_kept(
    client: FlaskClient, cw: Casework, case: Case
) -> None:
    page = client.get("/visit/result?lang=en").text
    assert re.search(r'<input id="kwh"[^>]*value=""', page)
    assert "An example only" in page
    assert "bill-headline" not in page
    answer = send(client, "/visit/result/bill", BILL)
    assert (answer.status_code, answer.location) == (303, "/visit/result#bill")
    said = consumed(cw, case.id)
    assert said is not None
    assert (said.kWh_per_year, said.price_per_kWh, said.currency) == (2400, Decimal("0.60"), "CNY")
    page = client.get("/visit/result?lang=en").text
    assert "bill-headline" in page
    assert 'value="2400"' in page


@pytest.mark.parametrize(
    "wrong",
    [{"kwh": "0"}, {"kwh": "a lot"}, {"price": "-1"}, {"currency": "XXX"}, {"kwh": ""}, {"kwh": "NaN"}],
)
def test_a_wrong_field_of_the_bill_is_said_beside_it_and_keeps_nothing(
    client: FlaskClient, cw: Casework, case: Case, wrong: dict[str, str]
) -> None:
    answer = send(client, "/visit/result/bill", BILL | wrong)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "bill-headline" not in answer.text
    assert consumed(cw, case.id) is None


def test_experience_stands_beside_the_expectation(service: Flask, cw: Casework) -> None:
    case = cases.plan(cw, cases.apply(cw, application("B-2")).id, plan_of("B-2"))
    opinions.expectation(cw, case.id, "Whether it runs too fast", 9, 3)
    cases.receive(cw, case.id, VERIFIER)
    tick_all(cw, case.id)
    cases.begin_test(cw, case.id, "run-000008", VERIFIER)
    outcomes.keep(cw, case.id, "run-000008", outcome_of(canned.finished_pass(), "1"))
    cases.end_test(cw, case.id, Outcome.PASS, BENCH)
    client = visitor(service, case)
    assert "Whether it runs too fast" in client.get("/visit/result?lang=en").text
    assert send(client, "/visit/result/experience", HOW_IT_WAS).status_code == 303
    page = client.get("/visit/result?lang=en").text
    assert re.search(r"<td>9</td>\s*<td>2</td>|<td>9</td><td>2</td>", page)
    assert re.search(r"<td>3</td><td>9</td>", page)
    satisfied = opinions.satisfied(cw, case.id)
    assert satisfied is not None
    assert satisfied.score == 5


def test_a_form_without_its_token_is_refused_and_recorded(
    client: FlaskClient, cw: Casework, case: Case
) -> None:
    client.get("/visit/result")
    for path, fields in (
        ("bill", BILL),
        ("experience", HOW_IT_WAS),
        ("appeal", {"why": "no"}),
        ("sign/customer", {}),
    ):
        answer = client.post(f"/visit/result/{path}", data=fields)
        assert answer.status_code == 403
    assert [entry.key for entry in refusals(cw)][:4] == ["form_too_old"] * 4
    assert consumed(cw, case.id) is None


def test_a_customer_signs_by_drawing_and_what_is_signed_stands_above(
    client: FlaskClient, cw: Casework, case: Case
) -> None:
    page = client.get("/visit/result/sign/customer?lang=en").text
    assert "Your meter passed" in page
    assert "To sign is not to accept the result" in page
    assert "password" not in page
    answer = send(
        client, "/visit/result/sign/customer", {"strokes": DRAWN, "name": ""}, "/visit/result/sign/customer"
    )
    assert answer.status_code == 303
    assert signatures(cw, case.id)[Signer.CUSTOMER].by == "customer"
    assert 'd="M10 20L20 40' in client.get("/visit/result").text


def test_who_cannot_draw_types_the_name(client: FlaskClient, cw: Casework, case: Case) -> None:
    path = "/visit/result/sign/customer"
    assert send(client, path, {"strokes": "", "name": ""}, path).status_code == 422
    assert send(client, path, {"strokes": "", "name": "王小明"}, path).status_code == 303
    assert signatures(cw, case.id)[Signer.CUSTOMER].typed == "王小明"
    assert "王小明" in client.get("/visit/result").text


@pytest.mark.parametrize(
    ("role", "person", "password", "status"),
    [
        ("verifier", VERIFIER, PASSWORD, 303),
        ("checker", CHECKER, PASSWORD, 303),
        ("verifier", VERIFIER, "wrong", 403),
        ("verifier", CHECKER, PASSWORD, 409),
        ("checker", "P5", PASSWORD, 409),
    ],
)
def test_staff_sign_on_the_tablet_by_their_password_and_only_whose_case_it_is(
    client: FlaskClient, cw: Casework, case: Case, staff_bench: StaffBench,
    role: str, person: str, password: str, status: int,
) -> None:  # fmt: skip
    path = f"/visit/result/sign/{role}"
    fields = {"strokes": DRAWN, "name": "", "person": person, "password": password}
    answer = send(client, path, fields, path)
    assert answer.status_code == status
    assert (Signer(role) in signatures(cw, case.id)) is (status == 303)
    assert password not in answer.text or password == "wrong"
    # The tablet stays the customer's: nobody is signed in on it.
    assert staff_bench.sessions == {}
    assert "staff" not in answer.headers.get("Set-Cookie", "")


def test_an_appeal_makes_a_retest_and_ends_the_visit(client: FlaskClient, cw: Casework, case: Case) -> None:
    assert send(client, "/visit/result/appeal", {"why": ""}).status_code == 422
    answer = send(client, "/visit/result/appeal", {"why": "It still runs too fast"})
    assert answer.status_code == 200
    retest = next(one for one in cases.all_cases(cw) if one.retest_of == case.id)
    assert retest.id in answer.text
    assert client.get("/visit/result").status_code == 410


def test_certificates_and_evidence_come_in_pieces_with_their_type(
    client: FlaskClient, staff_bench: StaffBench
) -> None:
    staff_bench.certificates.append(certificate("run-000007", "2026-00001"))
    staff_bench.files |= {"pdf": b"%PDF-" + bytes(range(256)) * 40, "bundle": b"PK" + bytes(range(256)) * 90}
    staff_bench.piece_bytes = 1000
    assert "2026-00001" in client.get("/visit/result").text
    for path, content, kind, name in (
        ("certificate/2026-00001/pdf", staff_bench.files["pdf"], "application/pdf", "2026-00001.pdf"),
        ("certificate/2026-00001/xml", staff_bench.files["xml"], "application/xml", "2026-00001.xml"),
        ("evidence", staff_bench.files["bundle"], "application/zip", "run-000007.zip"),
    ):
        answer = client.get(f"/visit/result/{path}")
        assert answer.data == content
        assert answer.content_length == len(content)
        assert answer.mimetype == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["2026-00002/pdf", "2026-00001/label", "2026-00001/exe", "2026-00009/pdf"])
def test_only_files_of_this_cases_certificates(
    client: FlaskClient, staff_bench: StaffBench, path: str
) -> None:
    staff_bench.certificates += [
        certificate("run-000007", "2026-00001"),
        certificate("run-000001", "2026-00002"),
    ]
    assert client.get(f"/visit/result/certificate/{path}").status_code == 404
    assert staff_bench.told("certificate_read") == []


def test_a_replaced_certificate_says_by_which(client: FlaskClient, staff_bench: StaffBench) -> None:
    replaced = certificate("run-000007", "2026-00001") | {"stands": False, "replaced_by": "2026-00003"}
    staff_bench.certificates.append(replaced)
    assert "replaced by 2026-00003" in client.get("/visit/result?lang=en").text


def certificate(run: str, number: str) -> dict[str, Any]:
    return {
        "run": run, "number": number, "kind": "verification", "verdict": "PASS", "issued_on": "2026-11-26",
        "stands": True, "replaced_by": None, "files": ["pdf", "xml", "label"],
    }  # fmt: skip


@pytest.fixture
def link(cw: Casework, case: Case) -> str:
    return f"/result/{invitations.result_link(cw, case.id, VERIFIER)}"


def test_the_link_opens_the_result_without_a_cookie_and_sets_none(
    service: Flask, link: str, staff_bench: StaffBench
) -> None:
    staff_bench.certificates.append(certificate("run-000007", "2026-00001"))
    client = service.test_client()
    answer = client.get(link)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert SERIAL in answer.text
    assert "王小明" not in answer.text
    assert client.get(f"{link}/certificate/2026-00001/pdf").data == staff_bench.files["pdf"]
    assert client.get(f"{link}/evidence").data == staff_bench.files["bundle"]
    assert "Set-Cookie" not in client.get(f"{link}?kwh=2400&price=0.6&currency=EUR").headers


def test_the_link_of_a_case_whose_verdict_alone_is_known_says_it(service: Flask, cw: Casework) -> None:
    case = cases.end_test(cw, under_test(cw).id, Outcome.FAIL, VERIFIER)
    answer = service.test_client().get(f"/result/{invitations.result_link(cw, case.id, VERIFIER)}?lang=en")
    assert answer.status_code == 200
    assert "The verdict: " in answer.text
    assert "has not been tested" not in answer.text


def test_by_the_link_a_bill_is_shown_and_not_kept(
    service: Flask, link: str, cw: Casework, case: Case
) -> None:
    client = service.test_client()
    page = client.get(f"{link}?lang=en&kwh=2400&price=0.6&currency=EUR")
    assert page.status_code == 200
    assert "bill-headline" in page.text
    assert client.get(f"{link}?lang=en&kwh=-1&price=0.6&currency=EUR").status_code == 422
    assert consumed(cw, case.id) is None


def test_a_revoked_or_invented_link_opens_nothing(
    service: Flask, link: str, cw: Casework, case: Case
) -> None:
    client = service.test_client()
    for path in ("", "/evidence", "/follow-up", "/certificate/2026-00001/pdf"):
        assert client.get(f"{link[:-2]}xx{path}").status_code == 410
    invitations.revoke(cw, case.id, OFFICE)
    for path in ("", "/evidence", "/follow-up", "/certificate/2026-00001/pdf"):
        answer = client.get(link + path)
        assert answer.status_code == 410
        assert SERIAL not in answer.text


def test_a_link_is_no_visit(service: Flask, link: str) -> None:
    client = service.test_client()
    client.get(link)
    assert client.get("/visit/result").status_code == 403
    assert client.post("/visit/result/appeal", data={"why": "x"}).status_code == 403


def test_a_follow_up_is_answered_by_the_link_when_it_is_due(
    service: Flask, link: str, cw: Casework, case: Case, clock: Clock
) -> None:
    client, path = service.test_client(), f"{link}/follow-up"
    assert "no follow-up to answer now" in client.get(f"{path}?lang=en").text
    clock.at = "2026-12-26T10:00:00+00:00"
    fields = {"said": "All is well", "used": "180.5", "meter_is_wrong": "1", "trust": "10"}
    assert send(client, path, fields | {"used": "-3"}, path).status_code == 422
    assert send(client, path, fields | {"said": ""}, path).status_code == 422
    assert send(client, path, fields, path).status_code == 303
    first, second = follow_ups.of(cw, case.id)
    assert (first.said, str(first.used_kWh), first.settled_by) == ("All is well", "180.5", "customer")
    assert second.settled_at is None
    assert opinions.opinions(cw, case.id)[Moment.DAY_30].trust == 10
    page = client.get(f"{path}?lang=en").text
    # 180.5 kWh in 30 days are 180.5 * 365/30 = 2196.08 kWh a year.
    assert "180.5 kWh in the 30 days" in page
    assert "2196 kWh a year" in page
    assert "no follow-up to answer now" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_has_no_text_missing_and_nothing_inline(
    service: Flask, client: FlaskClient, link: str, language: str
) -> None:
    for path in ("/visit/result", "/visit/result/sign/verifier", link, f"{link}/follow-up"):
        page = client.get(f"{path}?lang={language}").text
        assert "<style" not in page
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), [one for one in ids if ids.count(one) > 1]
