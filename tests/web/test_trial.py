"""Catch the bench out, through the pages: what goes to the bench, what is kept, and what is said when it cannot be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.casework.stories import VERIFIER, application, plan_of
from tests.web.staff_bench import StaffBench
from tests.web.test_after import send, visitor
from web.casework import cases
from web.casework.model import Case
from web.casework.store import Casework
from web.casework.trials import trials

PAGE = "/visit/trial"


@pytest.fixture
def cw(service: Flask) -> Casework:
    found: Casework = service.extensions["casework"]
    return found


@pytest.fixture
def case(cw: Casework) -> Case:
    planned = cases.plan(cw, cases.apply(cw, application()).id, plan_of())
    return cases.receive(cw, planned.id, VERIFIER)


@pytest.fixture
def client(service: Flask, case: Case) -> FlaskClient:
    return visitor(service, case)


def test_what_was_hidden_and_what_was_found_stand_together(
    client: FlaskClient, cw: Casework, case: Case, staff_bench: StaffBench
) -> None:
    assert "simulated meter" in client.get(f"{PAGE}?lang=en").text
    answer = send(client, PAGE, {"error_pct": "−1.3"}, PAGE)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert [told["error_pct"] for told in staff_bench.told("trial")] == ["-1.3"]
    assert "You hid −1.30" in client.get(f"{PAGE}?lang=en").text
    (kept,) = trials(cw, case.id)
    assert kept.error_pct == Decimal("-1.3")
    assert "zone" in client.get(PAGE).text  # the funnel is drawn


@pytest.mark.parametrize("wrong", ["", "20.1", "-21", "1.234", "much", "NaN", "1e2"])
def test_what_cannot_be_hidden_is_said_beside_the_field_and_asks_the_bench_nothing(
    client: FlaskClient, cw: Casework, case: Case, staff_bench: StaffBench, wrong: str
) -> None:
    answer = send(client, PAGE, {"error_pct": wrong}, PAGE)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert staff_bench.told("trial") == []
    assert trials(cw, case.id) == []


def test_a_busy_bench_is_said_honestly_and_keeps_nothing(
    client: FlaskClient, cw: Casework, case: Case, staff_bench: StaffBench
) -> None:
    staff_bench.refuse("trial", "bench_busy", "a run is under way")
    answer = send(client, PAGE, {"error_pct": "1"}, f"{PAGE}?lang=en")
    assert answer.status_code == 409
    assert "真正的测量优先" in answer.text or "Real measurements go first" in answer.text
    assert trials(cw, case.id) == []


def test_without_a_visit_or_a_token_nothing_is_tried(
    service: Flask, client: FlaskClient, staff_bench: StaffBench
) -> None:
    assert service.test_client().get(PAGE).status_code == 403
    assert client.post(PAGE, data={"error_pct": "1"}).status_code == 403
    assert staff_bench.told("trial") == []
