"""The certificate of a case: drafted by the office, signed at the bench with a password, sent back with a reason."""

from __future__ import annotations

import tomllib

import pytest
from flask import Flask

from tests.casework import stories
from tests.web import canned
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import PASSWORD, StaffBench
from web.after.outcome import outcome_of
from web.casework import cases, outcomes
from web.casework.history import history, refusals
from web.casework.model import Case
from web.casework.store import Casework
from web.certificate_request import CertificateRequest
from web.numbers import decimals_for, signed
from web.texts import text

REQUEST = {
    "run": "run-A-1", "received_on": "2026-11-26", "customer_name": "王小明", "customer_address": 'Road "12"',
    "manufacturer": "Example", "model": "DDS-60", "condition": "seals whole", "deviations": "",
}  # fmt: skip


@pytest.fixture
def case(casework: Casework) -> Case:
    return stories.after_test(casework)


@pytest.fixture
def where(case: Case) -> str:
    return f"/office/case/{case.id}/certificate"


def at_desk(service: Flask, staff_bench: StaffBench, person: str) -> AtADesk:
    return AtADesk(service, staff_bench, person)


def drafted(service: Flask, staff_bench: StaffBench, where: str) -> str:
    response = at_desk(service, staff_bench, "P4").send(f"{where}/draft", where, **REQUEST)
    assert response.status_code == 200
    assert "SIMULATED" in response.text
    return str(staff_bench.drafts[-1]["id"])


def signed_by_verifier(service: Flask, staff_bench: StaffBench, where: str) -> str:
    draft = drafted(service, staff_bench, where)
    at_desk(service, staff_bench, "P2").sent(f"{where}/sign", where, draft=draft, password=PASSWORD)
    return draft


def test_a_draft_is_asked_for_with_what_was_typed(
    service: Flask, staff_bench: StaffBench, where: str
) -> None:
    drafted(service, staff_bench, where)
    [asked] = staff_bench.told("certificate_draft")
    request = tomllib.loads(asked["request"])
    assert request == {
        "received_on": "2026-11-26",
        "customer": {"name": "王小明", "address": 'Road "12"'},
        "meter": {"manufacturer": "Example", "model": "DDS-60", "condition": "seals whole"},
    }
    assert (asked["run"], asked["position"]) == ("run-A-1", "1")


@pytest.mark.parametrize(
    "typed", ['a "b" \\ c', "\x7f", "'''", "a\tb", "表\u2028表", '"\n[customer]\nname = "x']
)
def test_whatever_is_typed_is_a_text_in_the_request(typed: str) -> None:
    request = CertificateRequest(typed, typed, typed, typed, typed, typed, typed)
    assert tomllib.loads(request.toml())["customer"] == {"name": typed, "address": typed}


def test_the_form_knows_what_the_case_knows(service: Flask, staff_bench: StaffBench, where: str) -> None:
    page = at_desk(service, staff_bench, "P4").text(where)
    assert 'value="王小明"' in page
    assert 'value="人民路 12 号"' in page


def test_of_another_case_s_run_nothing_is_drafted(
    service: Flask, staff_bench: StaffBench, where: str
) -> None:
    clerk = at_desk(service, staff_bench, "P4")
    assert clerk.send(f"{where}/draft", where, **(REQUEST | {"run": "run-000099"})).status_code == 422
    assert staff_bench.told("certificate_draft") == []


def test_two_persons_sign_and_the_certificate_has_its_number_and_files(
    service: Flask, staff_bench: StaffBench, case: Case, where: str
) -> None:
    draft = signed_by_verifier(service, staff_bench, where)
    checker = at_desk(service, staff_bench, "P3")
    assert case.id in checker.text("/check")
    page = checker.sent(f"/check/{case.id}/sign", f"/check/{case.id}", draft=draft, password=PASSWORD)
    assert "2026-00001" in page
    assert "The certificate is issued" in page
    assert "/refuse" not in page, "what is issued is not sent back"
    assert "Nothing waits" in checker.text("/check")
    clerk = at_desk(service, staff_bench, "P4")
    assert "2026-00001" in clerk.text(where)
    pdf = clerk.get(f"{where}/2026-00001/pdf")
    assert (pdf.data, pdf.mimetype) == (staff_bench.files["pdf"], "application/pdf")
    assert "2026-00001-label.pdf" in clerk.get(f"{where}/2026-00001/label").headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["2026-00002/pdf", "2026-00001/key"])
def test_files_that_are_not_the_case_s_are_not_there(
    service: Flask, staff_bench: StaffBench, where: str, path: str
) -> None:
    assert at_desk(service, staff_bench, "P4").get(f"{where}/{path}").status_code == 404


def test_a_wrong_password_signs_nothing_and_is_said(
    service: Flask, staff_bench: StaffBench, case: Case, casework: Casework, where: str
) -> None:
    draft = signed_by_verifier(service, staff_bench, where)
    checker = at_desk(service, staff_bench, "P3")
    response = checker.send(
        f"/check/{case.id}/sign", f"/check/{case.id}", draft=draft, password="not it at all"
    )
    assert response.status_code == 409
    assert "password" in response.text
    assert len(staff_bench.drafts[0]["signatures"]) == 1
    assert refusals(casework)[0].key == "sign_in_wrong"


def test_the_password_is_never_in_a_page(
    service: Flask, staff_bench: StaffBench, case: Case, where: str
) -> None:
    draft = signed_by_verifier(service, staff_bench, where)
    checker = at_desk(service, staff_bench, "P3")
    response = checker.send(
        f"/check/{case.id}/sign", f"/check/{case.id}", draft=draft, password="secret-secret"
    )
    assert "secret-secret" not in response.text


def test_the_bench_refuses_who_is_not_its_checker(
    service: Flask, staff_bench: StaffBench, case: Case, where: str
) -> None:
    draft = signed_by_verifier(service, staff_bench, where)
    staff_bench.refuse("certificate_sign", "not_its_checker", "not its checker", case=case.id, checker="P3")
    other = at_desk(service, staff_bench, "P5")
    page = other.get(f"/check/{case.id}").text
    assert 'name="password"' not in page
    response = other.send(f"/check/{case.id}/sign", "/apply", draft=draft, password=PASSWORD)
    assert response.status_code == 409
    assert "P3" in response.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_checker_sees_every_figure_and_what_did_not_count(
    service: Flask, staff_bench: StaffBench, casework: Casework, case: Case, language: str
) -> None:
    state = canned.finished_invalid()
    outcomes.keep(casework, case.id, case.run_ids[-1], outcome_of(state, "1"))
    page = AtADesk(service, staff_bench, "P3", language).text(f"/check/{case.id}")
    for result in state["positions"]["1"]["results"].values():
        if result.get("percentage_error_pct"):
            assert (
                signed(result["percentage_error_pct"], decimals_for(result["expanded_uncertainty_pct"]))
                in page
            )
    assert text("case_value.INVALID", language) in page
    assert page.count('<ul class="faults">') == (1 if state["faults"] else 0)
    assert text("page.simulated_detail", language) in page


@pytest.mark.parametrize("person", ["P2", "P4", "P1"])
def test_only_a_checker_opens_the_checker_s_page(
    service: Flask, staff_bench: StaffBench, case: Case, person: str
) -> None:
    assert at_desk(service, staff_bench, person).get(f"/check/{case.id}").status_code == 403


def test_the_checker_sends_it_back_with_a_reason_that_the_case_has(
    service: Flask, staff_bench: StaffBench, casework: Casework, case: Case, where: str
) -> None:
    signed_by_verifier(service, staff_bench, where)
    checker = at_desk(service, staff_bench, "P3")
    checker.sent(
        f"/check/{case.id}/refuse", f"/check/{case.id}", refuse_reason="The photo is of another meter."
    )
    entry = history(casework, case.id)[-1]
    assert (entry.act, entry.who) == ("send_back", "P3")
    for person, path in (("P3", f"/check/{case.id}"), ("P2", f"/office/case/{case.id}")):
        assert "The photo is of another meter." in at_desk(service, staff_bench, person).text(path)


def test_nobody_but_its_checker_sends_it_back(
    service: Flask, staff_bench: StaffBench, casework: Casework, case: Case
) -> None:
    before = history(casework, case.id)
    response = at_desk(service, staff_bench, "P5").send(
        f"/check/{case.id}/refuse", "/apply", refuse_reason="no"
    )
    assert response.status_code == 403
    assert history(casework, case.id) == before


def test_only_what_waits_is_in_the_checker_s_list(
    service: Flask, staff_bench: StaffBench, casework: Casework
) -> None:
    checker = at_desk(service, staff_bench, "P3")
    stories.planned(casework)
    assert "Nothing waits" in checker.text("/check")
    other = stories.after_test(
        casework,
        "A-2",
    )
    assert other.id in checker.text("/check")
    assert cases.case(casework, other.id).checker == "P3"


def test_without_a_password_the_bench_is_not_even_asked(
    service: Flask, staff_bench: StaffBench, case: Case, where: str
) -> None:
    draft = signed_by_verifier(service, staff_bench, where)
    asked = staff_bench.told("certificate_sign")
    for person, path, page in (
        ("P2", f"{where}/sign", where),
        ("P3", f"/check/{case.id}/sign", f"/check/{case.id}"),
    ):
        response = at_desk(service, staff_bench, person).send(path, page, draft=draft, password="")
        assert response.status_code == 422
    assert staff_bench.told("certificate_sign") == asked
