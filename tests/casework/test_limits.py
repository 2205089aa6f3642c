"""Whoever has got in says so much in an hour and so much in all; the staff is not kept from working by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.casework.stories import OFFICE, Clock, after_test, application, applied, plan_of, planned
from web.casework import cases, history, limits
from web.casework.appeals import appeal
from web.casework.limits import MOST_AN_HOUR, MOST_ENTRIES, require_room
from web.casework.opinions import expectation
from web.casework.refused import Refused
from web.casework.store import Casework
from web.service import hand_offs, requests
from web.service.model import Asked, Kind


def test_a_customer_says_so_much_in_an_hour(cw: Casework, clock: Clock) -> None:
    case_id, other_id = planned(cw).id, planned(cw, "B-2", "P4", "P5").id
    clock.move(hours=2)
    for _ in range(MOST_AN_HOUR):
        expectation(cw, case_id, "", 5, 5)
    clock.move(minutes=30)
    for _ in range(MOST_AN_HOUR):
        history.add(cw, case_id, OFFICE, "invite")
    with pytest.raises(Refused, match="too_much_in_an_hour"):
        expectation(cw, case_id, "", 5, 5)
    expectation(cw, other_id, "", 5, 5)
    require_room(cw, case_id, OFFICE)
    clock.move(minutes=31)
    expectation(cw, case_id, "", 5, 5)


def test_a_case_is_full_for_the_customer_and_not_for_the_staff(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    with cw.writing():
        while len(history.history(cw, case_id)) < MOST_ENTRIES:
            for _ in range(50):
                history.add(cw, case_id, OFFICE, "invite")
    clock.move(days=2)
    with pytest.raises(Refused, match="case_is_full"):
        expectation(cw, case_id, "", 5, 5)
    require_room(cw, case_id, OFFICE)


def test_so_many_applications_of_customers_wait_and_no_more(
    cw: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter goes on; whatever the office does with one makes room; a retest is asked for all the same."""
    monkeypatch.setattr(limits, "MOST_UNTAKEN_APPLICATIONS", 2)
    tested = after_test(cw, "T-1")
    first, _ = applied(cw, "A-1"), applied(cw, "A-2")
    with pytest.raises(Refused, match="applications_full"):
        applied(cw, "A-3")
    assert history.refusals(cw)[0].key == "applications_full"
    appeal(cw, tested.id, "why?", "customer")
    cases.apply(cw, replace(application("A-4"), by=OFFICE))
    assert limits.untaken_applications(cw) == 2
    cases.plan(cw, first.id, plan_of("A-1", "P4", "P5"))
    third = applied(cw, "A-5")
    assert limits.applications_full(cw)
    hand_offs.take(cw, third.id, OFFICE)
    cases.decline(cw, applied(cw, "A-6").id, "no", "ask them", OFFICE)
    assert limits.untaken_applications(cw) == 1


def test_so_many_requests_of_customers_wait_and_no_more(
    cw: Casework, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_UNTAKEN_REQUESTS", 2)
    asked = Asked(Kind.BILLING, "why?", "Wang", "138", "")
    first, _ = requests.ask(cw, asked)
    second, _ = requests.ask(cw, asked)
    with pytest.raises(Refused, match="requests_full"):
        requests.ask(cw, asked)
    requests.ask(cw, replace(asked, by=OFFICE))
    hand_offs.take(cw, first.id, OFFICE)
    requests.ask(cw, asked)
    requests.close(cw, second.id, "twice the same", OFFICE)
    requests.ask(cw, asked)
    assert limits.requests_full(cw)
