"""A self-check goes to a case that is open: from the customer's own visit or link, or by the office; to no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.casework import stories
from tests.web import visiting
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import Clock
from tests.web.staff_bench import StaffBench
from tests.web.test_check_photos import with_photo
from tests.web.test_self_check import wait
from web.access import PUBLIC_TRIES
from web.casework import cases, history, invitations, self_check_codes, self_checks
from web.casework.model import CUSTOMER
from web.casework.self_checks import Found, Kind
from web.casework.store import Casework

Desk = Callable[..., AtADesk]
SAID = {"zh": ["闪了两次"], "en": ["It flashed twice."]}
HOSTILE = [
    "",
    " ",
    "x",
    "x" * 3000,
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "\x00\x1b",
    "../../self-check/found/x",
]


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Desk:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


@pytest.fixture
def code(casework: Casework) -> str:
    return checked(casework)


def checked(casework: Casework) -> str:
    return self_checks.keep(casework, Kind.NO_LOAD, Found.INCONSISTENT, {}, SAID)


def attached_to(casework: Casework, case_id: str) -> list[str]:
    return [check.said["en"][0] for check in self_checks.of(casework, case_id)]


def by_visit(browser: FlaskClient, typed: str) -> tuple[int, str]:
    response = visiting.post(browser, "/visit?lang=en", "/visit/self-check?lang=en", check_code=typed)
    return response.status_code, unescape(response.text)


def test_from_the_visit_as_the_customer_writes_it(service: Flask, casework: Casework, code: str) -> None:
    case = stories.planned(casework)
    browser = visiting.visitor(service, case.id)
    assert by_visit(browser, self_check_codes.shown(code).lower())[0] == 303
    assert attached_to(casework, case.id) == ["It flashed twice."]
    page = browser.get("/visit?said=self_check&lang=en").text
    assert "The self-check is attached" in page
    assert "It flashed twice." in page
    entry = history.history(casework, case.id)[-1]
    assert (entry.who, entry.act, entry.values["outcome"]) == (CUSTOMER, "self_check", "inconsistent")


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_code_that_is_none_is_said_beside_the_field_and_stays_there(
    service: Flask, casework: Casework, typed: str
) -> None:
    case = stories.planned(casework)
    status, page = by_visit(visiting.visitor(service, case.id), typed)
    assert status == 422
    assert 'id="check_code-error"' in page
    assert "<script>" not in page.split("<main", 1)[1].replace(f'value="{typed}"', "")
    assert attached_to(casework, case.id) == []


def test_why_a_code_is_refused(service: Flask, casework: Casework, clock: Clock, code: str) -> None:
    case, other = stories.planned(casework), stories.planned(casework, "B-2", "P4", "P5")
    wait(clock, self_checks.KEPT_DAYS * 86_400)
    taken = checked(casework)
    self_checks.attach(casework, taken, other.id)
    browser = visiting.visitor(service, case.id)
    for typed, said in (
        (self_check_codes.new(), "no self-check under this code"),
        (code, "has expired"),
        (taken, "belongs to an application already"),
    ):
        status, page = by_visit(browser, typed)
        assert (status, said in page) == (422, True), said
        assert f'value="{typed}"' in page
    assert attached_to(casework, case.id) == []
    assert other.id not in by_visit(browser, taken)[1]


def test_from_the_result_by_its_link_while_the_case_is_open(
    desk: Desk, clock: Clock, casework: Casework
) -> None:
    case = stories.explained(casework)
    visitor, code = with_photo(desk, clock)
    link = invitations.result_link(casework, case.id, stories.OFFICE)
    page, action = f"/result/{link}", f"/result/{link}/self-check"
    assert f'href="{action}' in visitor.text(page), "who reads is led to the form, and gets no cookie for it"
    assert visitor.send(action, action, check_code="").status_code == 422
    assert "It flashed" not in visitor.text(page)
    shown = visitor.sent(action, action, check_code=code)
    assert "Something counted" in shown
    [photo] = re.findall(r'<img src="(/result/[^"]+/self-check-photo/\d+)"', shown)
    assert visitor.get(photo).mimetype == "image/jpeg"
    again = visitor.send(action, action, check_code=code)
    assert again.status_code == 422
    assert "belongs to an application already" in unescape(again.text)
    cases.close(casework, case.id, "was explained", stories.OFFICE)
    assert "check_code" not in visitor.text(action)
    invitations.revoke(casework, case.id, stories.OFFICE)
    assert visitor.get(photo).status_code == 410


def test_a_link_that_is_none_attaches_nothing(desk: Desk, casework: Casework, code: str) -> None:
    stories.explained(casework)
    visitor = desk()
    for _ in range(PUBLIC_TRIES):
        assert visitor.send("/result/x/self-check", "/apply", check_code=code).status_code == 410
    assert visitor.send("/result/x/self-check", "/apply", check_code=code).status_code == 429
    assert len(self_checks.kept(casework, code)) == 1


def test_the_office_does_it_with_the_code_that_it_is_told(
    clerk: AtADesk, casework: Casework, code: str
) -> None:
    case = stories.applied(casework)
    page = f"/office/case/{case.id}"
    refused = clerk.send(f"{page}/self-check", page, check_code="<b>7K</b>")
    assert refused.status_code == 422
    assert "no self-check under this code" in unescape(refused.text)
    assert 'value="&lt;b&gt;7K&lt;/b&gt;"' in refused.text
    assert "It flashed twice." in clerk.sent(f"{page}/self-check", page, check_code=code)
    entry = history.history(casework, case.id)[-1]
    assert (entry.who, entry.act) == ("P4", "self_check")


def test_a_verifier_reads_and_attaches_nothing(desk: Desk, casework: Casework, code: str) -> None:
    case = stories.applied(casework)
    verifier, page = desk("P2"), f"/office/case/{case.id}"
    assert "check_code" not in verifier.text(page)
    assert (
        verifier.send(f"{page}/self-check", "/self-check/found/" + code, check_code=code).status_code == 403
    )
    assert attached_to(casework, case.id) == []


def test_a_case_that_is_over_takes_none(clerk: AtADesk, casework: Casework, code: str) -> None:
    case = stories.applied(casework)
    cases.withdraw(casework, case.id, CUSTOMER)
    page = f"/office/case/{case.id}"
    assert "check_code" not in clerk.text(page)
    refused = clerk.send(f"{page}/self-check", "/apply", check_code=code)
    assert refused.status_code == 422
    assert "is over" in unescape(refused.text)


# --- in the opposite direction: from what was found


def test_somebody_from_the_street_is_told_how_and_can_name_no_case(
    desk: Desk, casework: Casework, code: str
) -> None:
    stories.planned(casework)
    page = desk().text(f"/self-check/found/{code}")
    assert "Have you applied already?" in page
    assert self_check_codes.shown(code) in page
    assert "/visit/self-check" not in page
    response = desk().send("/visit/self-check", f"/self-check/found/{code}", check_code=code)
    assert response.status_code == 403
    assert len(self_checks.kept(casework, code)) == 1


def test_who_is_in_the_own_case_attaches_with_one_press(
    service: Flask, casework: Casework, code: str
) -> None:
    case, other = stories.planned(casework), stories.planned(casework, "B-2", "P4", "P5")
    browser = visiting.visitor(service, case.id)
    page = browser.get(f"/self-check/found/{code}?lang=en").text
    assert f"Attach it to my case {case.id}" in page
    found = re.search(r'name="check_code" value="([^"]+)"', page)
    assert found is not None
    response = visiting.post(
        browser, f"/self-check/found/{code}", "/visit/self-check", check_code=found[1], case_id=other.id
    )
    assert (response.status_code, response.location) == (303, "/visit?said=self_check#self-checks")
    assert attached_to(casework, case.id) == ["It flashed twice."]
    assert attached_to(casework, other.id) == []


def test_a_visit_that_is_over_attaches_nothing(service: Flask, casework: Casework, code: str) -> None:
    case = stories.planned(casework)
    browser = visiting.visitor(service, case.id)
    invitations.end_visits(casework, case.id, stories.OFFICE)
    response = visiting.post(browser, f"/self-check/found/{code}", "/visit/self-check", check_code=code)
    assert response.status_code == 410
    assert attached_to(casework, case.id) == []
