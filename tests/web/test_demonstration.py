"""Every page of the staff, and every page for anybody, on a fresh demonstration: something is on it, and the mark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.demonstration.conftest import NOW, Filled, filled
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import wait_for
from tests.web.staff_bench import StaffBench
from web import create_app
from web.casework import invitations
from web.casework.case_rows import all_cases
from web.casework.model import CaseState
from web.page_files import PageFiles
from web.review import month
from web.serve import close
from web.service.months import month_at
from web.texts import text

__all__ = ["filled"]
ADMINISTRATOR, OFFICE, VERIFIER, CHECKER = "P1", "P2", "P3", "P5"
_ROLES = {"P2": "office", "P3": "verifier", "P4": "verifier", "P5": "checker", "P6": "checker"}
"""As the laboratory of the demonstration has them."""
_FOR_MACHINES = ("static", "health", "stream", "sign_out", "photo", "file")
LAST_MONTH = month_at(NOW).before.name


@pytest.fixture
def demonstration(filled: Filled, staff_bench: StaffBench, tmp_path: Path) -> Iterator[Flask]:
    for person, role in _ROLES.items():
        staff_bench.persons[person]["roles"] = [role]
    shutil.copy(filled.path, tmp_path / "casework.sqlite")
    app = create_app(
        str(staff_bench.path), files=PageFiles(casework=tmp_path / "casework.sqlite"), now=lambda: NOW
    )
    wait_for(app.extensions["feed"], lambda moment: moment.is_connected)
    yield app
    close(app)


def pages(app: Flask) -> list[str]:
    """Addresses without a value in them that can be looked at."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.startswith("/visit")
        and not any(part in rule.endpoint for part in _FOR_MACHINES)
    )


def test_every_page_opens_for_whoever_may(demonstration: Flask, staff_bench: StaffBench) -> None:
    desks = [
        AtADesk(demonstration, staff_bench, person) for person in (ADMINISTRATOR, OFFICE, VERIFIER, CHECKER)
    ]
    addresses = pages(demonstration)
    assert len(addresses) > 12
    for address in addresses:
        best = min(_status(desk.client, address) for desk in desks)
        assert best == 200, address


def _status(client: FlaskClient, address: str) -> int:
    return client.get(address, follow_redirects=True).status_code


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_the_office_says_what_it_rests_on(
    demonstration: Flask, staff_bench: StaffBench, language: str
) -> None:
    office = AtADesk(demonstration, staff_bench, OFFICE, language)
    mark = text("demonstration.mark", language)
    for address in ("/staff", "/office", "/office/requests", f"/office/review/{LAST_MONTH}", "/office/targets",
                    "/office/thanks", "/office/follow-ups", "/office/makers", "/office/makers/1/sheet",
                    "/promises"):  # fmt: skip
        page = office.text(address)
        assert mark in page, address
        for empty in ("office.nothing_yet", "request.nothing_yet", "review.nothing", "promises.none_yet",
                      "review.none_tried", "review.none_planned"):  # fmt: skip
            assert text(empty, language) not in page, (address, empty)


def test_the_month_has_a_figure_in_every_table(demonstration: Flask, staff_bench: StaffBench) -> None:
    page = AtADesk(demonstration, staff_bench, OFFICE).text(f"/office/review/{LAST_MONTH}")
    assert text("figure.none", "en") + "<" not in page
    for said in ("DEMO-A1", "Area: Demo ", "Verifier: ", "Promises kept", text("measure.worked", "en")):
        assert said in page
    # Of a made-up case no bench has a certificate: it is not known, and not said to be missing.
    assert page.count(text("figure.unknown", "en")) >= 2


def test_the_sheet_carries_the_mark(
    demonstration: Flask, staff_bench: StaffBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[dict[str, object]] = []
    monkeypatch.setattr(month, "pdf_of", lambda room, template, data: printed.append(data) or b"%PDF-")
    desk = AtADesk(demonstration, staff_bench, OFFICE)
    assert desk.get(f"/office/review/{LAST_MONTH}.pdf").status_code == 200
    assert printed[0]["demonstration"] == [text(f"demonstration.{name}", "en") for name in ("mark", "said")]


def test_every_case_opens_and_says_that_nothing_was_measured(
    demonstration: Flask, staff_bench: StaffBench, filled: Filled
) -> None:
    office, checker = (AtADesk(demonstration, staff_bench, person) for person in (OFFICE, CHECKER))
    verifier = AtADesk(demonstration, staff_bench, VERIFIER)
    shown = {case.state: case for case in all_cases(filled.cw)}
    for state, case in shown.items():
        said = text("demonstration.case" if case.run_ids else "demonstration.planned", "en")
        assert said in office.text(f"/office/case/{case.id}"), state
        assert text("office_case.bench_not_known", "en") not in office.text(f"/office/case/{case.id}")
    closed = shown[CaseState.CLOSED]
    assert text("demonstration.case", "en") in office.text(f"/office/case/{closed.id}/certificate")
    for case in all_cases(filled.cw):
        if case.is_open and case.verifier == VERIFIER:
            assert text("demonstration.mark", "en") in verifier.text(f"/staff/case/{case.id}")
        if case.is_open and case.checker == CHECKER and case.run_ids:
            assert text("demonstration.mark", "en") in checker.text(f"/check/{case.id}")


def test_a_customer_of_a_made_up_case_reads_that_it_is_one(demonstration: Flask, filled: Filled) -> None:
    cw = demonstration.extensions["casework"]
    for outcome in ("PASS", "FAIL", "INVALID", "UNJUDGED"):
        case = next(case for case in all_cases(cw) if case.outcome == outcome)
        token = invitations.result_link(cw, case.id, OFFICE)
        page = demonstration.test_client().get(f"/result/{token}", headers={"Accept-Language": "en"})
        assert page.status_code == 200
        assert text("demonstration.case", "en") in page.text


def test_without_a_made_up_case_nothing_is_marked(service: Flask, clerk: AtADesk) -> None:
    assert "banner-demonstration" not in clerk.text("/office")
    assert "banner-demonstration" not in clerk.text("/promises")
