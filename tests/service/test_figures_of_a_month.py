"""The figures of a month, against what was counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.casework import stories
from tests.casework.stories import Clock
from web.casework import areas, cases, opinions, outcomes, questions, self_checks
from web.casework.history import is_intact
from web.casework.model import CUSTOMER, Case, Moment, Outcome
from web.casework.refused import Refused
from web.casework.self_checks import Found
from web.casework.self_checks import Kind as CheckKind
from web.casework.store import Casework
from web.dates import day_of
from web.service import departments, expectations, indicators, meter_types, requests
from web.service.facts import Facts, facts
from web.service.figures import LEAST, Figure, Unit, middle, share
from web.service.indicators import Indicator
from web.service.model import Asked, Kind
from web.service.months import Month, month_of, span_of, within, year_to
from web.service.promises_kept import Kept, late, promises_kept

NOVEMBER = span_of(month_of("2026-11"))
DECEMBER = span_of(month_of("2026-12"))


def at(clock: Clock, day: int, hour: int = 8, minute: int = 0, month: int = 11) -> None:
    clock.at = datetime(2026, month, day, hour, minute, tzinfo=UTC)


def figure(cw: Casework, indicator: Indicator, span: tuple[date, date] = NOVEMBER) -> Figure:
    return indicators.figure(facts(cw), indicator, span)


def kept(cw: Casework, name: str, span: tuple[date, date] = NOVEMBER) -> Kept:
    [found] = [one for one in promises_kept(facts(cw), span) if one.name == name]
    return found


def visited(cw: Casework, clock: Clock, serial: str, trust: tuple[int, int] | None = None) -> Case:
    """Applied on the 1st, planned on the 3rd, tested and explained on the 12th: 70 min there, 30 of them the test."""
    at(clock, 1)
    case = stories.applied(cw, serial)
    if trust is not None:
        opinions.expectation(cw, case.id, "", 8, trust[0])
    at(clock, 3)
    cases.plan(cw, case.id, stories.plan_of(serial))
    at(clock, 12, 1)
    cases.receive(cw, case.id, stories.VERIFIER)
    stories.tick_all(cw, case.id)
    at(clock, 12, 1, 20)
    cases.begin_test(cw, case.id, f"run-{serial}", stories.VERIFIER)
    at(clock, 12, 1, 50)
    cases.end_test(cw, case.id, Outcome.PASS, stories.VERIFIER)
    at(clock, 12, 2, 10)
    cases.explain(cw, case.id, stories.VERIFIER)
    if trust is not None:
        opinions.experience(cw, case.id, "", 2, trust[1], Moment.AFTER)
        opinions.satisfaction(cw, case.id, trust[1] // 2, "")
    return cases.close(cw, case.id, "done", stories.OFFICE)


def ask(cw: Casework, kind: Kind, by: str = CUSTOMER) -> str:
    return requests.ask(cw, Asked(kind, "w", "n", "c", "A1", by))[0].id


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-1", "26-11", "", "2026-11-01", "1999-01", "２０２６-11"]
)
def test_what_is_no_month(written: str) -> None:
    with pytest.raises(Refused):
        month_of(written)


def test_months_follow_each_other() -> None:
    assert (month_of("2026-12").next.name, month_of("2026-01").before.name) == ("2027-01", "2025-12")
    assert span_of(month_of("2028-02"))[1] == date(2028, 2, 29)
    assert month_of("2026-11") < month_of("2026-12") == Month(date(2026, 12, 1))


def test_a_day_is_the_one_here() -> None:
    here = datetime(2026, 11, 30, 18, tzinfo=UTC).astimezone().date()
    assert day_of("2026-11-30T18:00:00+00:00") == here
    assert day_of("2026-11-30T23:30") == day_of("2026-11-30") == date(2026, 11, 30)
    assert [within(NOVEMBER)(day) for day in ("2026-11-30", "2026-12-01", None)] == [True, False, False]


def test_a_year_is_365_days() -> None:
    first, last = year_to("2026-11-26T10:00:00+00:00")
    assert (last - first).days == 364


def test_few_values_are_no_figure_and_their_number_is_said() -> None:
    assert middle([1, 2, 3, 4], Unit.DAYS) == Figure(None, 4, Unit.DAYS)
    assert middle([], Unit.DAYS) == Figure(None, 0, Unit.DAYS)
    assert middle([1, 2, 3, 4, 9], Unit.DAYS) == Figure(Decimal("3.0"), 5, Unit.DAYS)
    assert share([True, False, False]) == Figure(Decimal("33.3"), 3, Unit.PERCENT)
    assert share([]).value is None


def test_requests_count_where_the_customer_called_them_settled(cw: Casework, clock: Clock) -> None:
    at(clock, 5)
    numbers = [ask(cw, kind) for kind in (Kind.BILLING, Kind.VERIFICATION, Kind.APPEAL, Kind.OTHER)]
    for number in numbers[:3]:
        requests.answer(cw, number, "x", "P4")
        requests.customer_says(cw, number, True, "")
    requests.close(cw, numbers[3], "nobody reached", "P4")
    assert (
        figure(cw, Indicator.SETTLED_WITHOUT).value == 2
    )  # not the appeal, not the one closed with a reason
    assert figure(cw, Indicator.SETTLED_WITHOUT, DECEMBER).value == 0


def test_a_request_that_led_to_a_case_is_not_settled_without_one(cw: Casework) -> None:
    number = ask(cw, Kind.VERIFICATION)
    requests.led_to(cw, number, stories.applied(cw).id, "P4")
    assert figure(cw, Indicator.SETTLED_WITHOUT).value == 0
    assert figure(cw, Indicator.APPLICATIONS).value == 1


def test_readers_whose_doubt_was_settled_count_and_the_others_do_not(cw: Casework, clock: Clock) -> None:
    at(clock, 5)
    with cw.writing() as database:
        database.execute(
            "INSERT INTO handbook_question (id, state, state_since, subject) VALUES (1, 'published', 'x', 'meter')"
        )
        for day, settled, many in (("2026-11-30", 1, 3), ("2026-11-30", 0, 1), ("2026-12-01", 1, 9)):
            database.execute("INSERT INTO settled_count VALUES (1, 1, ?, ?, ?)", (day, settled, many))
        database.execute(
            "INSERT INTO asking VALUES (NULL, 1, ?, 'web', '', 'w', 'customer', NULL)", (cw.now(),)
        )
    assert figure(cw, Indicator.SETTLED_WITHOUT).value == 3
    assert indicators.readers_said(facts(cw), NOVEMBER) == (3, 1)
    assert indicators.asked_for_handbook(facts(cw), NOVEMBER).value == 1
    assert indicators.asked_for_handbook(facts(cw), DECEMBER).value == 0


def test_self_checks_count_as_long_as_they_are_kept_and_then_nobody_knows(cw: Casework, clock: Clock) -> None:
    at(clock, 20)
    for found in (Found.CONSISTENT, Found.CONSISTENT, Found.INCONSISTENT):
        self_checks.keep(cw, CheckKind.NO_LOAD, found, {}, {"zh": [], "en": []})
    assert indicators.quiet_self_checks(facts(cw), NOVEMBER).value == 2
    at(clock, 1, month=12)
    assert indicators.quiet_self_checks(facts(cw), NOVEMBER) == Figure(None, None, Unit.COUNT)


def test_applications_complaints_and_appeals(cw: Casework, clock: Clock) -> None:
    done = visited(cw, clock, "A-1")
    cases.retest(cw, done.id, "again", CUSTOMER)
    stories.applied(cw, "A-2")
    for kind in (Kind.COMPLAINT, Kind.APPEAL, Kind.BILLING):
        ask(cw, kind)
    assert figure(cw, Indicator.APPLICATIONS).value == 2
    assert figure(cw, Indicator.COMPLAINTS).value == 1
    assert figure(cw, Indicator.APPEALS).value == 2


def test_how_long_each_phase_took(cw: Casework, clock: Clock) -> None:
    for number in range(LEAST):
        visited(cw, clock, f"A-{number}")
    took = {phase.name: phase.took.value for phase in indicators.phases(facts(cw), NOVEMBER)}
    assert took == {"planning": 2, "waiting": 9, "testing": 50, "explaining": 0, "closing": 0, "whole": 11}
    assert figure(cw, Indicator.DAYS_TO_RESULT) == Figure(Decimal("11.0"), 5, Unit.DAYS)


def test_a_phase_that_has_begun_anew_is_not_over(cw: Casework, clock: Clock) -> None:
    for number in range(LEAST):
        visited(cw, clock, f"A-{number}")
    read = facts(cw)
    again = {"receive": f"{NOVEMBER[0]:%Y-%m}-13T01:00:00+00:00"}
    anew = replace(read, cases=tuple(replace(one, last={**one.last, **again}) for one in read.cases))
    testing = next(phase for phase in indicators.phases(anew, NOVEMBER) if phase.name == "testing")
    assert testing.took == Figure(None, 0, Unit.MINUTES)


def test_a_promise_is_kept_on_its_last_day_and_broken_on_the_next(cw: Casework, clock: Clock) -> None:
    at(clock, 1)
    in_time, too_late = stories.applied(cw, "A-1"), stories.applied(cw, "A-2")
    stories.applied(cw, "A-3")
    at(clock, 4)
    cases.plan(cw, in_time.id, stories.plan_of("A-1"))
    assert kept(cw, "plan").kept == Figure(Decimal("100.0"), 1, Unit.PERCENT)  # the others are not due yet
    at(clock, 5)
    cases.plan(cw, too_late.id, stories.plan_of("A-2"))
    found = kept(cw, "plan")
    assert (found.promised, found.kept) == (3, Figure(Decimal("33.3"), 3, Unit.PERCENT))
    assert (found.typical.value, found.typical.n) == (Decimal("3.5"), 2)


def test_a_broken_promise_counts_in_the_month_after_its_last_day(cw: Casework, clock: Clock) -> None:
    at(clock, 28)
    stories.applied(cw)
    at(clock, 20, month=12)
    assert kept(cw, "plan", NOVEMBER).kept.n == 0
    assert kept(cw, "plan", DECEMBER).kept == Figure(Decimal("0.0"), 1, Unit.PERCENT)
    assert late(facts(cw), DECEMBER) == 2  # the appointment, too


def test_what_was_withdrawn_was_not_promised_any_more(cw: Casework, clock: Clock) -> None:
    at(clock, 1)
    cases.withdraw(cw, stories.applied(cw).id, CUSTOMER)
    at(clock, 25)
    assert kept(cw, "plan").kept.n == 0
    assert late(facts(cw), NOVEMBER) == 0


def test_the_visit_is_what_it_took_beside_the_test(cw: Casework, clock: Clock) -> None:
    visited(cw, clock, "A-1")
    found = kept(cw, "visit")
    assert (found.promised, found.typical.value, found.kept.value) == (45, Decimal("40.0"), Decimal("100.0"))


def test_answers_are_of_questions_and_of_requests(cw: Casework, clock: Clock) -> None:
    at(clock, 1)
    case = stories.applied(cw)
    first = questions.ask(cw, case.id, "when?", CUSTOMER)
    number = ask(cw, Kind.BILLING)
    at(clock, 2)
    questions.answer(cw, first.id, "soon", "P4")
    at(clock, 9)
    requests.answer(cw, number, "x", "P4")
    assert kept(cw, "answer").kept == Figure(Decimal("50.0"), 2, Unit.PERCENT)
    assert figure(cw, Indicator.QUESTIONS).value == 1


def test_certificates_are_unknown_where_the_bench_is_not_asked(cw: Casework, clock: Clock) -> None:
    visited(cw, clock, "A-1")
    assert kept(cw, "certificate").kept == Figure(None, None, Unit.PERCENT)
    read = facts(cw)

    def certificates(issued: Callable[..., str | None]) -> Figure:
        return next(one for one in promises_kept(read, NOVEMBER, issued) if one.name == "certificate").kept

    assert certificates(lambda _: "2026-11-17") == Figure(Decimal("100.0"), 1, Unit.PERCENT)
    at(clock, 25)
    read = facts(cw)
    assert certificates(lambda _: "2026-11-18").value == 0
    assert certificates(lambda _: None).value == 0

    def away(_: object) -> str | None:
        raise LookupError

    assert certificates(away).n is None


def test_expectation_and_experience_by_area_and_verifier(cw: Casework, clock: Clock) -> None:
    for number, trust in enumerate([(2, 8), (4, 8), (4, 10), (6, 8), (5, 10)]):
        visited(cw, clock, f"A-{number}", trust)
    everything = expectations.change(facts(cw), NOVEMBER)
    assert (everything.n, everything.trust_change.value) == (5, Decimal("5.0"))
    assert everything.wrong_change.value == Decimal("-6.0")
    [area] = expectations.by_area(facts(cw), NOVEMBER)
    [verifier] = expectations.by_verifier(facts(cw), NOVEMBER)
    assert (area.name, verifier.name, area.n) == ("A3", stories.VERIFIER, 5)
    assert figure(cw, Indicator.SATISFACTION) == Figure(Decimal("4.0"), 5, Unit.SCORE)
    assert expectations.change(facts(cw), DECEMBER).n == 0


def test_each_spelling_counts_for_the_area_that_is_meant_and_for_its_department(
    cw: Casework, clock: Clock
) -> None:
    for number in range(LEAST):
        visited(cw, clock, f"A-{number}", (2, 8))
    ask(cw, Kind.COMPLAINT)
    [before] = expectations.by_area(facts(cw), NOVEMBER)
    assert before.name == "A3"
    departments.keep(cw, "east", "东片", "East", stories.OFFICE)
    areas.keep(cw, "road", "人民路", "People's Road", "east", stories.OFFICE, ["a3", "Ａ1"])
    [after] = expectations.by_area(facts(cw), NOVEMBER)
    assert (after.name, after.n) == ("road", LEAST)
    own = facts(cw).of_team("east")
    assert (len(own.cases), len(own.requests)) == (LEAST, 1)
    assert len(facts(cw).of_team("metering").cases) == LEAST
    assert facts(cw).of_team("billing").cases == ()
    assert is_intact(cw, "C2026-0001"), "nothing was written anew"


def test_under_so_many_answers_nothing_is_said_of_anybody(cw: Casework, clock: Clock) -> None:
    for number in range(LEAST - 1):
        visited(cw, clock, f"A-{number}", (2, 8))
    [verifier] = expectations.by_verifier(facts(cw), NOVEMBER)
    assert (verifier.n, verifier.trust_change.value, verifier.wrong_before.value) == (LEAST - 1, None, None)
    assert figure(cw, Indicator.SATISFACTION) == Figure(None, LEAST - 1, Unit.SCORE)


def _with_error(cw: Casework, case: Case, errors: list[tuple[str, str]]) -> None:
    results = {
        str(key): {"item": "basic_error", "percentage_error_pct": error, "mpe_pct": mpe}
        for key, (error, mpe) in enumerate(errors)
    } | {"9": {"item": "no_load", "percentage_error_pct": None, "mpe_pct": None}}
    outcomes.keep(cw, case.id, case.run_ids[-1], {"meter": {"results": results}})


def test_errors_by_type_are_those_nearest_to_the_limit(cw: Casework, clock: Clock) -> None:
    for number in range(LEAST):
        case = visited(cw, clock, f"A-{number}")
        _with_error(cw, case, [(f"-0.{number}", "1.0"), ("0.05", "0.5" if number == 0 else "5")])
    [one] = meter_types.by_type(facts(cw), NOVEMBER)
    assert (one.name, one.n, one.verdicts) == ("DDS", 5, {"PASS": 5, "FAIL": 0, "INVALID": 0, "UNJUDGED": 0})
    assert one.errors is not None
    assert (one.errors.least, one.errors.middle, one.errors.most) == (
        Decimal("-0.4"),
        Decimal("-0.2"),
        Decimal("0.05"),
    )


def test_a_type_with_few_meters_goes_to_the_others_and_few_others_have_no_errors(
    cw: Casework, clock: Clock
) -> None:
    for number in range(LEAST):
        visited(cw, clock, f"A-{number}")
    case = visited(cw, clock, "B-1")
    with cw.writing() as database:
        database.execute(
            "UPDATE cases SET meter_kind = ? WHERE id = ?", (json.dumps({"meter_type": "RARE"}), case.id)
        )
    large, others = meter_types.by_type(facts(cw), NOVEMBER)
    assert (large.name, others.name, others.n) == ("DDS", meter_types.OTHER, 1)
    assert others.verdicts["PASS"] == 1
    assert others.errors is None
    assert meter_types.verdicts(facts(cw), NOVEMBER)["PASS"] == 6


def test_a_person_and_a_team_are_judged_by_what_they_had_in_hand(cw: Casework, clock: Clock) -> None:
    visited(cw, clock, "A-1")
    requests.ask(cw, Asked(Kind.COMPLAINT, "w", "n", "c", by="P4"))
    read = facts(cw)

    def complaints(narrowed: Facts) -> Decimal | None:
        return indicators.figure(narrowed, Indicator.COMPLAINTS, NOVEMBER).value

    assert complaints(read.of_person("P4")) == complaints(read.of_team("counter")) == 1
    assert complaints(read.of_person("P2")) == complaints(read.of_team("billing")) == 0
    assert len(read.of_person(stories.VERIFIER).cases) == len(read.of_team("metering").cases) == 1
    assert read.of_team("billing").cases == ()


def test_every_indicator_has_a_figure_of_nothing(cw: Casework) -> None:
    for found in indicators.figures(facts(cw), NOVEMBER).values():
        assert found.n == 0
