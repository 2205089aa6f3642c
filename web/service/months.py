"""A month by the days of this place: "2026-11" is from its first midnight here to the next month's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from web.casework.refused import Refused
from web.dates import day_of, local_day

_WRITTEN = re.compile(r"(20[0-9][0-9])-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """first: its first day."""

    first: date

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def next(self) -> Month:
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def before(self) -> Month:
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)


Span = tuple[date, date]
"""From the first day to the last, both within."""
IsIn = Callable[[str | None], bool]


def month_of(written: str) -> Month:
    """Errors: Refused no_such_month."""
    if not _WRITTEN.fullmatch(written):
        raise Refused("no_such_month", written=written[:20])
    return Month(date.fromisoformat(f"{written}-01"))


def month_at(now: str) -> Month:
    return Month(local_day(now).replace(day=1))


def year_to(now: str) -> Span:
    """The last twelve months up to today: 365 days."""
    today = local_day(now)
    return today - timedelta(days=364), today


def within(span: Span) -> IsIn:
    """Whether something happened in it; what did not happen did not."""

    def is_in(at: str | None) -> bool:
        return at is not None and span[0] <= day_of(at) <= span[1]

    return is_in


def span_of(month: Month) -> Span:
    return month.first, month.last
