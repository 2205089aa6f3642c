"""The whole play: thirteen months and what there is of this one, in one transaction of a new file of cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from bench.errors import OperatorError
from web.casework.case_rows import all_cases
from web.casework.model import Case, CaseState
from web.casework.store import Casework
from web.demonstration import asked, cases, knowing, meters, steering
from web.demonstration.stage import Stage, here
from web.demonstration.world import World, any_hour, in_turn, worked, worked_before
from web.service.model import Kind
from web.service.months import Month, month_at

_MONTHS = 13
_CASES = (3, 3, 4, 4, 4, 3, 5, 4, 5, 5, 6, 12, 22)
"""Applications of each month that is over, the oldest first: the last one is full enough for every table."""
_CASES_NOW = 20
"""Of this month, as far as it has come."""
_REQUESTS = (4, 4, 5, 5, 5, 4, 6, 5, 6, 6, 8, 12, 24)
_REQUESTS_NOW = 22
_DAYS = 24
"""Of a month, in which its applications come."""

_F, _R = cases.Fate, asked.Fate
_FATES = (
    _F.PLAIN, _F.PLAIN, _F.APPEALED, _F.PLAIN, _F.LONG, _F.PLAIN, _F.DECLINED, _F.PLAIN, _F.PLAIN, _F.PLANNED_LATE,
    _F.PLAIN, _F.INVALID, _F.PLAIN, _F.PLAIN, _F.WITHDRAWN, _F.PLAIN, _F.SILENT, _F.PLAIN, _F.EXPLAINED_LATE, _F.PLAIN,
    _F.HANDED_OVER, _F.PLAIN, _F.TESTED_LATE, _F.PLAIN, _F.POSTPONED, _F.PLAIN, _F.PLAIN, _F.LONG, _F.PLAIN, _F.PLAIN,
    _F.PLAIN, _F.APPEALED, _F.PLAIN, _F.PLANNED_LATE, _F.PLAIN, _F.PLAIN, _F.UNJUDGED,
)  # fmt: skip
_KINDS = (
    Kind.BILLING, Kind.VERIFICATION, Kind.READING, Kind.BILLING, Kind.COMPLAINT, Kind.VERIFICATION, Kind.SUPPLY,
    Kind.OTHER, Kind.BILLING, Kind.READING, Kind.VERIFICATION, Kind.BILLING, Kind.SUPPLY, Kind.COMPLAINT,
    Kind.VERIFICATION, Kind.OTHER, Kind.APPEAL,
)  # fmt: skip
_REQUEST_FATES = (
    _R.SETTLED, _R.SETTLED, _R.HANDED_ON, _R.SETTLED, _R.SETTLED, _R.LATE, _R.SETTLED, _R.TWICE, _R.SETTLED,
    _R.SENT_BACK, _R.SETTLED, _R.UNREACHED, _R.SETTLED,
)  # fmt: skip
_WAITING = (
    (Kind.BILLING, _R.NOBODY_TAKES_IT, 0), (Kind.READING, _R.IN_HAND, 1), (Kind.COMPLAINT, _R.IN_HAND, 6),
    (Kind.SUPPLY, _R.NOBODY_TAKES_IT, 4), (Kind.BILLING, _R.OFFERED, 3), (Kind.OTHER, _R.ANSWERED, 4),
)  # fmt: skip
"""Requests that wait at the end, and how many days ago they came."""
_TYPES = (0, 1, 0, 2, 0, 1, 2, 0, 1)


def fill(path: Path, now: str, seed: int = 1, promises: Path | None = None) -> list[Case]:
    """Returns the cases that are planned, whose persons the bench is to know.

    now: the end of the play, ISO 8601. The same seed and the same end make the same play; salts and tokens are new
    each time. Errors: OperatorError where the file has cases already, or cannot be written.
    """
    end = datetime.fromisoformat(now)
    this_month = month_at(now)
    months = _months(this_month)
    stage = Stage(here(months[0].first, 7), end)
    cw = Casework(path, stage, promises)
    try:
        if all_cases(cw):
            raise OperatorError(f"{path} has cases already; the demonstration is for a new folder")
        with (
            cw.writing()
        ):  # one transaction, since nobody else looks: each of its own would wait for the disk
            _play(World(cw, stage, seed), months)
        return [one for one in all_cases(cw) if one.state is CaseState.PLANNED]
    finally:
        cw.close()


def _play(world: World, months: Sequence[Month]) -> None:
    stage, days = world.stage, [month.first for month in months]
    knowing.begin(world)
    steering.begin(world)
    for a_case in _all_cases(world, days):
        stage.enter(cases.a_case(world, a_case))
    for a_request in _all_requests(world, days):
        stage.enter(asked.a_request(world, a_request))
    for story in (
        knowing.the_periods(world, days[0]),
        knowing.asked_again(world, days),
        knowing.new_answers(world, days),
        knowing.still_open(world),
        knowing.self_checks_at_home(world),
        steering.the_measures(world, months),
        steering.thanks(world),
        steering.asked_of_makers(world),
    ):
        stage.enter(story)
    stage.play()


def _all_cases(world: World, months: Sequence[date]) -> Iterator[cases.Asked]:
    dice = world.dice("applications")
    numbers = itertools.count()
    for first, count in zip(months, (*_CASES, _CASES_NOW), strict=True):
        for day in _spread(first, count):
            number = next(numbers)
            kind = meters.TYPES[in_turn(_TYPES, number)]
            yield cases.Asked(number, any_hour(day, dice), in_turn(_FATES, number), kind)
    yield from _now_in_hand(world, numbers)


def _now_in_hand(world: World, numbers: Iterator[int]) -> Iterator[cases.Asked]:
    """What waits for somebody at the end: a plan (one of them overdue), a visit of each verifier, an explanation."""
    dice, today = world.dice("in hand"), world.stage.end.astimezone().date()
    before = worked_before(today)
    for days, fate, visit_on in (
        (6, _F.FORGOTTEN, None),
        (10, _F.UNEXPLAINED, before),
        (5, _F.PLAIN, worked(today)),
        (4, _F.PLAIN, worked(today + timedelta(days=1))),
        (0, _F.FORGOTTEN, None),
    ):
        at = (
            world.stage.end - timedelta(hours=2)
            if days == 0
            else any_hour(today - timedelta(days=days), dice)
        )
        yield cases.Asked(next(numbers), at, fate, meters.TYPES[0], visit_on)


def _all_requests(world: World, months: Sequence[date]) -> Iterator[asked.Coming]:
    dice = world.dice("requests")
    numbers = itertools.count()
    for first, count in zip(months, (*_REQUESTS, _REQUESTS_NOW), strict=True):
        for day in _spread(first, count):
            number = next(numbers)
            kind = in_turn(_KINDS, number)
            yield asked.Coming(number, any_hour(day, dice), kind, _fate_of(number, kind))
    today = world.stage.end.astimezone().date()
    for kind, waits, days in _WAITING:
        at = (
            world.stage.end - timedelta(hours=3)
            if days == 0
            else any_hour(today - timedelta(days=days), dice)
        )
        yield asked.Coming(next(numbers), at, kind, waits)


def _fate_of(number: int, kind: Kind) -> asked.Fate:
    """A doubt of the meter leads to a case now and then; a bill or something else is outside of the promises."""
    if kind is Kind.VERIFICATION and number % 4 == 1:
        return _R.LED_TO_A_CASE
    if kind in (Kind.BILLING, Kind.OTHER) and number % 7 == 0:
        return _R.OUTSIDE
    return in_turn(_REQUEST_FATES, number)


def _spread(first: date, count: int) -> Iterable[date]:
    return (first + timedelta(days=number * _DAYS // count) for number in range(count))


def _months(last: Month) -> list[Month]:
    """The last one and so many before it, the oldest first."""
    months = [last]
    for _ in range(_MONTHS):
        months.append(months[-1].before)
    return months[::-1]
