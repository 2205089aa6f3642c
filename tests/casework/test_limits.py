"""Whoever has got in says so much in an hour and so much in all; the staff is not kept from working by it."""

from __future__ import annotations

import pytest

from tests.casework.stories import OFFICE, Clock, planned
from web.casework import history
from web.casework.limits import MOST_AN_HOUR, MOST_ENTRIES, require_room
from web.casework.opinions import expectation
from web.casework.refused import Refused
from web.casework.store import Casework


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
