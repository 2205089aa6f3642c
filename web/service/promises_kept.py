"""Each figure of the published promise list against what happened.

One promised thing is one case, question or request to which the promise was made. It counts once: on the day on which
it was done, or on the day after its last day where it was not done by then. What is not due yet, and what was declined
or withdrawn before, counts nowhere. Days are those of the calendar here, and the last day of a promise is kept.

    plan         from the application to the first plan with an appointment
    appointment  from the application until the customer was received with the meter
    visit        min from receiving to the explanation of the same day, without the time of the tests
    answer       from a question in a case, or a request, to its first answer or its end with a reason
    explain      from the end of the last test to the explanation
    certificate  from the end of the last test to the certificate (the bench knows the day, see `Issued`)
    appeal       from an appeal to the test that answers it, or to the decline with its reason
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from web.dates import day_of, local_day
from web.service.facts import CaseFacts, Facts, seconds_from
from web.service.figures import Figure, Unit, middle, share, unknown
from web.service.months import Span

NAMES = ("plan", "appointment", "visit", "answer", "explain", "certificate", "appeal")
Issued = Callable[[CaseFacts], str | None]
"""The day on which a case's certificate was issued; None where none was. Errors: LookupError where nobody can say."""
_MIN_S = 60


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise: what was promised (days, or min for the visit), how often it was kept, how long it took."""

    name: str
    promised: int
    kept: Figure
    typical: Figure


@dataclass(frozen=True, slots=True)
class _Thing:
    """took: days, or min; None where it was not done by its last day and is not done yet."""

    on: date
    is_kept: bool
    took: float | None


def promises_kept(facts: Facts, span: Span, issued: Issued | None = None) -> list[Kept]:
    """In the order of the list. issued: None where the bench is not asked; that promise is then unknown."""
    return [_kept(facts, span, name, issued) for name in NAMES]


def late(facts: Facts, span: Span) -> int:
    """How many promised things were not kept in that time, certificates aside."""
    return sum(not is_kept for is_kept in _all(facts, span))


def all_kept(facts: Facts, span: Span) -> Figure:
    """All promises together, certificates aside."""
    return share(_all(facts, span))


def _all(facts: Facts, span: Span) -> list[bool]:
    """Of each promised thing but certificates, whether it was kept."""
    return [
        thing.is_kept
        for name in NAMES
        if name != "certificate"
        for thing in _counted(facts, span, name, None)
    ]


def promised_of(facts: Facts, name: str) -> int:
    return int(getattr(facts.promises, "visit_min" if name == "visit" else f"{name}_days"))


def _kept(facts: Facts, span: Span, name: str, issued: Issued | None) -> Kept:
    promised, unit = promised_of(facts, name), Unit.MINUTES if name == "visit" else Unit.DAYS
    nobody_knows = Kept(name, promised, unknown(Unit.PERCENT), unknown(unit))
    if name == "certificate" and issued is None:
        return nobody_knows
    try:
        counted = _counted(facts, span, name, issued)
    except LookupError:
        return nobody_knows
    took = [thing.took for thing in counted if thing.took is not None]
    return Kept(name, promised, share([thing.is_kept for thing in counted]), middle(took, unit, least=1))


def _counted(facts: Facts, span: Span, name: str, issued: Issued | None) -> list[_Thing]:
    return [thing for thing in _things(facts, name, issued) if span[0] <= thing.on <= span[1]]


def _things(facts: Facts, name: str, issued: Issued | None) -> Iterator[_Thing]:
    if name == "visit":
        yield from _visits(facts)
        return
    today, days = local_day(facts.now), promised_of(facts, name)
    for since, done in _PAIRS[name](facts) if name != "certificate" else _certificates(facts, issued):
        began, last = day_of(since), day_of(since) + timedelta(days=days)
        ended = None if done is None else day_of(done)
        if ended is not None and ended <= last:
            yield _Thing(ended, True, (ended - began).days)
        elif today > last:
            yield _Thing(last + timedelta(days=1), False, None if ended is None else (ended - began).days)


Pairs = Iterator[tuple[str, str | None]]
"""From when on, and when it was done; None where it is not yet."""


def _is_over(case: CaseFacts, done: str | None) -> bool:
    """Declined or withdrawn, with nothing more to be done."""
    return done is None and case.state in ("declined", "withdrawn")


def _plans(facts: Facts) -> Pairs:
    for case in facts.cases:
        done = case.first.get("plan")
        if not _is_over(case, done):
            yield case.applied_on, done


def _appointments(facts: Facts) -> Pairs:
    for case in facts.cases:
        done = case.first.get("receive")
        if not _is_over(case, done):
            yield case.applied_on, done


def _answers(facts: Facts) -> Pairs:
    for case in facts.cases:
        yield from case.questions
    for request in facts.requests:
        if request.kind != "appeal":
            yield request.asked_at, request.answered_first


def _explanations(facts: Facts) -> Pairs:
    """A case that went on without one (closed with a reason, or an appeal) was done by that."""
    for case in facts.cases:
        if (tested := case.last.get("end_test")) is not None:
            yield tested, case.first.get("explain") or case.first.get("close") or case.first.get("retest")


def _appeals(facts: Facts) -> Pairs:
    for case in facts.cases:
        if case.is_retest:
            done = case.first.get("end_test") or case.first.get("decline")
            if not _is_over(case, done):
                yield case.applied_on, done
    for request in facts.requests:
        if request.kind == "appeal":
            yield request.asked_at, request.answered_first


def _certificates(facts: Facts, issued: Issued | None) -> Pairs:
    """Of cases with a verdict: an INVALID run gets none."""
    for case in facts.cases:
        tested = case.last.get("end_test")
        if issued is not None and tested is not None and case.outcome in ("PASS", "FAIL"):
            yield tested, issued(case)


def _visits(facts: Facts) -> Iterator[_Thing]:
    for case in facts.cases:
        received, explained = case.last.get("receive"), case.first.get("explain")
        if received is None or explained is None or day_of(received) != day_of(explained):
            continue
        took_min = (seconds_from(received, explained) - case.tests_s) / _MIN_S
        yield _Thing(day_of(explained), took_min <= facts.promises.visit_min, took_min)


_PAIRS: dict[str, Callable[[Facts], Pairs]] = {
    "plan": _plans,
    "appointment": _appointments,
    "answer": _answers,
    "explain": _explanations,
    "appeal": _appeals,
}
