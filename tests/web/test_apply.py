"""The application: what anybody may write, and how far."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.casework.stories import plan_of
from tests.web.at_a_desk import AtADesk
from tests.web.staff_bench import StaffBench
from web.access import PUBLIC_TRIES
from web.apply import LIMITS
from web.casework import cases
from web.casework.history import history
from web.casework.model import CUSTOMER, Case
from web.casework.opinions import Moment, opinions
from web.casework.store import Casework
from web.numbers import money

FILLED_IN = {
    "doubt": "It runs even at night.\nNobody is at home then.",
    "expects": "whether it runs fast",
    "sure": "7",
    "trust": "4",
    "serial": "SIM-000001",
    "area": "A3",
    "name": "Wang Xiaoming",
    "address": "12 People's Road",
    "phone": "138 0000 0000",
    "day_mon": "yes",
    "day_fri": "yes",
}


@pytest.fixture
def desk(service: Flask, staff_bench: StaffBench) -> Callable[..., AtADesk]:
    return lambda person=None, language="en": AtADesk(service, staff_bench, person, language)


def only_case(casework: Casework) -> Case:
    [case] = cases.all_cases(casework)
    return case


def test_a_customer_applies_in_the_own_words(desk, casework) -> None:
    page = desk().sent("/apply", **FILLED_IN)
    case = only_case(casework)
    assert case.id in page
    assert case.doubt == FILLED_IN["doubt"]
    assert case.customer is not None
    assert case.customer.phone == "138 0000 0000"
    assert (case.serial, case.area) == ("SIM-000001", "A3")


def test_the_expectation_and_the_days_are_kept(desk, casework) -> None:
    desk().sent("/apply", **FILLED_IN)
    case = only_case(casework)
    said = opinions(casework, case.id)[Moment.BEFORE]
    assert (said.words, said.meter_is_wrong, said.trust) == ("whether it runs fast", 7, 4)
    [days] = [entry for entry in history(casework, case.id) if entry.act == "days_wished"]
    assert (days.who, days.values["days"]) == (CUSTOMER, "mon,fri")


def test_the_answer_says_what_happens_next(desk, casework) -> None:
    page = desk().sent("/apply", **FILLED_IN)
    assert f"Within {casework.promises.plan_days} days" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_promises_stand_beside_the_form(desk, casework, language: str) -> None:
    page = desk(None, language).text("/apply")
    cost = casework.promises.cost
    assert money(cost.fee, cost.currency, language) in page
    assert str(casework.promises.appointment_days) in page


@pytest.mark.parametrize("field", [name for name in (*LIMITS, "sure", "trust") if name != "area"])
def test_what_is_missing_is_said_beside_its_field_and_the_rest_stays(desk, casework, field: str) -> None:
    response = desk().send("/apply", **(FILLED_IN | {field: ""}))
    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert ("Wang Xiaoming" in response.text) == (field != "name")
    assert cases.all_cases(casework) == []


@pytest.mark.parametrize("field", LIMITS)
def test_no_field_takes_more_than_its_limit(desk, casework, field: str) -> None:
    response = desk().send("/apply", **(FILLED_IN | {field: "x" * (LIMITS[field] + 1)}))
    assert response.status_code == 422
    assert cases.all_cases(casework) == []


def test_a_form_without_its_token_is_refused(desk, casework) -> None:
    response = desk().client.post("/apply", data=FILLED_IN)
    assert response.status_code == 403
    assert cases.all_cases(casework) == []


def test_one_address_can_send_so_many_and_no_more(desk, casework) -> None:
    visitor = desk()
    for _ in range(PUBLIC_TRIES):
        assert visitor.send("/apply", **(FILLED_IN | {"doubt": ""})).status_code == 422
    assert visitor.send("/apply", **FILLED_IN).status_code == 429
    assert cases.all_cases(casework) == []


def test_a_body_that_is_too_large_is_refused(desk, casework) -> None:
    assert desk().send("/apply", **(FILLED_IN | {"doubt": "x" * 400_000})).status_code == 413
    assert cases.all_cases(casework) == []


def test_whether_a_meter_has_a_case_is_not_told(desk, casework) -> None:
    """Two strangers name one serial number, one of them after it was planned: each is told the same as the first."""
    said = [desk().sent("/apply", **FILLED_IN)]
    [first] = cases.all_cases(casework)
    said.append(desk().sent("/apply", **FILLED_IN))
    cases.plan(casework, first.id, plan_of(first.serial))
    said.append(desk().sent("/apply", **FILLED_IN))
    ids = sorted(case.id for case in cases.all_cases(casework))
    assert len(ids) == 3
    assert len({page.replace(case_id, "") for page, case_id in zip(said, ids, strict=True)}) == 1


def test_what_a_customer_writes_is_text_and_no_markup(desk, casework) -> None:
    visitor = desk()
    response = visitor.send("/apply", **(FILLED_IN | {"doubt": "<script>alert(1)</script>", "name": ""}))
    assert "<script>alert" not in response.text


def test_at_the_counter_the_case_says_who_took_it(desk, casework) -> None:
    clerk = desk("P4")
    assert "Chen Jing" in clerk.text("/apply")
    clerk.sent("/apply", **FILLED_IN)
    entry, *_ = history(casework, only_case(casework).id)
    assert entry.who == "P4"


def test_it_works_while_the_bench_is_away(desk, casework, staff_bench) -> None:
    clerk = desk("P4")
    staff_bench.path.unlink()
    clerk.sent("/apply", **FILLED_IN)
    entry, *_ = history(casework, only_case(casework).id)
    assert entry.who == CUSTOMER


def test_a_number_that_is_none_has_no_page(desk) -> None:
    assert desk().get("/apply/sent/C2026-1%3Cscript%3E").status_code == 404


def test_the_page_of_a_number_tells_nothing_of_its_case(desk, casework) -> None:
    desk().sent("/apply", **FILLED_IN)
    page = desk().text(f"/apply/sent/{only_case(casework).id}")
    assert "Xiaoming" not in page
    assert page == desk().text("/apply/sent/C2026-0099").replace("C2026-0099", only_case(casework).id)
