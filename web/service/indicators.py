"""The figures of a month, each with its definition. Computed from the rows whenever somebody looks; never stored.

A month is the days of this place (months.py). What counts, and on which day:

settled_without   doubts settled without a verification, the sum of these two:
                  requests of every kind but `appeal` and `supply` that the customer called settled and that led to no
                  case, on the day of the customer's word (settled_requests); and readers of the handbook who said that
                  an answer settled their doubt, on that day (readers_said)
quiet_self_checks self-checks that found nothing against the meter and belong to no case, so that nothing more was
                  heard; on the day of the check. Beside the sum and not in it, since silence is no answer. They are
                  deleted after `self_checks.KEPT_DAYS` days: of a time that began earlier the number is not known
applications      applications for a verification, retests aside; on the day of the application
complaints        requests of the kind `complaint`; on the day on which they came in
appeals           retests and requests of the kind `appeal`; on the day on which they came in
promises_kept     of all promised things of the month, how many per cent were kept (promises_kept.py)
late              promised things of the month that were not kept
days_to_result    median of days from the application to the end of the last test; on that day
satisfaction      median of the scores of the month, 1 to 5; on the day of the answer
trust_change      median of trust after minus before (expectations.py)
questions         questions in cases; on the day on which they were asked
answer_hours      median of hours from such a question to its answer; on the day of the answer

Medians of fewer than `figures.LEAST` are not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from web.casework.self_checks import KEPT_DAYS
from web.dates import day_of, local_day
from web.service.expectations import change
from web.service.facts import CaseFacts, Facts, seconds_from
from web.service.figures import Figure, Unit, count, middle, unknown
from web.service.months import Span, within
from web.service.promises_kept import all_kept, late

_HOUR_S = 3600


class Indicator(StrEnum):
    """Those that a measure is to move and a target is set for."""

    SETTLED_WITHOUT = "settled_without"
    APPLICATIONS = "applications"
    COMPLAINTS = "complaints"
    APPEALS = "appeals"
    PROMISES_KEPT = "promises_kept"
    LATE = "late"
    DAYS_TO_RESULT = "days_to_result"
    SATISFACTION = "satisfaction"
    TRUST_CHANGE = "trust_change"
    QUESTIONS = "questions"
    ANSWER_HOURS = "answer_hours"


def figure(facts: Facts, indicator: Indicator, span: Span) -> Figure:
    return _HOW[indicator](facts, span)


def figures(facts: Facts, span: Span) -> dict[Indicator, Figure]:
    return {indicator: figure(facts, indicator, span) for indicator in Indicator}


def settled_without(facts: Facts, span: Span) -> Figure:
    return count(settled_requests(facts, span) + readers_said(facts, span)[0])


def readers_said(facts: Facts, span: Span) -> tuple[int, int]:
    """How many readers of the handbook said that an answer settled their doubt, and that it did not."""
    is_in = within(span)
    said = [one for one in facts.readers if is_in(one.day)]
    yes = sum(one.count for one in said if one.settled)
    return yes, sum(one.count for one in said) - yes


def asked_for_handbook(facts: Facts, span: Span) -> Figure:
    """What was asked of the handbook, on the day of the asking; with what the tablet passed on from a case."""
    is_in = within(span)
    return count(sum(is_in(at) for at in facts.askings))


def settled_requests(facts: Facts, span: Span) -> int:
    is_in = within(span)
    return sum(
        one.settled and one.kind not in ("appeal", "supply") and is_in(one.closed_at)
        for one in facts.requests
    )


def quiet_self_checks(facts: Facts, span: Span) -> Figure:
    """Those after which nothing was heard; unknown where some of the time is longer ago than they are kept."""
    if span[0] < local_day(facts.now) - timedelta(days=KEPT_DAYS - 1):
        return unknown(Unit.COUNT)
    is_in = within(span)
    return count(
        sum(
            one.outcome == "consistent" and one.case_id is None and is_in(one.kept_at) for one in facts.checks
        )
    )


@dataclass(frozen=True, slots=True)
class Phase:
    """name: of `phase.`. took: the median of those that ended in the time."""

    name: str
    took: Figure


def phases(facts: Facts, span: Span) -> list[Phase]:
    """How long each phase of a case took, where it ended in the time.

    planning: application to plan; waiting: plan to receiving; testing: receiving to the end of the last test (min);
    explaining: from there to the explanation; closing: from there to the close; whole: application to close. Days
    of the calendar but for testing.
    """
    made = {
        "planning": (lambda c: c.applied_on, lambda c: c.first.get("plan")),
        "waiting": (lambda c: c.first.get("plan"), lambda c: c.first.get("receive")),
        "testing": (lambda c: c.last.get("receive"), lambda c: c.last.get("end_test")),
        "explaining": (lambda c: c.last.get("end_test"), lambda c: c.first.get("explain")),
        "closing": (lambda c: c.first.get("explain"), lambda c: c.last.get("close")),
        "whole": (lambda c: c.applied_on, lambda c: c.last.get("close")),
    }
    return [
        Phase(name, _took(facts, span, since, until, Unit.MINUTES if name == "testing" else Unit.DAYS))
        for name, (since, until) in made.items()
    ]


_At = Callable[[CaseFacts], "str | None"]


def _took(facts: Facts, span: Span, since: _At, until: _At, unit: Unit) -> Figure:
    is_in = within(span)

    def took() -> Iterator[float]:
        for case in facts.cases:
            began, ended = since(case), until(case)
            # What was done anew has begun after its last end, and is not over.
            if began is not None and ended is not None and began <= ended and is_in(ended):
                if unit is Unit.MINUTES:
                    yield seconds_from(began, ended) / 60
                else:
                    yield (day_of(ended) - day_of(began)).days

    return middle(took(), unit)


def _applications(facts: Facts, span: Span) -> Figure:
    is_in = within(span)
    return count(sum(not case.is_retest and is_in(case.applied_on) for case in facts.cases))


def _appeals(facts: Facts, span: Span) -> Figure:
    is_in = within(span)
    retests = sum(case.is_retest and is_in(case.applied_on) for case in facts.cases)
    return count(retests + sum(one.kind == "appeal" and is_in(one.asked_at) for one in facts.requests))


def _complaints(facts: Facts, span: Span) -> Figure:
    is_in = within(span)
    return count(sum(one.kind == "complaint" and is_in(one.asked_at) for one in facts.requests))


def _satisfaction(facts: Facts, span: Span) -> Figure:
    is_in = within(span)
    scores = [case.score for case in facts.cases if case.score is not None and is_in(case.scored_at)]
    return middle(scores, Unit.SCORE)


def _questions(facts: Facts, span: Span) -> Figure:
    is_in = within(span)
    return count(sum(is_in(asked) for case in facts.cases for asked, _ in case.questions))


def _answer_hours(facts: Facts, span: Span) -> Figure:
    is_in = within(span)
    waited = [
        seconds_from(asked, answered) / _HOUR_S
        for case in facts.cases
        for asked, answered in case.questions
        if answered is not None and is_in(answered)
    ]
    return middle(waited, Unit.HOURS)


_HOW: dict[Indicator, Callable[[Facts, Span], Figure]] = {
    Indicator.SETTLED_WITHOUT: settled_without,
    Indicator.APPLICATIONS: _applications,
    Indicator.COMPLAINTS: _complaints,
    Indicator.APPEALS: _appeals,
    Indicator.PROMISES_KEPT: all_kept,
    Indicator.LATE: lambda facts, span: count(late(facts, span)),
    Indicator.DAYS_TO_RESULT: lambda facts, span: _took(
        facts, span, lambda c: c.applied_on, lambda c: c.last.get("end_test"), Unit.DAYS
    ),
    Indicator.SATISFACTION: _satisfaction,
    Indicator.TRUST_CHANGE: lambda facts, span: change(facts, span).trust_change,
    Indicator.QUESTIONS: _questions,
    Indicator.ANSWER_HOURS: _answer_hours,
}
