"""The shapes that a year puts on a household's use, day by day, and their means over rows of a series.

Beside the seasons these are the two long holidays of a Chinese year, when households travel or have guests: Spring
Festival moves between January and February, and a month with it is not like the same month a year before.

No temperature is known, only the day of the year, so what weather does is drawn as it is in a usual year on the
northern half: coldest on 20 January, warmest half a year later. A place without winter has no cold bump to find.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from calibration.household.days import day_text, days_of_week
from calibration.household.series import Series

DAYS_OF_A_YEAR = 365.2425
_COLDEST_DAY = 19
"""Since the first of January, of which the number 0 (1970-01-01) is one."""
HARMONICS = 3
HOLIDAYS = [2 * HARMONICS + 2, 2 * HARMONICS + 3]
"""Which of the columns of `usual` are those of the two holidays."""
_COLD_FROM, _WARM_FROM = 1 / 6, 0.5
"""Of the cosine of the year: from where on somebody heats or cools. With a yearly mean of 16 degrees C and 12 degrees
to each side these are 14 and 22 degrees as the mean of a day."""

_A_NEW_MOON = 10962.598
_LUNATION_DAYS = 29.530588861
"""Of the mean moon (Meeus, Astronomical Algorithms, 2nd ed., 49.1), in days since 1970-01-01: to within 14 hours."""
_BEIJING_DAYS = 8 / 24
_OF_FESTIVAL = range(-1, 7)
"""From the eve on, as the public holiday lasts."""

Floats: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


def _phase(days: Floats) -> Floats:
    return 2 * np.pi * (days - _COLDEST_DAY) / DAYS_OF_A_YEAR


def _day(year: int, rest: str) -> int:
    """Also of a year that no list may begin in, since its last row may reach into it."""
    return int(np.datetime64(f"{year}-{rest}", "D").astype(int))


def spring_festival(year: int) -> int:
    """The day number of the first day of the Chinese year, give or take one: the new moon from 21 January on."""
    earliest = _day(year, "01-21")
    moons = np.ceil((earliest - _BEIJING_DAYS - _A_NEW_MOON) / _LUNATION_DAYS)
    return int(np.floor(_A_NEW_MOON + moons * _LUNATION_DAYS + _BEIJING_DAYS))


def holidays(days: Floats) -> tuple[Floats, Floats]:
    """Which days are of Spring Festival, and which of the week from 1 October (1 or 0)."""
    first, last = (int(day_text(int(day))[:4]) for day in (days[0], days[-1]))
    festival = [spring_festival(year) + day for year in range(first, last + 1) for day in _OF_FESTIVAL]
    week = [_day(year, "10-01") + day for year in range(first, last + 1) for day in range(7)]
    return np.isin(days, festival).astype(float), np.isin(days, week).astype(float)


def usual(days: Floats, with_weekend: bool) -> Floats:
    """Columns of the logarithm of a usual day's use: level, harmonics of the year, what a year has more than the one
    before, the two holidays and, for daily rows, the weekend."""
    phase = _phase(days)
    columns = [np.ones(len(days))]
    for order in range(1, HARMONICS + 1):
        columns += [np.cos(order * phase), np.sin(order * phase)]
    columns.append((days - np.mean(days)) / DAYS_OF_A_YEAR)
    columns += holidays(days)
    if with_weekend:
        columns.append((days_of_week(days) >= 5).astype(float))
    return np.column_stack(columns)


def cold(days: Floats) -> Floats:
    """How much there is to heat, 0 to 1."""
    bump: Floats = np.clip(np.cos(_phase(days)) - _COLD_FROM, 0, None) / (1 - _COLD_FROM)
    return bump


def warm(days: Floats) -> Floats:
    """How much there is to cool, 0 to 1."""
    bump: Floats = np.clip(-np.cos(_phase(days)) - _WARM_FROM, 0, None) / (1 - _WARM_FROM)
    return bump


class RowMeans:
    """Means over each row of a series, of values that are given day by day (days along the first axis)."""

    def __init__(self, series: Series) -> None:
        self.days: Floats = np.arange(series.first, series.end)
        self._begin = np.array([row.first for row in series.rows]) - series.first
        self._length = np.array([row.days for row in series.rows])
        self._are_days = bool(np.all(self._length == 1))
        # Of each row its begin and its end, which is that of the days for the last one.
        self._edges = np.column_stack([self._begin, self._begin + self._length]).ravel()[:-1]

    def __call__(self, daily: Floats) -> Floats:
        if self._are_days:
            of_rows: Floats = daily[self._begin]
            return of_rows
        length = self._length.reshape(-1, *([1] * (daily.ndim - 1)))
        means: Floats = np.add.reduceat(daily, self._edges, axis=0)[::2] / length
        return means
