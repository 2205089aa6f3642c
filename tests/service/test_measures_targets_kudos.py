"""What is tried and whether it worked, what is aimed at and by whom it is seen, and thanks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from tests.casework.stories import Clock
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework
from web.service import kudos, measures, requests, targets
from web.service.facts import facts
from web.service.figures import Figure, Unit
from web.service.measures import Measure, Worked
from web.service.model import Asked, Kind
from web.service.months import month_of, span_of
from web.service.targets import Direction

OFFICE = "P4"
NOVEMBER = month_of("2026-11")


def refused_with(key: str, act: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.key == key


def planned(cw: Casework, indicator: str = "complaints") -> Measure:
    return measures.plan(cw, NOVEMBER, "Call back the same day", "P2", indicator, date(2026, 11, 30), OFFICE)


def test_a_measure_has_an_owner_an_indicator_and_a_day(cw: Casework) -> None:
    this = planned(cw)
    assert (this.owner, this.indicator, this.due_on, this.verdict) == ("P2", "complaints", "2026-11-30", None)
    assert measures.measures(cw, NOVEMBER) == [this]
    assert measures.measures(cw, NOVEMBER.next) == []
    refused_with("no_such_indicator", lambda: planned(cw, "happiness"))


def test_a_measure_is_reviewed_once_and_in_the_next_month(cw: Casework, clock: Clock) -> None:
    this = planned(cw)
    refused_with("measure_too_early", lambda: measures.review(cw, this.id, Worked.WORKED, "", OFFICE))
    clock.move(days=7)
    done = measures.review(cw, this.id, Worked.CANNOT_TELL, "two complaints only", OFFICE)
    assert (done.verdict, done.said, done.reviewed_by) == (Worked.CANNOT_TELL, "two complaints only", OFFICE)
    refused_with("measure_reviewed", lambda: measures.review(cw, this.id, Worked.WORKED, "", OFFICE))


def test_a_month_has_so_many_measures(cw: Casework) -> None:
    for _ in range(measures.MOST):
        planned(cw)
    refused_with("measures_full", lambda: planned(cw))


@pytest.mark.parametrize(
    ("direction", "value", "is_met"),
    [(Direction.AT_MOST, "1", True), (Direction.AT_MOST, "0", False), (Direction.AT_LEAST, "2", False)],
)
def test_a_target_is_met_in_its_direction(
    cw: Casework, direction: Direction, value: str, is_met: bool
) -> None:
    requests.ask(cw, Asked(Kind.COMPLAINT, "w", "n", "c", by="P2"))
    for holder in (targets.EVERYBODY, targets.team("counter"), "P2"):
        target = targets.aim(cw, "complaints", holder, direction, Decimal(value), OFFICE)
        assert targets.result(facts(cw), target, span_of(NOVEMBER)).is_met is is_met


def test_no_figure_is_no_result(cw: Casework) -> None:
    target = targets.aim(cw, "satisfaction", "", Direction.AT_LEAST, Decimal(4), OFFICE)
    assert target.is_met_by(Figure(None, 3, Unit.SCORE)) is None


def test_a_new_target_replaces_the_one_of_the_same(cw: Casework) -> None:
    first = targets.aim(cw, "late", "", Direction.AT_MOST, Decimal(5), OFFICE)
    second = targets.aim(cw, "late", "", Direction.AT_MOST, Decimal(3), OFFICE)
    assert targets.targets(cw) == [second]
    refused_with("no_such_target", lambda: targets.end(cw, first.id, OFFICE))
    targets.end(cw, second.id, OFFICE)
    assert targets.targets(cw) == []


@pytest.mark.parametrize(
    ("indicator", "holder", "key"),
    [
        ("luck", "", "no_such_indicator"),
        ("late", "team:nowhere", "no_such_department"),
        ("late", "<b>", "no_such_holder"),
    ],
)
def test_a_target_for_nothing_or_nobody(cw: Casework, indicator: str, holder: str, key: str) -> None:
    refused_with(key, lambda: targets.aim(cw, indicator, holder, Direction.AT_MOST, Decimal(1), OFFICE))


def test_a_person_sees_the_own_the_team_s_and_everybody_s(cw: Casework) -> None:
    for holder in ("", "team:metering", "team:billing", "P2", "P3"):
        targets.aim(cw, "late", holder, Direction.AT_MOST, Decimal(1), OFFICE)
    everything = targets.targets(cw)
    seen = targets.visible_to(everything, "P2", frozenset({"metering"}), is_office=False)
    assert [one.holder for one in seen] == ["", "team:metering", "P2"]
    assert targets.visible_to(everything, OFFICE, frozenset(), is_office=True) == everything


def test_thanks_are_seen_when_somebody_has_read_them(cw: Casework) -> None:
    this = kudos.give(cw, "P2", "Thank you! Mr SECRET of Road 3", CUSTOMER)
    assert kudos.shown(cw) == []
    assert kudos.waiting(cw) == [this]
    kudos.show(cw, this.id, "Thank you!", OFFICE)
    [seen] = kudos.shown(cw, "P2")
    assert (seen.words, seen.given_by) == ("Thank you!", CUSTOMER)
    assert kudos.shown(cw, "P3") == []
    assert b"SECRET" not in cw.path.read_bytes()


def test_thanks_that_are_not_to_be_seen_are_gone(cw: Casework) -> None:
    this = kudos.give(cw, "P2", "SECRET", "P3")
    kudos.drop(cw, this.id, OFFICE)
    refused_with("no_such_kudos", lambda: kudos.show(cw, this.id, "x", OFFICE))
    assert b"SECRET" not in cw.path.read_bytes()
    refused_with("kudos_for_oneself", lambda: kudos.give(cw, "P2", "I am great", "P2"))
